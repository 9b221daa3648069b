// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <cerrno>

#include <catch2/catch.hpp>

namespace muster {

TEST_CASE("an error of a system call says what was done and why it failed") {
  const auto error = Error::from_errno(ENOENT, "opening 'a.txt'");
  CHECK(error.code() == ErrorCode::kIo);
  CHECK(error.message() == "opening 'a.txt': No such file or directory");
  CHECK(error.message() == error.what());
  CHECK(error.next().empty());
}

TEST_CASE("context goes in front and leaves the rest as it was") {
  const Error inner(ErrorCode::kNotFound, "no profile 'x'", "muster config profiles");
  const auto outer = inner.within("reading the configuration");
  CHECK(outer.code() == ErrorCode::kNotFound);
  CHECK(outer.message() == "reading the configuration: no profile 'x'");
  CHECK(outer.next() == "muster config profiles");
}

TEST_CASE("an unknown errno still has words") {
  CHECK(errno_words(99999) == "Unknown error 99999");
}

}  // namespace muster
