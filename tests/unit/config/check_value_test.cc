// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "config/setting.h"

namespace muster {
namespace {

// What check_value says of the text; empty when it is right.
std::string fault(std::string_view name, std::string_view text) {
  try {
    check_value(setting(name), text);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kInvalidArgument);
    return error.message();
  }
  return {};
}

bool says_so(const std::string& message, std::string_view part) {
  return message.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a whole number within its bounds is taken, and the bounds are named otherwise") {
  CHECK(fault("attempts", "1").empty());
  CHECK(fault("attempts", "1000").empty());
  CHECK(fault("nice", "-20").empty());
  CHECK(fault("attempts", "0") == "'0' is not a whole number from 1 to 1000");
  CHECK(fault("attempts", "1001") == "'1001' is not a whole number from 1 to 1000");
  CHECK(fault("nice", "-21") == "'-21' is not a whole number from -20 to 19");
  for (const char* text : {"", "x", "1.0", " 1", "1 ", "+1", "0x1", "99999999999999999999"}) {
    INFO(text);
    CHECK(!fault("attempts", text).empty());
  }
}

TEST_CASE("a flag is true or false, or 1 or 0") {
  for (const char* text : {"true", "false", "1", "0"}) CHECK(fault("clear-env", text).empty());
  CHECK(fault("clear-env", "yes") == "'yes' is neither true nor false");
}

TEST_CASE("a choice names the words there are and the nearest one") {
  CHECK(fault("color", "never").empty());
  CHECK(fault("color", "allways") ==
        "'allways' is not one of auto, always, never; did you mean always?");
  CHECK(fault("color", "purple") == "'purple' is not one of auto, always, never");
  CHECK(fault("isolation", "full") == "'full' is not one of sandbox, best-effort, none");
  CHECK(fault("isolation", "sandbx") ==
        "'sandbx' is not one of sandbox, best-effort, none; did you mean sandbox?");
}

TEST_CASE("a number with a fraction is at least a hundredth") {
  for (const char* text : {"0.01", "1", "1.5", "4096", "4096.00"})
    CHECK(fault("cpus", text).empty());
  for (const char* text : {"0", "0.009", "4096.01", "-1", "1.", ".5", "1e3", "", "inf", "2x"}) {
    INFO(text);
    CHECK(says_so(fault("cpus", text), "is not a number from 0.01 to 4096"));
  }
}

TEST_CASE("a size may have a least one, and memory may be a share of what there is") {
  CHECK(fault("disk", "64K").empty());
  CHECK(fault("disk", "65535") == "'65535' is too small; the least is 64K");
  CHECK(fault("disk", "0") == "'0' is too small; the least is 64K");
  CHECK(fault("memory", "1M").empty());
  CHECK(fault("memory", "100%").empty());
  CHECK(fault("memory", "1K") == "'1K' is too small; the least is 1M");
  for (const char* text : {"0%", "101%", "%", "1.5%", "-1%"}) {
    INFO(text);
    CHECK(says_so(fault("memory", text), "is not a percentage from 1% to 100%"));
  }
}

TEST_CASE("the parts of a sandbox are checked where they are typed") {
  for (const auto& [name, text] :
       std::vector<std::pair<const char*, const char*>>{{"bind", "lib"},
                                                        {"bind", "?rw:~/x:/y"},
                                                        {"tmpfs", "?~/x:1M"},
                                                        {"tmpfs", "/x"},
                                                        {"workspace", "overlay:lib"},
                                                        {"dev", "dri/card0"},
                                                        {"env-pass", "CARGO_*"},
                                                        {"allow", "ptrace,perf"},
                                                        {"hostname", "a-b.c"},
                                                        {"sandbox", "code,mine"}}) {
    INFO(name << ' ' << text);
    CHECK(fault(name, text).empty());
  }
  for (const auto& [name, text] : std::vector<std::pair<const char*, const char*>>{
           {"bind", ""},         {"bind", "?"},        {"bind", "/a:b"},     {"bind", "/a:/b:/c"},
           {"bind", "rw:"},      {"tmpfs", "x"},       {"tmpfs", "/x:0"},    {"tmpfs", "/x:big"},
           {"workspace", "rw:"}, {"dev", "../mem"},    {"dev", "a/../../b"}, {"dev", "/kvm"},
           {"dev", ""},          {"dev", "a b"},       {"env-pass", "A=b"},  {"env-pass", "A B"},
           {"env-pass", ""},     {"allow", "ptrace,"}, {"hostname", "a_b"},  {"hostname", ""},
           {"sandbox", "a,,b"},  {"sandbox", "a b"}}) {
    INFO(name << ' ' << text);
    CHECK_FALSE(fault(name, text).empty());
  }
  CHECK(fault("allow", "ptrac") == "'ptrac' is not a group of system calls; did you mean ptrace?");
  CHECK(fault("hostname", std::string(64, 'a')).empty());
  CHECK_FALSE(fault("hostname", std::string(65, 'a')).empty());
  CHECK_FALSE(says_so(fault("env-pass", "TOKEN=hunter2"), "hunter2"));
}

TEST_CASE("a umask is octal and at most 0777") {
  for (const char* text : {"0", "22", "022", "0777", "00000777"}) {
    CHECK(fault("umask", text).empty());
  }
  for (const char* text : {"", "8", "1000", "-1", "0o22", "u=rwx"}) {
    INFO(text);
    CHECK(!fault("umask", text).empty());
  }
}

TEST_CASE("durations, sizes, pauses and retry rules are read as their types are") {
  CHECK(fault("timeout", "1h30m").empty());
  CHECK(fault("timeout", "0").empty());
  CHECK(!fault("timeout", "soon").empty());
  CHECK(fault("output-limit", "64M").empty());
  CHECK(!fault("output-limit", "64MB").empty());
  CHECK(fault("backoff", "linear:1s..1m").empty());
  CHECK(!fault("backoff", "sometimes").empty());
  CHECK(fault("retry-on", "exit:75,oom").empty());
  CHECK(!fault("retry-on", "rain").empty());
}

TEST_CASE("a variable needs a name and may lack a value") {
  CHECK(fault("env", "CI=1").empty());
  CHECK(fault("env", "CI=").empty());
  CHECK(fault("env", "CI").empty());
  CHECK(!fault("env", "").empty());
  CHECK(fault("env", "=hunter2").find("hunter2") == std::string::npos);
  CHECK(!fault("env", "=hunter2").empty());
}

TEST_CASE("a server is an http URL") {
  CHECK(fault("server", "https://muster.example.com").empty());
  CHECK(fault("server", "http://[::1]:8080/path?x=a@b").empty());
  for (const char* text : {"", "muster.example.com", "ftp://host", "https://", "https:///path",
                           "https://:443", "https://a b", "https://host\x1b"}) {
    INFO(text);
    CHECK(!fault("server", text).empty());
  }
}

TEST_CASE("a URL with a password is refused without repeating it") {
  for (const char* name : {"server", "store"}) {
    const std::string words = fault(name, "https://user:hunter2@host/");
    CHECK(words.find("password") != std::string::npos);
    CHECK(words.find("hunter2") == std::string::npos);
  }
  CHECK(!fault("server", "https://token@host").empty());
  CHECK(!fault("server", "http://user:hunter2@").empty());
}

TEST_CASE("the variable of a token is a name; a token in its place is refused and not repeated") {
  CHECK(fault("token-env", "CI_MUSTER_TOKEN2").empty());
  const std::string words = fault("token-env", "eyJhbGciOi.hunter2");
  CHECK(words.find("not the token itself") != std::string::npos);
  CHECK(words.find("hunter2") == std::string::npos);
  CHECK(!fault("token-env", "").empty());
  CHECK(!fault("token-env", "2x").empty());
}

TEST_CASE("a profile name is letters, digits and a few marks") {
  CHECK(fault("profile", "prod-eu_2.main").empty());
  for (const char* text : {"", "a b", "a/b", "prod\n", "\xC3\xA9"})
    CHECK(!fault("profile", text).empty());
}

TEST_CASE("the record cannot be stdout") {
  CHECK(fault("record", "run.json").empty());
  CHECK(fault("record", "./-").empty());
  CHECK(fault("record", "-").find("stdout belongs to the command") != std::string::npos);
  CHECK(!fault("record", "").empty());
}

TEST_CASE("only a script may be empty") {
  CHECK(fault("command", "").empty());
  CHECK(!fault("name", "").empty());
}

TEST_CASE("no value holds a NUL character") {
  using std::string_view_literals::operator""sv;
  CHECK(!fault("command", "echo\0x"sv).empty());
  CHECK(!fault("env", "A=b\0c"sv).empty());
  CHECK(!fault("workdir", "/tmp\0/x"sv).empty());
}

}  // namespace muster
