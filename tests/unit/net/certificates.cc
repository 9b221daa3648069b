// SPDX-License-Identifier: Apache-2.0
#include "certificates.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace muster::test {
namespace {

void must(bool worked, const char* what) {
  if (!worked) throw std::runtime_error(what);
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  must(extension != nullptr, "making an extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

std::string Identity::pem() const {
  const std::unique_ptr<BIO, decltype(&BIO_free)> buffer(BIO_new(BIO_s_mem()), BIO_free);
  must(PEM_write_bio_X509(buffer.get(), certificate.get()) == 1, "writing PEM");
  char* data = nullptr;
  const long length = BIO_get_mem_data(buffer.get(), &data);
  return std::string(data, static_cast<std::size_t>(length));
}

std::string Identity::fingerprint() const {
  std::array<unsigned char, 32> digest{};
  must(X509_digest(certificate.get(), EVP_sha256(), digest.data(), nullptr) == 1, "hashing");
  std::string text;
  for (const unsigned char byte : digest) {
    char digits[4];
    std::snprintf(digits, sizeof digits, "%02X:", byte);
    text += digits;
  }
  text.pop_back();
  return text;
}

Identity make_identity(const Wanted& wanted) {
  static long serial = 0;
  Identity made;
  made.key.reset(EVP_EC_gen("P-256"));
  made.certificate.reset(X509_new());
  X509* certificate = made.certificate.get();
  must(made.key && certificate != nullptr, "making a key");
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), wanted.starts);
  X509_gmtime_adj(X509_getm_notAfter(certificate), wanted.ends);
  X509_set_pubkey(certificate, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wanted.name.c_str()), -1, -1,
                             0);
  const Identity& issuer = wanted.issuer == nullptr ? made : *wanted.issuer;
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer.certificate.get()));
  if (wanted.alternatives.empty()) {
    add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
  } else {
    add_extension(certificate, NID_subject_alt_name, wanted.alternatives);
  }
  must(X509_sign(certificate, issuer.key.get(), EVP_sha256()) > 0, "signing");
  return made;
}

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = std::filesystem::temp_directory_path() / "muster-net-XXXXXX";
  must(mkdtemp(pattern.data()) != nullptr, "making a temporary directory");
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryDirectory::write(const std::string& name, const std::string& text) const {
  const std::filesystem::path path = path_ / name;
  std::ofstream file(path);
  file << text;
  file.close();
  must(file.good(), "writing a file");
  return path;
}

}  // namespace muster::test
