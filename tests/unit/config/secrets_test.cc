// SPDX-License-Identifier: Apache-2.0
#include "config/secrets.h"

#include <catch2/catch.hpp>

#include "config/config.h"

namespace muster {

TEST_CASE("the name of a variable tells that it holds a secret") {
  CHECK(name_looks_secret("GITHUB_TOKEN"));
  CHECK(name_looks_secret("db_password"));
  CHECK(name_looks_secret("MySecretThing"));
  CHECK(name_looks_secret("API_KEY"));
  CHECK(!name_looks_secret("PATH"));
  CHECK(!name_looks_secret(""));
}

TEST_CASE("only the value behind the name counts in a variable") {
  CHECK(holds_secret(setting("env"), "API_TOKEN=x"));
  CHECK(!holds_secret(setting("env"), "API_TOKEN"));
  CHECK(!holds_secret(setting("env"), "MODE=token"));
  CHECK(!holds_secret(setting("name"), "API_TOKEN=x"));
  CHECK(holds_secret(setting("token-command"), "echo"));
}

TEST_CASE("a secret is masked where it is shown") {
  CHECK(shown(setting("token-command"), {{"echo hunter2"}, {}}) == "********");
  CHECK(shown(setting("env"), {{"CI=1", "API_TOKEN=hunter2", "HOME"}, {}}) ==
        "CI=1, API_TOKEN=********, HOME");
  CHECK(shown(setting("timeout"), {{"90s"}, {}}) == "90s");
}

}  // namespace muster
