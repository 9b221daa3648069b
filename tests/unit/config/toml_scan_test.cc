// SPDX-License-Identifier: Apache-2.0
#include "config/toml_scan.h"

#include <string>

#include <catch2/catch.hpp>

namespace muster {
namespace {

// The value of the statement as it stands in the text; nothing where there is no statement.
std::optional<std::string> value_in(std::string_view text) {
  const auto found = find_profile_statement(text);
  if (!found) return std::nullopt;
  return std::string(text.substr(found->value_begin, found->value_end - found->value_begin));
}

}  // namespace

TEST_CASE("the statement is found however its key is spelled") {
  CHECK(value_in("profile = \"a\"") == "\"a\"");
  CHECK(value_in("\n  profile=\"a\"\r\n") == "\"a\"");
  CHECK(value_in("\"profile\"\t=\t'a'\n") == "'a'");
  CHECK(value_in("'profile' = \"a\" # why\n[task]\n") == "\"a\"");
  CHECK(value_in("# head\ncolor = 'auto'\nprofile = \"a\"\n") == "\"a\"");
}

TEST_CASE("the statement ends before the end of the line and behind its comment") {
  const std::string text = "profile = \"a#b\"  # why\r\ncolor = 'auto'\n";
  const auto found = find_profile_statement(text);
  REQUIRE(found);
  CHECK(found->begin == 0);
  CHECK(text.substr(0, found->value_end) == "profile = \"a#b\"");
  CHECK(text.substr(0, found->end) == "profile = \"a#b\"  # why");
}

TEST_CASE("what only looks like the statement is passed over") {
  CHECK(!value_in(""));
  CHECK(!value_in("# profile = \"a\"\n"));
  CHECK(!value_in("profiles = \"a\"\n"));
  CHECK(!value_in("profile.prod.store = \"a\"\n"));
  CHECK(!value_in("[task]\nprofile = \"a\"\n"));
  CHECK(!value_in("x = \"\"\"\nprofile = \"a\"\n\"\"\"\n"));
  CHECK(!value_in("x = '''\nprofile = \"a\"\n'''\n"));
  CHECK(!value_in("x = [ # ]\n  'a',\nprofile = \"a\"\n]\n"));
  CHECK(!value_in("x = \"\"\"a\\\"\"\"\nprofile = \"a\"\n\"\"\"\n"));
}

TEST_CASE("a text that is not closed is no trap") {
  CHECK(!value_in("x = \"\"\"\nprofile = \"a\"\n"));
  CHECK(!value_in("x = \"\"\"\\"));
  CHECK(!value_in("x = \"\\"));
  CHECK(value_in("x = \"\nprofile = 'a'") == "'a'");
  CHECK(!value_in("profile = "));
}

TEST_CASE("quotes right before the closing ones belong to the text") {
  CHECK(value_in("x = \"\"\"a\"\"\"\"\"\nprofile = 'a'") == "'a'");
}

TEST_CASE("a key with too many parts is found on its line") {
  CHECK(!find_deep_key("a.b.c = 1.5\n[a.b.c]\n", 3));
  CHECK(find_deep_key("\na.b.c.d = 1\n", 3) == 2);
  CHECK(find_deep_key("[a.b.'x.y'.\"d\"]\n", 3) == 1);
  CHECK(find_deep_key("t = { x = 1, a . b . c . d = 1 }", 3) == 1);
  CHECK(!find_deep_key("x = \"a.b.c.d.e\" # a.b.c.d.e\n", 3));
}

}  // namespace muster
