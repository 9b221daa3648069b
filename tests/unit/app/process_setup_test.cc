// SPDX-License-Identifier: Apache-2.0
#include "app/process_setup.h"

#include <catch2/catch.hpp>

namespace muster::app {

using Words = std::vector<std::string>;

TEST_CASE("a run with words of its own is taken for one in a sandbox") {
  CHECK(names_a_sandbox(Words{"run", "true"}));
  CHECK(names_a_sandbox(Words{"run", "-q", "--memory", "1G", "--", "make", "--help"}));
  CHECK(names_a_sandbox(Words{"run", "--", "ls", "--net"}));
}

TEST_CASE("what chooses other walls, a network or only words is not") {
  CHECK_FALSE(names_a_sandbox(Words{}));
  CHECK_FALSE(names_a_sandbox(Words{"run"}));
  CHECK_FALSE(names_a_sandbox(Words{"doctor", "run"}));
  CHECK_FALSE(names_a_sandbox(Words{"run", "--isolation", "none", "true"}));
  CHECK_FALSE(names_a_sandbox(Words{"run", "--isolation=none", "--", "true"}));
  CHECK_FALSE(names_a_sandbox(Words{"run", "--net=host", "true"}));
  CHECK_FALSE(names_a_sandbox(Words{"run", "-h"}));
  CHECK_FALSE(names_a_sandbox(Words{"run", "--explain", "true"}));
}

}  // namespace muster::app
