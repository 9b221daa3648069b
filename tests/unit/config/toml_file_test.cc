// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "config/config.h"

namespace muster {
namespace {

ConfigFile parsed(std::string_view text, Layer layer = Layer::kUserFile) {
  return parse_config(text, "c.toml", layer);
}

// What is wrong with the text; empty when it is right.
std::string fault(std::string_view text, Layer layer = Layer::kUserFile) {
  try {
    parsed(text, layer);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kInvalidArgument);
    return error.message();
  }
  return {};
}

bool says(const std::string& message, std::string_view part) {
  return message.find(part) != std::string::npos;
}

// The entry of that name and profile, as "line:column text,text"; empty where there is none.
std::string entry(const ConfigFile& file, std::string_view name, std::string_view profile = "") {
  for (const FileEntry& each : file.entries) {
    if (each.setting->name != name || each.profile != profile) continue;
    std::string out = std::to_string(each.line) + ":" + std::to_string(each.column);
    for (const std::string& text : each.texts) out += " " + text;
    return out;
  }
  return {};
}

constexpr std::string_view kWhole = R"(# mine
profile = "prod"   # for now
color = "never"

[task]
timeout = "90s"
grace = 3
attempts = 3
clear_env = true
env = ["CI=1", "TERM"]

[profile.prod]
server = "https://muster.example.com"
token_file = "~/.config/muster/prod.token"
[profile.prod.task]
output_limit = 4096

[profile."a.b"]
store = "sqlite"
)";

}  // namespace

TEST_CASE("a whole config file is read with the place of every key") {
  const ConfigFile file = parsed(kWhole);
  CHECK(entry(file, "profile") == "2:1 prod");
  CHECK(entry(file, "color") == "3:1 never");
  CHECK(entry(file, "timeout") == "6:1 90s");
  CHECK(entry(file, "grace") == "7:1 3");
  CHECK(entry(file, "attempts") == "8:1 3");
  CHECK(entry(file, "clear-env") == "9:1 true");
  CHECK(entry(file, "env") == "10:1 CI=1 TERM");
  CHECK(entry(file, "server", "prod") == "13:1 https://muster.example.com");
  CHECK(entry(file, "output-limit", "prod") == "16:1 4096");
  CHECK(entry(file, "store", "a.b") == "19:1 sqlite");
  CHECK(file.profiles == std::vector<std::string>{"prod", "a.b"});
  CHECK(file.entries.size() == 11);
}

TEST_CASE("an empty file, a comment and a byte order mark are a config") {
  CHECK(parsed("").entries.empty());
  CHECK(parsed("# nothing\r\n").entries.empty());
  CHECK(entry(parsed("\xEF\xBB\xBFprofile = \"a\"\r\n[profile.a]\r\n"), "profile") == "1:1 a");
}

TEST_CASE("texts may hold any character and go over several lines") {
  const ConfigFile file = parsed("[task]\nqueue = \"\"\"a\\\n  \xC3\xA9\"\"\" # \xC3\xA9\n");
  CHECK(entry(file, "queue") == "2:1 a\xC3\xA9");
}

TEST_CASE("sections may be written inline or with dots") {
  CHECK(entry(parsed("task = { timeout = \"5s\" }"), "timeout") == "1:10 5s");
  CHECK(entry(parsed("profile = 'p'\nprofile.p.store = 'x'\n"), "store", "p") == "2:11 x");
}

TEST_CASE("an unknown key names its place, its section and the nearest key") {
  CHECK(fault("# a\n\n[task]\ntimout = \"5m\"\n") ==
        "c.toml:4:1: unknown key 'timout' in [task]; did you mean 'timeout'?");
  CHECK(fault("[task]\noutput-limit = \"5m\"\n") ==
        "c.toml:2:1: unknown key 'output-limit' in [task]; did you mean 'output_limit'?");
  CHECK(fault("[profile.prod]\nsrever = \"x\"\n") ==
        "c.toml:2:1: unknown key 'srever' in [profile.prod]; did you mean 'server'?");
  CHECK(fault("[profile.prod.task]\nxyzzy = 1\n") ==
        "c.toml:2:1: unknown key 'xyzzy' in [profile.prod.task]");
  CHECK(fault("colour = \"auto\"\n") == "c.toml:1:1: unknown key 'colour'; did you mean 'color'?");
}

TEST_CASE("an unknown section names the nearest one") {
  CHECK(fault("[tasks]\ntimeout = \"5m\"\n") ==
        "c.toml:1:2: unknown section [tasks]; did you mean [task]?");
  CHECK(fault("[profiles.prod]\n") ==
        "c.toml:1:2: unknown section [profiles]; did you mean [profile]?");
}

TEST_CASE("of several errors the first in the file is reported") {
  CHECK(says(fault("[task]\nzzz = 1\naaa = 1\n"), "c.toml:2:1:"));
}

TEST_CASE("a wrong type says what was wanted and what was found") {
  CHECK(fault("[task]\ntimeout = true\n") ==
        "c.toml:2:11: 'timeout' wants a duration such as \"90s\", not a boolean");
  CHECK(fault("[task]\ntimeout = 1.5\n") ==
        "c.toml:2:11: 'timeout' wants a duration such as \"90s\", not a number with a fraction");
  CHECK(fault("[task]\nstack = []\n") ==
        "c.toml:2:9: 'stack' wants a size such as \"64M\", not an array");
  CHECK(fault("[task]\nclear_env = \"true\"\n") ==
        "c.toml:2:13: 'clear_env' wants true or false, not a string");
  CHECK(fault("[task]\nattempts = \"3\"\n") ==
        "c.toml:2:12: 'attempts' wants a whole number from 1 to 1000, not a string");
  CHECK(fault("[task]\numask = 22\n") ==
        "c.toml:2:9: 'umask' wants an octal mode in quotes such as \"027\", not an integer");
  CHECK(fault("[task]\nenv = \"CI=1\"\n") ==
        "c.toml:2:7: 'env' wants an array such as [\"CI=1\"], not a string");
  CHECK(fault("[task]\nenv = [\n  \"CI=1\",\n  2]\n") ==
        "c.toml:4:3: 'env' wants an array such as [\"CI=1\"], not an integer");
  CHECK(fault("color = 1979-05-27\n") ==
        "c.toml:1:9: 'color' wants one of \"auto\", \"always\", \"never\", not a date or time");
  CHECK(fault("task = 5\n") == "c.toml:1:8: 'task' wants a section [task], not an integer");
  CHECK(fault("[[task]]\n") == "c.toml:1:1: 'task' wants a section [task], not an array");
  CHECK(says(fault("[profile]\nprod = \"x\"\n"), "'prod' wants a section [profile.NAME]"));
  CHECK(says(fault("[profile.prod]\nstore = { a = 1 }\n"), "not a table"));
}

TEST_CASE("a value of the right type that cannot be is reported at the value") {
  CHECK(says(fault("[task]\ntimeout = \"soon\"\n"), "c.toml:2:11: timeout: 'soon' is not"));
  CHECK(says(fault("[task]\nattempts = 0\n"), "c.toml:2:12: attempts: '0' is not"));
  CHECK(says(fault("[task]\ngrace = -1\n"), "c.toml:2:9: grace: "));
  CHECK(says(fault("[task]\nenv = [\"A=1\", \"=2\"]\n"), "c.toml:2:15: env: "));
  CHECK(says(fault("profile = \"a b\"\n"), "c.toml:1:11: profile: 'a b' is not a profile name"));
}

TEST_CASE("a known key in the wrong section says where it belongs") {
  CHECK(fault("timeout = \"5m\"\n") ==
        "c.toml:1:1: 'timeout' belongs in [task], [profile.NAME.task] or [sandbox.NAME]");
  CHECK(fault("[profile.prod]\ntimeout = \"5m\"\n") ==
        "c.toml:2:1: 'timeout' belongs in [task], [profile.NAME.task] or [sandbox.NAME]");
  CHECK(fault("[task]\nserver = \"x\"\n") == "c.toml:2:1: 'server' belongs in [profile.NAME]");
  CHECK(fault("[profile]\nserver = \"x\"\n") == "c.toml:2:1: 'server' belongs in [profile.NAME]");
  CHECK(fault("[task]\nprofile = \"x\"\n") ==
        "c.toml:2:1: 'profile' belongs at the top of the file, before the first section");
  CHECK(says(fault("[task]\njson = true\n"), "'json' is a flag of the command line"));
}

TEST_CASE("a token is not written in the config, and its value is not repeated") {
  const std::string words = fault("[profile.prod]\ntoken = \"hunter2\"\n");
  CHECK(words == "c.toml:2:1: there is no key 'token': secrets are not written in the config");
  try {
    parsed("token = \"hunter2\"\n");
    FAIL("a token was taken");
  } catch (const Error& error) {
    CHECK(says(error.next(), "token_file, token_env or token_command"));
  }
}

TEST_CASE("a syntax error names line and column") {
  CHECK(says(fault("[task]\ntimeout = \n"), "c.toml:2:"));
  CHECK(says(fault("[task\n"), "c.toml:1:"));
  CHECK(says(fault("[!task]\n"), "c.toml:1:2:"));
  CHECK(says(fault("\xC3\xA9 = 1\n"), "c.toml:1:1:"));
  CHECK(says(fault("[task]\na = 1\na = 2\n"), "c.toml:3:"));
  CHECK(says(fault("color = 'auto'\nprofile = prod\n"), "c.toml:2:"));
  CHECK(says(fault("[task]\nname = \"\xFF\"\n"), "c.toml:2:"));
}

TEST_CASE("the active profile is set once") {
  CHECK(fault("profile = 'a'\nprofile = 'b'\n") == "c.toml:2:1: 'profile' is set twice");
  CHECK(says(fault("profile = 'a'\nprofile = 'b'\n[profile.a]\n"), "c.toml:3:"));
}

TEST_CASE("a profile needs a name that can be typed") {
  CHECK(says(fault("[profile.'a b']\n"), "c.toml:1:10: 'a b' is not a profile name"));
  CHECK(says(fault("[profile.a.b]\n"), "unknown key 'b' in [profile.a]"));
}

TEST_CASE("a profile has one place for tasks and one source of its token") {
  CHECK(fault("[profile.p]\nserver = 'http://h'\nstore = 'sqlite'\n") ==
        "c.toml:3:1: 'store' and 'server' cannot both stand in [profile.p]");
  CHECK(says(fault("[profile.p]\ntoken_env = 'X'\ntoken_file = 'y'\n"), "cannot both stand"));
  CHECK(fault("[profile.p]\nserver = 'http://h'\ntoken_env = 'X'\n[profile.q]\nstore = 'x'\n")
            .empty());
}

TEST_CASE("a project file holds defaults for tasks") {
  const ConfigFile file = parsed("[task]\ntimeout = '5m'\nenv = ['CI=1']\n", Layer::kProjectFile);
  CHECK(entry(file, "timeout") == "2:1 5m");
  CHECK(file.entries.size() == 2);
}

TEST_CASE("a project file cannot choose a profile, a server or a colour") {
  for (const char* text : {"profile = 'prod'\n", "[profile.prod]\nserver = 'http://evil'\n",
                           "[profile.prod.task]\ntimeout = '5m'\n", "color = 'never'\n",
                           "[task]\ntoken_command = 'x'\n", "[profile]\nx = 1\n"}) {
    INFO(text);
    CHECK(says(fault(text, Layer::kProjectFile), "may not stand in a project file"));
  }
}

TEST_CASE("a project file cannot loosen the sandbox") {
  CHECK(says(fault("[task]\nisolation = 'none'\n", Layer::kProjectFile), "loosen the sandbox"));
  CHECK(fault("[task]\nisolation = 'none'\n", Layer::kUserFile).empty());
}

TEST_CASE("mistakes in a project file are told apart from what it may not hold") {
  CHECK(says(fault("timeout = '5m'\n", Layer::kProjectFile), "belongs in [task]"));
  CHECK(says(fault("[tsak]\n", Layer::kProjectFile), "did you mean [task]?"));
  CHECK(!says(fault("colour = 'auto'\n", Layer::kProjectFile), "did you mean"));
}

TEST_CASE("control characters of a file do not reach the terminal") {
  for (const char* text : {"\"a\\u001b[31m\" = 1\n", "[profile.\"\\u001b\"]\n",
                           "[task]\nname = \"\\u001b\"\n", "[task]\ntimeout = \"\\u001b\"\n",
                           "\"\\u001b\" = 1\n\"\\u001b\" = 2\n", "[profile]\n\"\\u001b\" = 2\n"}) {
    INFO(text);
    const std::string words = fault(text);
    CHECK(!words.empty());
    CHECK(words.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("a key of a million parts is refused and not taken apart") {
  std::string key = "a";
  for (int part = 0; part < 500'000; ++part) key += ".a";
  CHECK(fault("\n" + key + " = 1\n") == "c.toml:2:1: a key has more than 64 parts");
  CHECK(!fault("x = { " + key + " = 1 }\n").empty());
  CHECK(!fault("[" + key + "]\n").empty());
}

TEST_CASE("a value nested beyond reason is refused") {
  CHECK(!fault("x = " + std::string(100'000, '[') + "\n").empty());
}

}  // namespace muster
