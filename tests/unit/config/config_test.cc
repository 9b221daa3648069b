// SPDX-License-Identifier: Apache-2.0
#include "config/config.h"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "temp_folder.h"

namespace muster {
namespace {

// One run of muster: its files, variables and flags.
struct World {
  TempFolder folder;
  std::map<std::string, std::string> variables;
  FlagValues flags;

  ConfigPaths paths() const {
    return {folder.path("system.toml"), folder.path("user/config.toml"),
            folder.path("project/.muster.toml")};
  }
  std::string system(const std::string& text) const { return folder.write("system.toml", text); }
  std::string user(const std::string& text) const { return folder.write("user/config.toml", text); }
  std::string project(const std::string& text) const {
    return folder.write("project/.muster.toml", text);
  }
  Config load() const { return Config::load(paths(), environment_of(variables), flags); }
  Error refusal() const {
    try {
      load();
    } catch (const Error& error) {
      return error;
    }
    FAIL("the config was taken");
    return {ErrorCode::kIo, ""};
  }
};

std::string origin(const Config& config, std::string_view name) {
  const Value* value = config.find(name);
  return value ? describe(value->origin) : "unset";
}

bool says(const std::string& message, std::string_view part) {
  return message.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("without any file the defaults are in force") {
  const World world;
  const Config config = world.load();
  CHECK(config.profile() == "local");
  CHECK(config.profiles() == std::vector<std::string>{"local"});
  CHECK(describe(config.profile_origin()) == "default");
  CHECK(config.files().empty());
  CHECK(config.warnings().empty());
  CHECK(config.text("store") == "sqlite");
  CHECK(config.text("profile") == "local");
  CHECK(config.duration("grace") == std::chrono::seconds(5));
  CHECK(config.integer("attempts") == 1);
  CHECK(origin(config, "attempts") == "default");
  CHECK(!config.is_set("timeout"));
  CHECK(!config.flag("clear-env"));
}

TEST_CASE("a project file that belongs to another user is ignored with a warning") {
  if (geteuid() != 0) return;  // only root can give a file away
  const World world;
  const std::string path = world.project("[task]\ntimeout = '3s'\n");
  CHECK(world.load().text("timeout") == "3s");
  REQUIRE(chown(path.c_str(), 65534, 65534) == 0);
  const Config config = world.load();
  CHECK(!config.is_set("timeout"));
  REQUIRE(config.warnings().size() == 1);
  CHECK(says(config.warnings().front(), path + " is ignored: it belongs to another user"));
  CHECK(says(config.warnings().front(), "chown 0 "));
}

TEST_CASE("each layer wins over the weaker ones and is named as the origin") {
  World world;
  const std::string system = world.system("[task]\ntimeout = '1s'\nnice = 1\n");
  CHECK(world.load().text("timeout") == "1s");
  CHECK(origin(world.load(), "timeout") == system + ":2:1");
  const std::string user = world.user("\n[task]\ntimeout = '3s'\n");
  CHECK(origin(world.load(), "timeout") == user + ":3:1");
  const std::string project = world.project("[task]\n  timeout = '2s'\n");
  CHECK(origin(world.load(), "timeout") == project + ":2:3");
  world.variables["MUSTER_TIMEOUT"] = "4s";
  CHECK(world.load().text("timeout") == "4s");
  CHECK(origin(world.load(), "timeout") == "environment MUSTER_TIMEOUT");
  world.flags["timeout"] = {"5s"};
  CHECK(world.load().text("timeout") == "5s");
  CHECK(origin(world.load(), "timeout") == "flag --timeout");
  CHECK(world.load().integer("nice") == 1);
  CHECK(world.load().files() == std::vector<std::string>{system, user, project});
}

TEST_CASE("the task section of the active profile wins over the general one of its file only") {
  World world;
  world.user(
      "profile = 'p'\n[profile.p.task]\ntimeout = '2s'\n[task]\ntimeout = '1s'\n"
      "[profile.q.task]\ntimeout = '9s'\n");
  CHECK(world.load().text("timeout") == "2s");
  world.project("[task]\ntimeout = '1500ms'\n");
  CHECK(world.load().text("timeout") == "1500ms");
}

TEST_CASE("the settings of other profiles are not in force") {
  World world;
  world.user("[profile.p]\nserver = 'http://p'\n[profile.q]\nserver = 'http://q'\n");
  CHECK(!world.load().is_set("server"));
  world.flags["profile"] = {"q"};
  CHECK(world.load().text("server") == "http://q");
  CHECK(world.load().text("profile") == "q");
}

TEST_CASE("a profile may be spread over the system's and the user's file") {
  World world;
  world.system("[profile.p]\nserver = 'http://p'\n");
  world.user("profile = 'p'\n[profile.p]\ntoken_env = 'TOKEN_OF_P'\n");
  CHECK(world.load().text("server") == "http://p");
  CHECK(world.load().text("token-env") == "TOKEN_OF_P");
  CHECK(world.load().profiles() == std::vector<std::string>{"local", "p"});
}

TEST_CASE("the active profile is chosen by flag, variable, user's file, system's file") {
  World world;
  world.system("profile = 'a'\n[profile.a]\n[profile.b]\n[profile.c]\n[profile.d]\n");
  CHECK(world.load().profile() == "a");
  const std::string user = world.user("profile = 'b'\n");
  CHECK(world.load().profile() == "b");
  CHECK(describe(world.load().profile_origin()) == user + ":1:1");
  world.variables["MUSTER_PROFILE"] = "c";
  CHECK(world.load().profile() == "c");
  world.flags["profile"] = {"d"};
  CHECK(world.load().profile() == "d");
  CHECK(origin(world.load(), "profile") == "flag --profile");
}

TEST_CASE("a profile that no file defines is not found and the nearest is named") {
  World world;
  world.user("[profile.prod]\n[profile.staging]\n");
  world.variables["MUSTER_PROFILE"] = "prdo";
  CHECK(world.refusal().code() == ErrorCode::kNotFound);
  CHECK(world.refusal().message() ==
        "environment MUSTER_PROFILE: there is no profile 'prdo'; did you mean 'prod'?");
  world.flags["profile"] = {"xyzzy"};
  CHECK(world.refusal().message() ==
        "flag --profile: there is no profile 'xyzzy'; known: local, prod, staging");
  world.flags["profile"] = {"local"};
  CHECK(world.load().profile() == "local");
}

TEST_CASE("a bad value names the variable or the flag") {
  World world;
  world.variables["MUSTER_ATTEMPTS"] = "many";
  CHECK(world.refusal().code() == ErrorCode::kInvalidArgument);
  CHECK(says(world.refusal().message(), "MUSTER_ATTEMPTS: 'many' is not a whole number"));
  world.variables = {{"MUSTER_PROFILE", "a b"}};
  CHECK(says(world.refusal().message(), "MUSTER_PROFILE: 'a b' is not a profile name"));
  world.variables.clear();
  world.flags["open-files"] = {"-1"};
  CHECK(says(world.refusal().message(), "--open-files: '-1' is not a whole number"));
}

TEST_CASE("a bad file stops the load with its place") {
  World world;
  const std::string project = world.project("[task]\ntimeout = true\n");
  CHECK(says(world.refusal().message(), project + ":2:11: 'timeout' wants a duration"));
}

TEST_CASE("a variable that is empty counts as unset") {
  World world;
  world.user("[task]\ntimeout = '1s'\n");
  world.variables = {{"MUSTER_TIMEOUT", ""}, {"MUSTER_PROFILE", ""}};
  CHECK(world.load().text("timeout") == "1s");
  CHECK(world.load().profile() == "local");
}

TEST_CASE("a switch is turned on and off again by stronger layers") {
  World world;
  world.user("[task]\nclear_env = true\n");
  CHECK(world.load().flag("clear-env"));
  world.variables["MUSTER_CLEAR_ENV"] = "0";
  CHECK(!world.load().flag("clear-env"));
  CHECK(world.load().text("clear-env") == "false");
  world.flags["clear-env"] = {"1"};
  CHECK(world.load().flag("clear-env"));
  CHECK(world.load().text("clear-env") == "true");
}

TEST_CASE("of a list the stronger file replaces the weaker and flags come behind both") {
  World world;
  world.system("[task]\nenv = ['A=1', 'B=1']\n");
  world.user("[task]\nenv = ['C=1']\n");
  CHECK(world.load().texts("env") == std::vector<std::string>{"C=1"});
  world.flags["env"] = {"D=1", "C=2"};
  CHECK(world.load().texts("env") == std::vector<std::string>{"C=1", "D=1", "C=2"});
  CHECK(origin(world.load(), "env") == "flag --env");
  CHECK(world.load().texts("env-file").empty());
}

TEST_CASE("an empty list in a file empties the list of a weaker one") {
  World world;
  world.system("[task]\nenv = ['A=1']\n");
  world.user("[task]\nenv = []\n");
  CHECK(world.load().texts("env").empty());
  CHECK(world.load().optional_text("env") == std::nullopt);
  CHECK(!world.load().flag("env"));
}

TEST_CASE("a flag given twice counts as the last one") {
  World world;
  world.flags["timeout"] = {"1s", "2s"};
  CHECK(world.load().texts("timeout") == std::vector<std::string>{"2s"});
}

TEST_CASE("values come as their types") {
  World world;
  world.flags = {{"timeout", {"1m30s"}}, {"stack", {"64M"}}, {"nice", {"-5"}}, {"umask", {"027"}}};
  const Config config = world.load();
  CHECK(config.duration("timeout") == std::chrono::seconds(90));
  CHECK(config.bytes("stack") == Bytes{std::uint64_t{64} << 20});
  CHECK(config.integer("nice") == -5);
  CHECK(config.integer("umask") == 027);
  CHECK(config.optional_text("name") == std::nullopt);
  CHECK(config.duration("grace").has_value());
  CHECK(config.bytes("core") == std::nullopt);
  CHECK(config.integer("open-files") == std::nullopt);
}

TEST_CASE("a path in a file starts at the home or at the file's folder") {
  World world;
  world.variables["HOME"] = "/home/ada";
  world.user("[profile.local]\ntoken_file = '~/tok'\n[task]\nworkdir = '/srv'\n");
  CHECK(world.load().text("token-file") == "/home/ada/tok");
  CHECK(world.load().text("workdir") == "/srv");
  world.project("[task]\nworkdir = 'build'\n");
  CHECK(world.load().text("workdir") == world.folder.path("project/build"));
  world.project("[task]\nworkdir = '.'\n");
  CHECK(world.load().text("workdir") == world.folder.path("project"));
  world.flags["workdir"] = {"~/x"};
  CHECK(world.load().text("workdir") == "~/x");
}

TEST_CASE("a path below the home needs a home") {
  World world;
  const std::string user = world.user("[task]\nworkdir = '~'\n");
  CHECK(says(world.refusal().message(), user + ":2:1: workdir: '~' cannot be resolved"));
  CHECK(says(world.refusal().message(), "HOME is not set"));
}

TEST_CASE("the warnings of the files reach the config") {
  World world;
  world.folder.write("system.toml", "[profile.p]\ntoken_command = 'x'\n", 0644);
  REQUIRE(world.load().warnings().size() == 1);
  CHECK(says(world.load().warnings()[0], "chmod 600"));
}

TEST_CASE("a MUSTER_ variable that no setting has gives a warning with the nearest") {
  World world;
  world.user("[profile.p]\ntoken_env = 'MUSTER_TOKEN'\n");
  const char* const environment[] = {"MUSTER_TIMOUT=5s",
                                     "MUSTER_XYZZY=1",
                                     "MUSTER_TIMEOUT=5s",
                                     "MUSTER_TESTS_MUST_WORK=1",
                                     "MUSTER_TOKEN=hunter2",
                                     "MUSTER_EMPTY=",
                                     "MUSTER_NOTHING",
                                     "HOME=/",
                                     nullptr};
  const Config config =
      Config::load(world.paths(), environment_of(world.variables), world.flags, environment);
  CHECK(config.warnings() ==
        std::vector<std::string>{
            "the environment variable 'MUSTER_TIMOUT' is not one that muster knows; did you mean "
            "MUSTER_TIMEOUT?",
            "the environment variable 'MUSTER_XYZZY' is not one that muster knows"});
}

TEST_CASE("an origin is described by its layer and place") {
  CHECK(describe({Layer::kDefault, ""}) == "default");
  CHECK(describe({Layer::kProjectFile, "/p/.muster.toml:1:1"}) == "/p/.muster.toml:1:1");
  CHECK(describe({Layer::kEnvironment, "MUSTER_X"}) == "environment MUSTER_X");
  CHECK(describe({Layer::kFlag, "--x"}) == "flag --x");
}

}  // namespace muster
