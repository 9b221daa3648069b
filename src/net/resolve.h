// SPDX-License-Identifier: Apache-2.0
#pragma once

// Host names to addresses through getaddrinfo(3). Blocks for as long as resolv.conf(5) lets the
// name servers take; safe from any thread.

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace muster {

/// Where a TCP socket can connect to: an IPv4 or IPv6 address and a port.
class Address {
 public:
  /// Copies the `length` bytes of a sockaddr_in or sockaddr_in6.
  Address(const sockaddr* address, socklen_t length);

  const sockaddr* data() const;
  socklen_t size() const { return length_; }
  int family() const { return storage_.ss_family; }
  /// `127.0.0.1:443`, `[::1]:443`.
  std::string text() const;

 private:
  sockaddr_storage storage_{};
  socklen_t length_ = 0;
};

/// The addresses of `host`, in the order they should be tried; at least one. Numeric addresses and
/// `localhost` (RFC 6761: 127.0.0.1 and ::1, names below it too) need no file on the machine, and
/// names below `.invalid` fail without asking anybody. Throws Error(kUnavailable) that names the
/// host and what to try.
std::vector<Address> resolve(const std::string& host, std::uint16_t port);

/// The fault for a getaddrinfo(3) result `code`; `error_number` is errno and matters for
/// EAI_SYSTEM.
Error resolver_error(int code, int error_number, const std::string& host);

}  // namespace muster
