// SPDX-License-Identifier: Apache-2.0
#include "domain/selector.h"

#include <catch2/catch.hpp>

#include "base/error.h"

namespace muster {

TEST_CASE("an id selects one task") {
  CHECK(parse_selector("42") == Selector(IdRange{42, 42}));
  CHECK(parse_selector("18446744073709551615") ==
        Selector(IdRange{18446744073709551615U, 18446744073709551615U}));
}

TEST_CASE("a range includes both its ends") {
  CHECK(parse_selector("4-9") == Selector(IdRange{4, 9}));
  CHECK(parse_selector("4-4") == Selector(IdRange{4, 4}));
}

TEST_CASE("last selects the newest task") { CHECK(parse_selector("last") == Selector(LastTask{})); }

TEST_CASE("a name may hold anything") {
  CHECK(parse_selector("name:nightly build") == Selector(ByName{"nightly build"}));
  CHECK(parse_selector("name:a:b=c-9") == Selector(ByName{"a:b=c-9"}));
  CHECK(parse_selector("name:42") == Selector(ByName{"42"}));
  CHECK(parse_selector("name:größe") == Selector(ByName{"größe"}));
}

TEST_CASE("a label ends its key at the first equals sign") {
  CHECK(parse_selector("label:team=web") == Selector(ByLabel{"team", "web"}));
  CHECK(parse_selector("label:a:b=c=d") == Selector(ByLabel{"a:b", "c=d"}));
}

TEST_CASE("every state can be selected") {
  for (const auto* state :
       {"waiting", "ready", "running", "succeeded", "failed", "cancelled", "expired"}) {
    CHECK(parse_selector(std::string("state:") + state) == Selector(ByState{state}));
  }
}

TEST_CASE("an unknown state is refused with the nearest or all known ones") {
  CHECK_THROWS_WITH(parse_selector("state:faild"),
                    "'state:faild' names no state; did you mean failed?");
  CHECK_THROWS_WITH(parse_selector("state:green"),
                    "'state:green' names no state; expected one of waiting, ready, running, "
                    "succeeded, failed, cancelled, expired");
}

TEST_CASE("a range that runs backwards names both ends") {
  CHECK_THROWS_WITH(parse_selector("9-4"),
                    "'9-4' selects no tasks; its first id 9 is above its last id 4");
}

TEST_CASE("ids start at 1") {
  CHECK_THROWS_WITH(parse_selector("0"), "'0' selects no tasks; ids start at 1");
  CHECK_THROWS_WITH(parse_selector("0-3"), "'0-3' selects no tasks; ids start at 1");
}

TEST_CASE("empty names, keys and values are refused") {
  CHECK_THROWS_WITH(parse_selector("name:"), "'name:' has no name; expected as in name:nightly");
  for (const auto* text : {"label:", "label:a", "label:=b", "label:a=", "label:="}) {
    CAPTURE(text);
    CHECK_THROWS_WITH(parse_selector(text), Catch::Contains("has no key and value"));
  }
}

TEST_CASE("what selects no tasks is refused with what was expected") {
  CHECK_THROWS_WITH(parse_selector("foo"),
                    "'foo' selects no tasks; expected an id (42), a range (4-9), last, name:NAME, "
                    "label:KEY=VALUE or state:STATE");
  for (const auto* text :
       {"", "-", "4-", "-9", "4-9-12", "4 - 9", " 4", "Last", "id:4", "18446744073709551616"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_selector(text), Error);
  }
}

}  // namespace muster
