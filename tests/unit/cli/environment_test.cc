// SPDX-License-Identifier: Apache-2.0
#include "cli/environment.h"

#include <catch2/catch.hpp>

namespace muster::cli {

namespace {

using Texts = std::vector<std::string>;

Texts passed(std::vector<const char*> caller, const Texts& passes) {
  caller.push_back(nullptr);
  EnvironmentBuilder builder(caller.data());
  builder.copy_into_sandbox(passes);
  return builder.take_entries();
}

}  // namespace

TEST_CASE("a sandbox gets the path, the locale and the terminal of the caller and no more") {
  CHECK(passed({"PATH=/bin",    "LANG=C",     "LC_ALL=C",
                "LC_TIME=x",    "TERM=xterm", "NO_COLOR=1",
                "TZ=UTC",       "CI=true",    "SOURCE_DATE_EPOCH=1",
                "HOME=/root",   "USER=root",  "TMPDIR=/x",
                "LD_PRELOAD=x", "API_KEY=s",  "SSH_AUTH_SOCK=/s",
                "PATHS=1",      "XPATH=1",    "LC=1",
                "PWD=/",        "DISPLAY=:0"},
               {}) == Texts{"PATH=/bin", "LANG=C", "LC_ALL=C", "LC_TIME=x", "TERM=xterm",
                            "NO_COLOR=1", "TZ=UTC", "CI=true", "SOURCE_DATE_EPOCH=1"});
}

TEST_CASE("a name passes that variable even if it is a secret") {
  CHECK(passed({"API_KEY=s", "API_KEYS=t", "EMPTY="}, {"API_KEY", "EMPTY", "MISSING"}) ==
        Texts{"API_KEY=s", "EMPTY="});
}

TEST_CASE("a pattern passes what it fits but for secrets") {
  CHECK(passed({"CARGO_HOME=/c", "CARGO_REGISTRY_TOKEN=s", "CARGO_HTTP_PROXY=http://u:p@h",
                "XCARGO_=1", "CARGO_=2"},
               {"CARGO_*"}) == Texts{"CARGO_HOME=/c", "CARGO_=2"});
  CHECK(passed({"A=1", "DB_PASSWORD=s", "AWS_REGION=x", "MY_AUTH=s", "B=2"}, {"*"}) ==
        Texts{"A=1", "B=2"});
  CHECK(passed({"ABC=1", "AXC=2", "AC=3", "ABCD=4"}, {"A*C"}) == Texts{"ABC=1", "AXC=2", "AC=3"});
}

TEST_CASE("a locale that hides a secret in its value is not passed by the pattern") {
  CHECK(passed({"LC_X=https://u:p@h"}, {}).empty());
}

TEST_CASE("an entry without an equals sign is passed to nobody") {
  CHECK(passed({"PATH", "=x", "LANG=C"}, {"*"}) == Texts{"LANG=C"});
}

TEST_CASE("a variable is put once and found by its whole name") {
  const char* const nothing[] = {nullptr};
  EnvironmentBuilder builder(nothing);
  builder.put("HOME", "/a");
  builder.put("HOME", "/b=c");
  CHECK(builder.has("HOME"));
  CHECK_FALSE(builder.has("HOM"));
  CHECK_FALSE(builder.has("HOMES"));
  CHECK(builder.take_entries() == Texts{"HOME=/b=c"});
}

}  // namespace muster::cli
