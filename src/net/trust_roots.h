// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whom TLS trusts. A static binary has no certificates of its own, so they are found on the machine
// or named by the user.

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "base/getenv.h"

struct x509_store_st;  // OpenSSL's X509_STORE; its headers stay in the .cc files

namespace muster {

/// Gives a certificate store back to OpenSSL.
struct StoreDeleter {
  void operator()(x509_store_st* store) const;
};

/// The certificates a server's chain must end in.
struct TrustRoots {
  std::unique_ptr<x509_store_st, StoreDeleter> store;
  std::string path;              ///< the file or directories they were read from
  std::size_t certificates = 0;  ///< how many there are; at least one
};

/// The files where Linux distributions keep their roots, in the order they are tried.
std::span<const std::string> well_known_root_files();

/// Reads the roots from the first place that is named: `ca_file` (the value of --ca; empty when not
/// given), the file SSL_CERT_FILE, the directories SSL_CERT_DIR (separated by ':'); when none of
/// them is, from the first of `well_known` that can be used. A place the user named is the only one
/// tried: trust never falls back silently. Throws Error(kUnavailable) naming every place tried, why
/// it could not be used, and the remedy.
TrustRoots load_trust_roots(const std::string& ca_file, const Getenv& getenv,
                            std::span<const std::string> well_known = well_known_root_files());

}  // namespace muster
