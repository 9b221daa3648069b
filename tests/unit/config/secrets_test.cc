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
  for (const char* name : {"PGPASSWORD", "MYSQL_PASSWD", "AWS_PROFILE", "SSH_AUTH_SOCK", "NPM_AUTH",
                           "HTTP_AUTHORIZATION", "SENTRY_DSN", "DATABASE_URL", "XAUTHORITY",
                           "GOOGLE_APPLICATION_CREDENTIALS", "session_cookie"}) {
    INFO(name);
    CHECK(name_looks_secret(name));
  }
  for (const char* name : {"GIT_AUTHOR_NAME", "LANG", "CC", "MAKEFLAGS", "COMPASS", "HOME"}) {
    INFO(name);
    CHECK(!name_looks_secret(name));
  }
}

TEST_CASE("a URL with a user in it is a secret") {
  CHECK(value_looks_secret("https://u:p@proxy:3128/"));
  CHECK(value_looks_secret("redis://token@host"));
  CHECK(!value_looks_secret("https://host/a@b"));
  CHECK(!value_looks_secret("a@b"));
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
