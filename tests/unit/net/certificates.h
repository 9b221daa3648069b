// SPDX-License-Identifier: Apache-2.0
#pragma once

// Keys and certificates made in memory, and a directory for what must be a file. Tests only.

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <string>

namespace muster::test {

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct CertificateDeleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
};

/// A certificate with its private key.
struct Identity {
  std::unique_ptr<EVP_PKEY, KeyDeleter> key;
  std::unique_ptr<X509, CertificateDeleter> certificate;

  std::string pem() const;
  /// `AB:CD:...` of SHA-256.
  std::string fingerprint() const;
};

/// What a certificate should say.
struct Wanted {
  std::string name;                  ///< the common name
  std::string alternatives = {};     ///< "DNS:localhost,IP:127.0.0.1"; empty for an authority
  long starts = -3600;               ///< seconds from now
  long ends = 3600;                  ///< seconds from now
  const Identity* issuer = nullptr;  ///< null: it signs itself
};

Identity make_identity(const Wanted& wanted);

/// A directory below the system's temporary one, removed with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();

  std::string path() const { return path_; }
  /// Writes a file of that name and returns its path.
  std::string write(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

}  // namespace muster::test
