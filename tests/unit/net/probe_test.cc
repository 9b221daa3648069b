// SPDX-License-Identifier: Apache-2.0
#include "net/probe.h"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "test_server.h"

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

constexpr auto kAmple = 20s;

std::vector<ProbeStep> probe_within(Duration limit, const ProbeTarget& target,
                                    const TrustRoots* roots) {
  return probe(target, roots, std::chrono::steady_clock::now() + limit);
}

/// An authority, the roots that hold it alone, and certificates below it.
struct Authority {
  Identity root = make_identity({.name = "Test Root"});
  TemporaryDirectory directory;
  TrustRoots roots = load_trust_roots(directory.write("root.pem", root.pem()),
                                      [](const char*) -> const char* { return nullptr; });

  Identity issue(const std::string& alternatives, long starts = -3600, long ends = 3600) const {
    return make_identity({.name = "Test Server",
                          .alternatives = alternatives,
                          .starts = starts,
                          .ends = ends,
                          .issuer = &root});
  }
};

/// The TLS step of a probe of a server that is `identity`, asked for as `host`.
ProbeStep tls_step(const Authority& authority, const Identity& identity, const std::string& host) {
  const TestServer server(tls_as(identity));
  const auto steps = probe_within(kAmple, {host, server.port(), true}, &authority.roots);
  REQUIRE(steps.size() == 3);
  CHECK(steps[0].ok);
  CHECK(steps[1].ok);
  CHECK(steps[2].name == "tls");
  return steps[2];
}

}  // namespace

TEST_CASE("a target is read from a URL") {
  CHECK(parse_target("https://h.example:8443/v1?a#b") == ProbeTarget{"h.example", 8443, true});
  CHECK(parse_target("https://h.example") == ProbeTarget{"h.example", 443, true});
  CHECK(parse_target("http://h.example/") == ProbeTarget{"h.example", 80, false});
  CHECK(parse_target("https://[::1]:8443/") == ProbeTarget{"::1", 8443, true});
}

TEST_CASE("a target without a scheme is TLS") {
  CHECK(parse_target("h.example:8443") == ProbeTarget{"h.example", 8443, true});
  CHECK(parse_target("h.example") == ProbeTarget{"h.example", 443, true});
  CHECK(parse_target("::1") == ProbeTarget{"::1", 443, true});
  CHECK(parse_target("[::1]") == ProbeTarget{"::1", 443, true});
  CHECK(parse_target("[fe80::1%eth0]:1") == ProbeTarget{"fe80::1%eth0", 1, true});
}

TEST_CASE("a target that cannot be right is refused") {
  const std::vector<std::string> wrong = {
      "",         "https://", "https://:443", "h:",     "h:0", "h:65536", "h:http",    "[::1",
      "[::1]443", "[]:1",     "a b",          "h/path", "h\n", "ftp://h", "redis://h", "h:-1"};
  for (const std::string& text : wrong) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_target(text), Error);
  }
}

TEST_CASE("a password in a target is refused and not repeated") {
  try {
    parse_target("https://me:secret@h.example:1/");
    FAIL("it was read");
  } catch (const Error& error) {
    CHECK_THAT(error.message(), !Contains("secret") && Contains("h.example"));
  }
}

TEST_CASE("a trusted server passes every step") {
  const Authority authority;
  const Identity identity = authority.issue("DNS:localhost,IP:127.0.0.1");
  const TestServer server(tls_as(identity));
  const auto steps = probe_within(kAmple, {"localhost", server.port(), true}, &authority.roots);
  REQUIRE(steps.size() == 3);
  CHECK(steps[0].name == "resolve");
  CHECK_THAT(steps[0].detail, StartsWith("127.0.0.1:"));
  CHECK(steps[1].name == "connect");
  CHECK(steps[1].detail == "127.0.0.1:" + std::to_string(server.port()));
  CHECK(steps[2].name == "tls");
  CHECK_THAT(steps[2].detail, StartsWith("TLSv1.3, ") && Contains("valid until 20"));
  for (const ProbeStep& step : steps) {
    CHECK(step.ok);
    CHECK(step.elapsed > Duration::zero());
    CHECK(step.elapsed < kAmple);
  }
}

TEST_CASE("a numeric address is checked against the certificate's addresses") {
  const Authority authority;
  CHECK(tls_step(authority, authority.issue("IP:127.0.0.1"), "127.0.0.1").ok);
  const ProbeStep refused = tls_step(authority, authority.issue("DNS:127.0.0.1"), "127.0.0.1");
  CHECK_FALSE(refused.ok);
  CHECK_THAT(refused.detail, StartsWith("wrong host name"));
}

TEST_CASE("a certificate for another host fails with both names and the fingerprint") {
  const Authority authority;
  const Identity identity = authority.issue("DNS:other.example");
  const ProbeStep step = tls_step(authority, identity, "localhost");
  CHECK_FALSE(step.ok);
  CHECK_THAT(step.detail, StartsWith("wrong host name: the certificate is not for localhost but "
                                     "for DNS:other.example"));
  CHECK_THAT(step.detail, Contains(identity.fingerprint()));
}

TEST_CASE("a self-signed certificate fails and says so") {
  const Authority authority;
  const Identity identity = make_identity({.name = "self", .alternatives = "DNS:localhost"});
  const ProbeStep step = tls_step(authority, identity, "localhost");
  CHECK_FALSE(step.ok);
  CHECK_THAT(step.detail, Contains("self-signed") && Contains(authority.roots.path) &&
                              Contains(identity.fingerprint()));
}

TEST_CASE("a certificate of an unknown issuer fails and names the issuer") {
  const Authority authority;
  const Identity stranger = make_identity({.name = "Strange Root"});
  const Identity identity =
      make_identity({.name = "server", .alternatives = "DNS:localhost", .issuer = &stranger});
  const ProbeStep step = tls_step(authority, identity, "localhost");
  CHECK_FALSE(step.ok);
  CHECK_THAT(step.detail,
             Contains("issuer is unknown: CN=Strange Root") && Contains(identity.fingerprint()));
}

TEST_CASE("an expired certificate fails and says since when") {
  const Authority authority;
  const ProbeStep step =
      tls_step(authority, authority.issue("DNS:localhost", -7200, -3600), "localhost");
  CHECK_FALSE(step.ok);
  CHECK_THAT(step.detail, Contains("CN=Test Server expired on 20") && Contains("fingerprint"));
}

TEST_CASE("a certificate that is not valid yet fails and asks for the clock") {
  const Authority authority;
  const ProbeStep step =
      tls_step(authority, authority.issue("DNS:localhost", 3600, 7200), "localhost");
  CHECK_FALSE(step.ok);
  CHECK_THAT(step.detail, Contains("not valid before 20") && Contains("clock"));
}

TEST_CASE("TLS 1.2 is accepted and TLS 1.1 is not") {
  const Authority authority;
  const Identity identity = authority.issue("DNS:localhost");
  {
    const TestServer server(tls_as(identity, TLS1_2_VERSION));
    const auto steps = probe_within(kAmple, {"localhost", server.port(), true}, &authority.roots);
    REQUIRE(steps.size() == 3);
    CHECK_THAT(steps[2].detail, StartsWith("TLSv1.2, "));
    CHECK(steps[2].ok);
  }
  const TestServer old(tls_as(identity, TLS1_1_VERSION));
  const auto steps = probe_within(kAmple, {"localhost", old.port(), true}, &authority.roots);
  REQUIRE(steps.size() == 3);
  CHECK_FALSE(steps[2].ok);
  CHECK_THAT(steps[2].detail, Contains("protocol version"));
}

TEST_CASE("a server that does not speak TLS is told from a bad certificate") {
  const Authority authority;
  const TestServer server([](int socket) {
    char request[512];
    if (recv(socket, request, sizeof request, 0) <= 0) return;
    const std::string answer = "HTTP/1.1 400 Bad Request\r\n\r\n";
    send(socket, answer.data(), answer.size(), MSG_NOSIGNAL);
    recv(socket, request, sizeof request, 0);
  });
  const auto steps = probe_within(kAmple, {"127.0.0.1", server.port(), true}, &authority.roots);
  REQUIRE(steps.size() == 3);
  CHECK_FALSE(steps[2].ok);
  CHECK_THAT(steps[2].detail, Contains("does not speak TLS"));
}

TEST_CASE("a server that hangs up during the handshake is reported") {
  const Authority authority;
  const TestServer server([](int socket) {
    char request[4096];
    recv(socket, request, sizeof request, 0);
  });
  const auto steps = probe_within(kAmple, {"127.0.0.1", server.port(), true}, &authority.roots);
  REQUIRE(steps.size() == 3);
  CHECK_FALSE(steps[2].ok);
  CHECK_THAT(steps[2].detail, Contains("closed the connection") || Contains("connection broke"));
}

TEST_CASE("a server that never answers fails at the deadline") {
  const Authority authority;
  const Listener silent = listen_on_loopback();
  const auto start = std::chrono::steady_clock::now();
  const auto steps = probe_within(200ms, {"127.0.0.1", silent.port, true}, &authority.roots);
  const auto took = std::chrono::steady_clock::now() - start;
  REQUIRE(steps.size() == 3);
  CHECK(steps[1].ok);
  CHECK_FALSE(steps[2].ok);
  CHECK_THAT(steps[2].detail, Contains("did not answer in time"));
  CHECK(took >= 200ms);
  CHECK(took < 10s);
}

TEST_CASE("a refused port names every address that was tried") {
  std::uint16_t port = 0;
  {
    const Listener gone = listen_on_loopback();
    port = gone.port;
  }
  const auto steps = probe_within(kAmple, {"localhost", port, false}, nullptr);
  REQUIRE(steps.size() == 2);
  CHECK_FALSE(steps[1].ok);
  const std::string at_port = ":" + std::to_string(port) + ": ";
  CHECK_THAT(steps[1].detail,
             Contains("127.0.0.1" + at_port + "Connection refused") && Contains("[::1]" + at_port));
}

TEST_CASE("an address that never answers leaves time for the next one") {
  const SilentListener silent;
  const UniqueFd answering(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const Address address = resolve("::1", silent.port()).at(0);
  if (!answering || bind(answering.get(), address.data(), address.size()) != 0) {
    WARN("skipped: there is no IPv6 loopback, or the port is taken there");
    return;
  }
  REQUIRE(listen(answering.get(), 8) == 0);
  const auto steps = probe_within(2s, {"localhost", silent.port(), false}, nullptr);
  REQUIRE(steps.size() == 2);
  CHECK(steps[1].ok);
  CHECK(steps[1].elapsed < 2s);
  CHECK(steps[1].detail == address.text());
}

TEST_CASE("a host that does not resolve ends the probe at its first step") {
  const auto steps = probe_within(kAmple, {"muster.invalid", 443, true}, nullptr);
  REQUIRE(steps.size() == 1);
  CHECK_FALSE(steps[0].ok);
  CHECK_THAT(steps[0].detail, Contains("muster.invalid"));
}

TEST_CASE("without TLS a probe ends with the connection") {
  const Listener listener = listen_on_loopback();
  const auto steps = probe_within(kAmple, {"127.0.0.1", listener.port, false}, nullptr);
  REQUIRE(steps.size() == 2);
  CHECK(steps[1].ok);
}

TEST_CASE("a TLS step without roots fails and names the remedy") {
  const Listener listener = listen_on_loopback();
  const auto steps = probe_within(kAmple, {"127.0.0.1", listener.port, true}, nullptr);
  REQUIRE(steps.size() == 3);
  CHECK_FALSE(steps[2].ok);
  CHECK_THAT(steps[2].detail, Contains("--ca"));
}
