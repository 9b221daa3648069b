// SPDX-License-Identifier: Apache-2.0
#include "net/connect.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include <catch2/catch.hpp>

#include "base/duration.h"
#include "test_server.h"

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

namespace {

Deadline in(Duration time) { return std::chrono::steady_clock::now() + time; }

}  // namespace

TEST_CASE("a connection is non-blocking and does not pass to other programs") {
  const Listener listener = listen_on_loopback();
  const Connection connection = connect_to(listener.address(), in(20s));
  REQUIRE(connection.error_number == 0);
  CHECK((fcntl(connection.socket.get(), F_GETFL) & O_NONBLOCK) != 0);
  CHECK((fcntl(connection.socket.get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("a refused connection is an error number and no socket") {
  Listener listener = listen_on_loopback();
  listener.socket.reset();
  const Connection connection = connect_to(listener.address(), in(20s));
  CHECK(connection.error_number == ECONNREFUSED);
  CHECK_FALSE(connection.socket);
}

TEST_CASE("connecting stops at the deadline when the address swallows packets") {
  const SilentListener silent;
  const auto start = std::chrono::steady_clock::now();
  const Connection connection = connect_to(silent.address(), in(100ms));
  CHECK(connection.error_number == ETIMEDOUT);
  CHECK_FALSE(connection.socket);
  CHECK(std::chrono::steady_clock::now() - start >= 100ms);
}

TEST_CASE("waiting ends when there is something to read, and at the deadline when there is not") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const UniqueFd reader(ends[0]);
  const UniqueFd writer(ends[1]);
  CHECK_FALSE(wait_until_ready(reader.get(), POLLIN, in(20ms)));
  CHECK_FALSE(wait_until_ready(reader.get(), POLLIN, in(-1s)));
  REQUIRE(write(writer.get(), "x", 1) == 1);
  CHECK(wait_until_ready(reader.get(), POLLIN, in(20s)));
  CHECK(wait_until_ready(reader.get(), POLLIN, in(-1s)));
}
