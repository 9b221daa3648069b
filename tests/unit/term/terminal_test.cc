// SPDX-License-Identifier: Apache-2.0
#include "term/terminal.h"

#include <fcntl.h>
#include <pty.h>
#include <unistd.h>

#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/unique_fd.h"

using namespace muster;

namespace {

using Environment = std::map<std::string, std::string>;

Getenv asking(Environment environment) {
  return [environment](const char* name) -> const char* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  };
}

struct Terminal {
  UniqueFd master;
  UniqueFd slave;
};

Terminal open_terminal(unsigned short columns) {
  int master = -1;
  int slave = -1;
  winsize size{};
  size.ws_col = columns;
  REQUIRE(openpty(&master, &slave, nullptr, nullptr, &size) == 0);
  return {UniqueFd(master), UniqueFd(slave)};
}

bool colour(ColorChoice choice, bool is_terminal, const Environment& environment) {
  TerminalFacts facts;
  facts.is_terminal = is_terminal;
  return wants_colour(choice, facts, asking(environment));
}

constexpr auto kAuto = ColorChoice::kAuto;
constexpr auto kAlways = ColorChoice::kAlways;
constexpr auto kNever = ColorChoice::kNever;

}  // namespace

TEST_CASE("a terminal has the kernel's columns even when COLUMNS says otherwise") {
  const Terminal terminal = open_terminal(132);
  const auto facts = facts_of(terminal.slave.get(), asking({{"TERM", "xterm"}, {"COLUMNS", "7"}}));
  CHECK(facts.is_terminal);
  CHECK(facts.can_overprint);
  CHECK(facts.columns == 132);
}

TEST_CASE("a terminal of unknown size has COLUMNS columns, else 80") {
  const Terminal terminal = open_terminal(0);
  const auto columns = [&](Environment environment) {
    return facts_of(terminal.slave.get(), asking(std::move(environment))).columns;
  };
  CHECK(columns({{"COLUMNS", "100"}}) == 100);
  CHECK(columns({{"COLUMNS", "99999999999"}}) == kUnlimitedColumns);
  CHECK(columns({{"COLUMNS", "0"}}) == 80);
  CHECK(columns({{"COLUMNS", "wide"}}) == 80);
  CHECK(columns({}) == 80);
}

TEST_CASE("what is not a terminal has no width, whatever COLUMNS says") {
  const UniqueFd null(open("/dev/null", O_WRONLY | O_CLOEXEC));
  const auto facts = facts_of(null.get(), asking({{"TERM", "xterm"}, {"COLUMNS", "40"}}));
  CHECK_FALSE(facts.is_terminal);
  CHECK_FALSE(facts.can_overprint);
  CHECK(facts.columns == kUnlimitedColumns);
}

TEST_CASE("a closed descriptor is not a terminal") {
  CHECK_FALSE(facts_of(-1, asking({{"TERM", "xterm"}})).is_terminal);
}

TEST_CASE("a dumb terminal is a terminal that is never overprinted") {
  const Terminal terminal = open_terminal(80);
  CHECK(facts_of(terminal.slave.get(), asking({{"TERM", "dumb"}})).is_terminal);
  CHECK_FALSE(facts_of(terminal.slave.get(), asking({{"TERM", "dumb"}})).can_overprint);
  CHECK_FALSE(facts_of(terminal.slave.get(), asking({})).can_overprint);
}

TEST_CASE("CI or GITHUB_ACTIONS marks a CI run unless it is false or empty") {
  const auto in_ci = [](const Environment& environment) {
    return facts_of(-1, asking(environment)).in_ci;
  };
  CHECK(in_ci({{"CI", "true"}}));
  CHECK(in_ci({{"CI", "1"}}));
  CHECK(in_ci({{"GITHUB_ACTIONS", "true"}}));
  CHECK(in_ci({{"CI", "false"}, {"GITHUB_ACTIONS", "true"}}));
  CHECK_FALSE(in_ci({{"CI", "false"}}));
  CHECK_FALSE(in_ci({{"CI", ""}}));
  CHECK_FALSE(in_ci({}));
}

TEST_CASE("the first of LC_ALL, LC_CTYPE and LANG that is set says whether text is UTF-8") {
  const auto is_utf8 = [](const Environment& environment) {
    return facts_of(-1, asking(environment)).is_utf8;
  };
  CHECK(is_utf8({{"LANG", "en_US.UTF-8"}}));
  CHECK(is_utf8({{"LANG", "C.utf8"}}));
  CHECK(is_utf8({{"LC_ALL", ""}, {"LANG", "de_DE.UTF-8"}}));
  CHECK(is_utf8({{"LC_CTYPE", "ja_JP.UTF-8"}, {"LANG", "C"}}));
  CHECK_FALSE(is_utf8({{"LC_ALL", "C"}, {"LANG", "en_US.UTF-8"}}));
  CHECK_FALSE(is_utf8({{"LANG", "ja_JP.eucJP"}}));
  CHECK_FALSE(is_utf8({}));
}

TEST_CASE("--color always and never win over everything") {
  CHECK(colour(kAlways, false, {{"NO_COLOR", "1"}, {"TERM", "dumb"}}));
  CHECK_FALSE(colour(kNever, true, {{"CLICOLOR_FORCE", "1"}, {"TERM", "xterm"}}));
}

TEST_CASE("NO_COLOR wins over CLICOLOR_FORCE, and empty it says nothing") {
  CHECK_FALSE(colour(kAuto, true, {{"NO_COLOR", "1"}, {"CLICOLOR_FORCE", "1"}, {"TERM", "xterm"}}));
  CHECK_FALSE(colour(kAuto, true, {{"NO_COLOR", "0"}, {"TERM", "xterm"}}));
  CHECK(colour(kAuto, true, {{"NO_COLOR", ""}, {"TERM", "xterm"}}));
}

TEST_CASE(
    "CLICOLOR_FORCE colours what is no terminal and a dumb one, and 0 or empty says nothing") {
  CHECK(colour(kAuto, false, {{"CLICOLOR_FORCE", "1"}, {"TERM", "dumb"}}));
  CHECK(colour(kAuto, false, {{"CLICOLOR_FORCE", "yes"}}));
  CHECK_FALSE(colour(kAuto, false, {{"CLICOLOR_FORCE", "0"}, {"TERM", "xterm"}}));
  CHECK_FALSE(colour(kAuto, false, {{"CLICOLOR_FORCE", ""}, {"TERM", "xterm"}}));
}

TEST_CASE("a dumb or unnamed terminal gets no colour") {
  CHECK_FALSE(colour(kAuto, true, {{"TERM", "dumb"}}));
  CHECK_FALSE(colour(kAuto, true, {{"TERM", ""}}));
  CHECK_FALSE(colour(kAuto, true, {}));
}

TEST_CASE("otherwise a terminal gets colour and a pipe does not") {
  CHECK(colour(kAuto, true, {{"TERM", "xterm-256color"}}));
  CHECK_FALSE(colour(kAuto, false, {{"TERM", "xterm-256color"}}));
}

TEST_CASE("the colour choice is read from its three words") {
  CHECK(parse_color_choice("auto") == kAuto);
  CHECK(parse_color_choice("always") == kAlways);
  CHECK(parse_color_choice("never") == kNever);
  CHECK_THROWS_AS(parse_color_choice("sometimes"), Error);
  CHECK_THROWS_AS(parse_color_choice(""), Error);
}
