// SPDX-License-Identifier: Apache-2.0
#include "net/trust_roots.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <new>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace muster {
namespace {

using Store = std::unique_ptr<X509_STORE, StoreDeleter>;

constexpr std::string_view kRemedy =
    "name a PEM file of trusted certificates with --ca FILE or SSL_CERT_FILE, or install the "
    "package ca-certificates";

Store new_store() {
  Store store(X509_STORE_new());
  if (!store) throw std::bad_alloc();
  return store;
}

/// Certificates alone: revocation lists in the same file do not count, doubles count once.
std::size_t count_certificates(X509_STORE* store) {
  const STACK_OF(X509_OBJECT)* objects = X509_STORE_get0_objects(store);
  std::size_t count = 0;
  for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
    if (X509_OBJECT_get_type(sk_X509_OBJECT_value(objects, i)) == X509_LU_X509) ++count;
  }
  return count;
}

/// The words of OpenSSL's oldest error; leaves its queue empty.
std::string take_openssl_reason() {
  const char* reason = ERR_reason_error_string(ERR_get_error());
  ERR_clear_error();
  return reason == nullptr ? "unknown reason" : reason;
}

/// Why a place could not be used; nothing when `roots` were filled from it.
using Refusal = std::optional<std::string>;

Refusal load_file(const std::string& path, TrustRoots& roots) {
  if (access(path.c_str(), R_OK) != 0) return concat(path, " (", errno_words(errno), ')');
  Store store = new_store();
  if (X509_STORE_load_file(store.get(), path.c_str()) != 1) {
    return concat(path, " (", take_openssl_reason(), ')');
  }
  const std::size_t certificates = count_certificates(store.get());
  if (certificates == 0) return concat(path, " (no certificate in it)");
  roots = {std::move(store), path, certificates};
  return std::nullopt;
}

/// Takes every certificate of every file; files that hold none are none of ours and are skipped.
Refusal load_directories(const std::string& paths, TrustRoots& roots) {
  Store store = new_store();
  for (const std::string_view path : split(paths, ':')) {
    std::error_code problem;
    std::filesystem::directory_iterator entries(path, problem);
    if (problem) return concat(path, " (", problem.message(), ')');
    for (const auto& entry : entries) {
      if (!entry.is_regular_file(problem)) continue;
      X509_STORE_load_file(store.get(), entry.path().c_str());
      ERR_clear_error();
    }
  }
  const std::size_t certificates = count_certificates(store.get());
  if (certificates == 0) return concat(paths, " (no certificate in it)");
  roots = {std::move(store), paths, certificates};
  return std::nullopt;
}

std::string environment(const Getenv& getenv, const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

/// The roots of a place the user named as `source`, or the fault.
TrustRoots named(std::string_view source, const Refusal& refusal, TrustRoots roots) {
  if (!refusal) return roots;
  throw Error(ErrorCode::kUnavailable, concat("no TLS roots: ", source, " names ", *refusal),
              std::string(kRemedy));
}

}  // namespace

void StoreDeleter::operator()(x509_store_st* store) const { X509_STORE_free(store); }

std::span<const std::string> well_known_root_files() {
  static const std::array<std::string, 4> files = {
      "/etc/ssl/certs/ca-certificates.crt",  // Debian, Ubuntu, Arch, Gentoo
      "/etc/pki/tls/certs/ca-bundle.crt",    // Fedora, RHEL
      "/etc/ssl/cert.pem",                   // Alpine
      "/etc/ssl/ca-bundle.pem",              // openSUSE
  };
  return files;
}

TrustRoots load_trust_roots(const std::string& ca_file, const Getenv& getenv,
                            std::span<const std::string> well_known) {
  TrustRoots roots;
  Refusal refusal;
  if (!ca_file.empty()) {
    refusal = load_file(ca_file, roots);
    return named("--ca", refusal, std::move(roots));
  }
  if (const std::string file = environment(getenv, "SSL_CERT_FILE"); !file.empty()) {
    refusal = load_file(file, roots);
    return named("SSL_CERT_FILE", refusal, std::move(roots));
  }
  if (const std::string paths = environment(getenv, "SSL_CERT_DIR"); !paths.empty()) {
    refusal = load_directories(paths, roots);
    return named("SSL_CERT_DIR", refusal, std::move(roots));
  }
  std::vector<std::string> refusals;
  for (const std::string& file : well_known) {
    refusal = load_file(file, roots);
    if (!refusal) return roots;
    refusals.push_back(*refusal);
  }
  throw Error(ErrorCode::kUnavailable, concat("no TLS roots: tried ", join(refusals, ", ")),
              std::string(kRemedy));
}

}  // namespace muster
