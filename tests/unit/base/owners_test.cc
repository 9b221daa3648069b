// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <utility>

#include <catch2/catch.hpp>

#include "base/scope_exit.h"
#include "base/unique_fd.h"

namespace muster {

namespace {

UniqueFd open_null() { return UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC)); }

bool is_open(int descriptor) { return fcntl(descriptor, F_GETFD) >= 0; }

}  // namespace

TEST_CASE("a descriptor is closed when its owner goes") {
  int descriptor = -1;
  {
    const auto owner = open_null();
    REQUIRE(owner);
    descriptor = owner.get();
    CHECK(is_open(descriptor));
  }
  CHECK_FALSE(is_open(descriptor));
}

TEST_CASE("a moved descriptor has one owner") {
  auto first = open_null();
  const int descriptor = first.get();
  UniqueFd second(std::move(first));
  CHECK(second.get() == descriptor);
  auto third = open_null();
  const int replaced = third.get();
  third = std::move(second);
  CHECK_FALSE(is_open(replaced));
  CHECK(third.get() == descriptor);
  CHECK(is_open(descriptor));
}

TEST_CASE("a released descriptor stays open") {
  auto owner = open_null();
  const UniqueFd again(owner.release());
  CHECK_FALSE(owner);
  CHECK(is_open(again.get()));
}

TEST_CASE("a scope's action runs when it is left by an exception") {
  int runs = 0;
  try {
    const ScopeExit count([&runs] { ++runs; });
    CHECK(runs == 0);
    throw 1;
  } catch (int) {
    CHECK(runs == 1);
  }
  CHECK(runs == 1);
}

}  // namespace muster
