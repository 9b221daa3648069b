// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "certificates.h"
#include "net/connect.h"
#include "net/resolve.h"

namespace muster::test {

/// A listening socket on 127.0.0.1 and a port of its own, nobody accepting.
struct Listener {
  UniqueFd socket;
  std::uint16_t port = 0;

  Address address() const { return resolve("127.0.0.1", port).at(0); }
};

Listener listen_on_loopback(int backlog = 8);

/// An address on 127.0.0.1 that answers nobody: its backlog is full, and Linux drops the SYNs of
/// further connections (tcp(7), tcp_abort_on_overflow).
class SilentListener {
 public:
  SilentListener();

  std::uint16_t port() const { return listener_.port; }
  Address address() const { return listener_.address(); }

 private:
  Listener listener_;
  std::vector<Connection> fill_;
};

/// Serves one connection after the other on a thread of its own until its end, which is bounded
/// because no connection is served for longer than ten seconds.
class TestServer {
 public:
  /// `serve` is called with each accepted, blocking socket, which is closed after it.
  explicit TestServer(std::function<void(int)> serve);
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  ~TestServer();

  std::uint16_t port() const { return listener_.port; }

 private:
  void run();

  Listener listener_;
  std::function<void(int)> serve_;
  std::thread thread_;
};

/// What a TestServer serves: a TLS handshake as `identity`, up to the version `newest` (0: any).
std::function<void(int)> tls_as(const Identity& identity, int newest = 0);

}  // namespace muster::test
