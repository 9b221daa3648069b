// SPDX-License-Identifier: Apache-2.0
#include "sandbox/kept_for_next.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include <catch2/catch.hpp>

#include "unit/exec/processes.h"

namespace muster::sandbox {

namespace {

ino_t inode_of(const UniqueFd& descriptor) {
  struct stat about{};
  REQUIRE(fstat(descriptor.get(), &about) == 0);
  return about.st_ino;
}

ino_t own_network() {
  struct stat about{};
  REQUIRE(stat("/proc/thread-self/ns/net", &about) == 0);
  return about.st_ino;
}

// A pool that was asked once already.
void ask_once(NetworkPool& pool) { REQUIRE_FALSE(pool.enter()); }

// Whether the namespace that `use` has been in is handed out again.
bool serves_again(NetworkPool& pool, const std::function<void()>& use) {
  auto first = pool.enter();
  REQUIRE(first);
  use();
  pool.leave();
  const ino_t inode = inode_of(first->descriptor);
  // Held open, so that its number is not given to another one.
  const UniqueFd same(dup(first->descriptor.get()));
  pool.give_back(std::move(*first));
  auto second = pool.enter();
  REQUIRE(second);
  CHECK(own_network() == inode_of(second->descriptor));
  pool.leave();
  return inode_of(second->descriptor) == inode;
}

void send_to(std::uint32_t address, int expected) {
  const UniqueFd any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in there{};
  there.sin_family = AF_INET;
  there.sin_port = htons(9);
  there.sin_addr.s_addr = htonl(address);
  REQUIRE(sendto(any.get(), "", 1, 0, reinterpret_cast<sockaddr*>(&there), sizeof there) ==
          expected);
}

}  // namespace

TEST_CASE("the lowest lane that nobody has is taken", "[threads]") {
  Lanes lanes;
  CHECK(lanes.take() == 0);
  CHECK(lanes.take() == 1);
  CHECK(lanes.take() == 2);
  lanes.give_back(1);
  CHECK(lanes.take() == 1);
  CHECK(lanes.take() == 3);
}

TEST_CASE("more sandboxes than lanes share them evenly", "[threads]") {
  Lanes lanes;
  for (unsigned i = 0; i < Lanes::kCount; ++i) CHECK(lanes.take() == i);
  CHECK(lanes.take() == 0);
  CHECK(lanes.take() == 1);
  lanes.give_back(0);
  CHECK(lanes.take() == 0);
}

TEST_CASE("id maps are made once for the same ids", "[threads]") {
  if (geteuid() != 0) return skip("needs root");
  IdMaps maps;
  const auto first = maps.with({0, 70000}, {0, 70001});
  if (!first) return skip("needs user namespaces");
  CHECK(maps.with({0, 70000}, {0, 70001}) == first);
  const auto other = maps.with({0, 70000}, {0, 70002});
  REQUIRE(other);
  CHECK(inode_of(*other) != inode_of(*first));
}

TEST_CASE("networks are kept from the second attempt on and only while they are quiet",
          "[threads]") {
  if (geteuid() != 0) return skip("needs root");
  const ino_t home = own_network();
  NetworkPool pool;
  ask_once(pool);
  if (auto tried = pool.enter()) {
    pool.leave();
  } else {
    return skip("may not make network namespaces");
  }
  SECTION("when nothing happened in it") {
    CHECK(serves_again(pool, [] {}));
  }
  SECTION("when a socket was opened and closed") {
    CHECK(serves_again(pool, [] {
      const UniqueFd any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
      REQUIRE(any);
    }));
  }
  SECTION("not when a packet was sent") {
    CHECK_FALSE(serves_again(pool, [] { send_to(INADDR_LOOPBACK, 1); }));
  }
  SECTION("not when somebody tried to send to where no way leads") {
    CHECK_FALSE(serves_again(pool, [] { send_to(0x08080808, -1); }));
  }
  SECTION("not when a socket is still open") {
    UniqueFd left;
    CHECK_FALSE(
        serves_again(pool, [&] { left.reset(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }));
  }
  CHECK(own_network() == home);
}

TEST_CASE("two threads never have one network at the same time", "[threads]") {
  if (geteuid() != 0) return skip("needs root");
  NetworkPool pool;
  ask_once(pool);
  auto kept = pool.enter();
  if (!kept) return skip("may not make network namespaces");
  pool.leave();
  pool.give_back(std::move(*kept));
  const auto mine = pool.enter();
  REQUIRE(mine);
  ino_t others = 0;
  std::thread([&] {
    if (const auto network = pool.enter()) {
      others = inode_of(network->descriptor);
      pool.leave();
    }
  }).join();
  pool.leave();
  CHECK(others != 0);
  CHECK(others != inode_of(mine->descriptor));
}

TEST_CASE("what the forerunner saw of the host is told once", "[threads]") {
  NetworkPool pool;
  Forerunner forerunner(pool);
  CHECK(forerunner.take_facts() == nullptr);
  forerunner.start();
  const auto facts = forerunner.take_facts();
  REQUIRE(facts);
  CHECK(facts->uid == geteuid());
  CHECK(facts->system.size() == probe_host(false).system.size());
  CHECK(forerunner.take_facts() == nullptr);
}

TEST_CASE("the network that was made ahead serves the first attempt alone", "[threads]") {
  if (geteuid() != 0) return skip("needs root");
  const ino_t home = own_network();
  NetworkPool pool;
  Forerunner forerunner(pool);
  forerunner.start();
  forerunner.finish();
  CHECK(own_network() == home);
  auto first = pool.enter();
  if (!first) return skip("may not make network namespaces");
  CHECK(own_network() != home);
  send_to(INADDR_LOOPBACK, 1);
  pool.leave();
  CHECK(own_network() == home);
  const UniqueFd same(dup(first->descriptor.get()));
  pool.give_back(std::move(*first));
  const auto second = pool.enter();
  REQUIRE(second);
  pool.leave();
  CHECK(inode_of(second->descriptor) != inode_of(same));
}

}  // namespace muster::sandbox
