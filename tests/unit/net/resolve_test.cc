// SPDX-License-Identifier: Apache-2.0
#include "net/resolve.h"

#include <netdb.h>
#include <netinet/in.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace muster;
using Catch::Matchers::Contains;

namespace {

std::vector<std::string> texts(const std::string& host, std::uint16_t port) {
  std::vector<std::string> found;
  for (const Address& address : resolve(host, port)) found.push_back(address.text());
  return found;
}

const std::vector<std::string> kLoopback = {"127.0.0.1:80", "[::1]:80"};

}  // namespace

TEST_CASE("localhost and names below it are the loopback addresses, in any spelling") {
  CHECK(texts("localhost", 80) == kLoopback);
  CHECK(texts("LocalHost.", 80) == kLoopback);
  CHECK(texts("api.localhost", 80) == kLoopback);
}

TEST_CASE("a numeric address is itself") {
  CHECK(texts("192.0.2.7", 443) == std::vector<std::string>{"192.0.2.7:443"});
  CHECK(texts("2001:db8::7", 65535) == std::vector<std::string>{"[2001:db8::7]:65535"});
}

TEST_CASE("an address carries what connect(2) needs") {
  const Address address = resolve("127.0.0.1", 443).at(0);
  CHECK(address.family() == AF_INET);
  CHECK(address.size() == sizeof(sockaddr_in));
  CHECK(address.data()->sa_family == AF_INET);
}

TEST_CASE("a name below .invalid fails at once and names the host and what to try") {
  const auto start = std::chrono::steady_clock::now();
  try {
    resolve("muster.invalid", 443);
    FAIL("it resolved");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kUnavailable);
    CHECK_THAT(error.message(), Contains("muster.invalid") && Contains("no host of that name"));
    CHECK_THAT(error.next(), Contains("getent hosts muster.invalid"));
  }
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
}

TEST_CASE("a special name counts only at the end of a host") {
  CHECK_THROWS_WITH(resolve("localhost.invalid", 1), Contains("no host of that name"));
}

TEST_CASE("an empty host resolves to nothing") { CHECK_THROWS_AS(resolve("", 1), Error); }

TEST_CASE("each failure of the resolver has its words") {
  CHECK_THAT(resolver_error(EAI_AGAIN, 0, "h").message(), Contains("no name server answered"));
  CHECK_THAT(resolver_error(EAI_AGAIN, 0, "h").next(), Contains("/etc/resolv.conf"));
  CHECK_THAT(resolver_error(EAI_FAIL, 0, "h").message(), Contains("failed to answer"));
  CHECK_THAT(resolver_error(EAI_NODATA, 0, "h").message(), Contains("no host of that name"));
  CHECK_THAT(resolver_error(EAI_SYSTEM, EMFILE, "h").message(), Contains(errno_words(EMFILE)));
  CHECK_THAT(resolver_error(EAI_MEMORY, 0, "h").message(), Contains(gai_strerror(EAI_MEMORY)));
}
