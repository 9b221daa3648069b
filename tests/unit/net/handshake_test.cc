// SPDX-License-Identifier: Apache-2.0
#include "net/handshake.h"

#include <sys/socket.h>

#include <chrono>
#include <string>

#include <catch2/catch.hpp>

#include "certificates.h"

using namespace muster;
using namespace muster::test;
using Catch::Matchers::Contains;

TEST_CASE("a connection that is gone is an answer and not a SIGPIPE") {
  const TemporaryDirectory directory;
  const std::string root = directory.write("root.pem", make_identity({.name = "root"}).pem());
  const TrustRoots roots =
      load_trust_roots(root, [](const char*) -> const char* { return nullptr; });
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
  const UniqueFd ours(ends[0]);
  UniqueFd(ends[1]).reset();
  const Handshake handshake = tls_handshake(
      ours.get(), "localhost", roots, std::chrono::steady_clock::now() + std::chrono::seconds(20));
  CHECK_FALSE(handshake.ok);
  CHECK_THAT(handshake.detail, Contains("Broken pipe"));
}
