// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whether a server can be reached, and if not, at which step it ends and why: what `muster doctor`
// shows. Blocks up to its deadline; safe from any thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/duration.h"
#include "net/connect.h"
#include "net/trust_roots.h"

namespace muster {

/// A server as a user names it.
struct ProbeTarget {
  std::string host;  ///< a name or a numeric address, without brackets
  std::uint16_t port = 443;
  bool tls = true;
  bool operator==(const ProbeTarget&) const = default;
};

/// Reads `https://host:port/path`, `http://...`, `host:port` or `host`; IPv6 addresses stand in
/// brackets when a port follows. Without a scheme it is TLS, without a port 443 (http: 80). The
/// path is ignored. Throws Error(kInvalidArgument), also on a user or password in the URL.
ProbeTarget parse_target(std::string_view text);

/// One step of a probe.
struct ProbeStep {
  std::string name;  ///< "resolve", "connect" or "tls"
  bool ok = false;
  std::string detail;  ///< what was found, or why it failed; may quote what the server sent
  Duration elapsed{};
};

/// Resolves the host, connects to the first of its addresses that answers, and does a TLS handshake
/// when the target wants one. The last step is the first that failed; a failure is a value. The
/// deadline holds for all but a slow name server (see resolve.h). `roots` may be null: then a TLS
/// step fails and says so.
std::vector<ProbeStep> probe(const ProbeTarget& target, const TrustRoots* roots, Deadline deadline);

}  // namespace muster
