// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "net/connect.h"
#include "net/trust_roots.h"

namespace muster {

/// How a TLS handshake went.
struct Handshake {
  bool ok = false;
  /// Protocol, cipher and the certificate's end; or why it failed, with the certificate's SHA-256
  /// fingerprint when it was the certificate. May quote what the server sent: escape it to show it.
  std::string detail;
};

/// Does the client's side of a handshake on the connected non-blocking `socket`: TLS 1.2 or newer,
/// a chain that ends in `roots`, a certificate for `host` (a name or a numeric address). A failure
/// is a value. Sends no data; the socket is of no further use.
Handshake tls_handshake(int socket, const std::string& host, const TrustRoots& roots,
                        Deadline deadline);

}  // namespace muster
