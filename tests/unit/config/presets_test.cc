// SPDX-License-Identifier: Apache-2.0
#include "config/presets.h"

#include <catch2/catch.hpp>

#include "base/error.h"
#include "config/config.h"
#include "temp_folder.h"

namespace muster {
namespace {

using Texts = std::vector<std::string>;

// One run of muster: its files, variables and flags.
struct World {
  TempFolder folder;
  std::map<std::string, std::string> variables = {{"HOME", "/home/ada"}};
  FlagValues flags;

  std::string user(const std::string& text) const { return folder.write("config.toml", text); }
  std::string project(const std::string& text) const { return folder.write(".muster.toml", text); }
  Config load() const {
    return Config::load({"", folder.path("config.toml"), folder.path(".muster.toml")},
                        environment_of(variables), flags);
  }
  Error refusal() const {
    try {
      load();
    } catch (const Error& error) {
      return error;
    }
    FAIL("the config was taken");
    return {ErrorCode::kIo, ""};
  }
  // Value and origin, as `config show --origin` tells them.
  std::string shown(std::string_view name) const {
    const Config config = load();
    const Value* value = config.find(name);
    if (value == nullptr) return "unset";
    return muster::shown(setting(name), *value) + " | " + describe(value->origin);
  }
};

bool says(const std::string& message, std::string_view part) {
  return message.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("every value of a built-in preset is one of its setting and may stand in a preset") {
  const Presets presets = collect_presets({});
  CHECK(presets.size() == builtin_presets().size());
  for (const auto name : builtin_presets()) REQUIRE(presets.contains(name));
  for (const auto& [name, values] : presets) {
    CHECK_FALSE(values.empty());
    for (const PresetValue& value : values) {
      INFO(name << ' ' << value.setting->name);
      CHECK(value.setting->preset);
      CHECK((value.texts.size() == 1 || value.setting->repeatable));
      for (const std::string& text : value.texts) CHECK_NOTHROW(check_value(*value.setting, text));
    }
  }
}

TEST_CASE("without a choice the defaults are strict") {
  const World world;
  CHECK(world.shown("sandbox") == "strict | default");
  CHECK(world.shown("isolation") == "sandbox | default");
  CHECK(world.shown("net") == "none | default");
  CHECK(world.shown("workspace") == "rw | default");
  CHECK(world.shown("pids") == "4096 | default");
  CHECK(world.shown("disk") == "1G | default");
  CHECK(world.shown("inodes") == "262144 | default");
  CHECK(world.shown("memory") == "unset");
  CHECK(world.shown("bind") == "unset");
}

TEST_CASE("a preset wins over weaker places and loses to its own and stronger ones") {
  World world;
  const std::string user = world.user("[task]\nmemory = '2G'\nnet = 'host'\nsandbox = 'dev'\n");
  CHECK(world.shown("memory") == "2G | " + user + ":2:1");
  CHECK(world.shown("net") == "host | " + user + ":3:1");
  world.flags["sandbox"] = {"code"};
  CHECK(world.shown("memory") == "256M | preset code (flag --sandbox)");
  CHECK(world.shown("net") == "none | preset code (flag --sandbox)");
  world.flags["memory"] = {"1G"};
  CHECK(world.shown("memory") == "1G | flag --memory");
  world.flags = {};
  world.variables["MUSTER_SANDBOX"] = "code";
  CHECK(world.shown("memory") == "256M | preset code (environment MUSTER_SANDBOX)");
  world.variables["MUSTER_MEMORY"] = "3G";
  CHECK(world.shown("memory") == "3G | environment MUSTER_MEMORY");
}

TEST_CASE("a preset that a profile's section names wins over the general section") {
  World world;
  const std::string user = world.user(
      "profile = 'p'\n[task]\nmemory = '2G'\npids = 10\n[profile.p.task]\nsandbox = 'code'\n"
      "pids = 20\n");
  CHECK(world.shown("memory") == "256M | preset code (" + user + ":6:1)");
  CHECK(world.shown("pids") == "20 | " + user + ":7:1");
}

TEST_CASE("of several presets the later one wins and lists add up") {
  World world;
  world.user(
      "[sandbox.a]\nmemory = '1G'\npids = 100\nbind = ['ro:/a']\n"
      "[sandbox.b]\nmemory = '2G'\nbind = ['ro:/b']\n");
  world.flags["sandbox"] = {"a,b"};
  CHECK(world.shown("sandbox") == "a,b | flag --sandbox");
  CHECK(world.shown("memory") == "2G | preset b (flag --sandbox)");
  CHECK(world.shown("pids") == "100 | preset a (flag --sandbox)");
  CHECK(world.shown("bind") == "ro:/a, ro:/b | preset b (flag --sandbox)");
  world.flags["sandbox"] = {"b,a"};
  CHECK(world.shown("memory") == "1G | preset a (flag --sandbox)");
}

TEST_CASE("no list takes the place of a preset's") {
  World world;
  world.user("[sandbox.a]\ntmpfs = ['/hidden']\n[task]\nsandbox = 'a'\ntmpfs = ['/own']\n");
  CHECK(world.load().texts("tmpfs") == Texts{"/hidden", "/own"});
  CHECK(world.load().find("tmpfs")->from_presets == 1);
  world.flags["tmpfs"] = {"/typed"};
  CHECK(world.load().texts("tmpfs") == Texts{"/hidden", "/own", "/typed"});
}

TEST_CASE("a stronger choice of presets replaces the weaker one") {
  World world;
  world.user("[sandbox.a]\nmemory = '1G'\n[task]\nsandbox = 'a'\n");
  CHECK(world.load().text("memory") == "1G");
  world.flags["sandbox"] = {"strict"};
  CHECK(world.shown("memory") == "unset");
}

TEST_CASE("strict takes back what weaker places opened") {
  World world;
  world.user("[task]\nnet = 'host'\nlandlock = 'no'\nmap_root = true\n");
  world.flags["sandbox"] = {"strict"};
  CHECK(world.load().text("net") == "none");
  CHECK(world.load().text("landlock") == "yes");
  CHECK_FALSE(world.load().flag("map-root"));
}

TEST_CASE("paths in a preset start at the home or at the file's folder") {
  World world;
  world.user("[sandbox.a]\nbind = ['?rw:~/x:/x', 'lib', '/abs:~/in']\nrootfs = 'images/1'\n");
  world.flags["sandbox"] = {"a"};
  CHECK(world.load().texts("bind") ==
        Texts{"?rw:/home/ada/x:/x", world.folder.path("lib"), "/abs:/home/ada/in"});
  CHECK(world.load().text("rootfs") == world.folder.path("images/1"));
  world.variables.erase("HOME");
  CHECK(says(world.refusal().message(), "config.toml:2:1: '~/x' cannot be resolved"));
  world.flags["sandbox"] = {"dev"};
  CHECK(says(world.refusal().message(), "preset dev: '~' cannot be resolved"));
  world.flags["sandbox"] = {"build"};
  CHECK_NOTHROW(world.load());
}

TEST_CASE("a preset that does not exist is not found, and where to define it is said") {
  World world;
  world.user("[sandbox.mine]\n");
  world.flags["sandbox"] = {"strict,coed"};
  CHECK(world.refusal().code() == ErrorCode::kNotFound);
  CHECK(world.refusal().message() ==
        "flag --sandbox: there is no preset 'coed'; did you mean 'code'?");
  CHECK(says(world.refusal().next(), "[sandbox.coed]"));
  world.flags["sandbox"] = {"xyzzy"};
  CHECK(says(world.refusal().message(), "known: build, code, dev, mine, strict"));
}

TEST_CASE("a preset of the same name in two files has the keys of both") {
  const World world;
  const auto system =
      parse_config("[sandbox.a]\nmemory = '1G'\npids = 5\n", "/s", Layer::kSystemFile);
  const auto user = parse_config("[sandbox.a]\npids = 6\n", "/u", Layer::kUserFile);
  const ConfigFile files[] = {system, user};
  const Presets presets = collect_presets(files);
  const auto& values = presets.find("a")->second;
  REQUIRE(values.size() == 2);
  CHECK(values[0].texts == Texts{"1G"});
  CHECK(values[1].texts == Texts{"6"});
  CHECK(values[1].place == "/u:2:1");
}

TEST_CASE("a preset holds settings of the sandbox and limits alone, and not itself") {
  const auto fault = [](const std::string& text) -> std::string {
    try {
      parse_config(text, "f", Layer::kUserFile);
    } catch (const Error& error) {
      return error.message();
    }
    return "";
  };
  CHECK(fault("[sandbox.a]\nmemory = '1G'\ntimeout = 5\nenv_pass = ['X']\ncpus = 1.5\n").empty());
  CHECK(fault("[sandbox.a]\nqueue = 'x'\n") ==
        "f:2:1: 'queue' belongs in [task] or [profile.NAME.task]");
  CHECK(fault("[sandbox.a]\nsandbox = 'x'\n") ==
        "f:2:1: 'sandbox' belongs in [task] or [profile.NAME.task]");
  CHECK(fault("[sandbox.a]\nmemroy = '1G'\n") ==
        "f:2:1: unknown key 'memroy' in [sandbox.a]; did you mean 'memory'?");
  CHECK(fault("memory = '1G'\n") ==
        "f:1:1: 'memory' belongs in [task], [profile.NAME.task] or [sandbox.NAME]");
  CHECK(fault("[sandbox]\na = 1\n") == "f:2:5: 'a' wants a section [sandbox.NAME], not an integer");
  CHECK(fault("sandbox = 'dev'\n") == "f:1:1: 'sandbox' belongs in [task] or [profile.NAME.task]");
  CHECK(fault("[sandbox.code]\n") == "f:1:10: the preset 'code' is built in and cannot be changed");
  CHECK(fault("[sandbox.'a,b']\n") != "");
  CHECK(fault("[snadbox.a]\n") == "f:1:2: unknown section [snadbox]; did you mean [sandbox]?");
}

TEST_CASE("what a project asks for never loosens the sandbox") {
  const auto fault = [](const std::string& line) -> std::string {
    try {
      parse_config("[task]\n" + line + "\n", "f", Layer::kProjectFile);
    } catch (const Error& error) {
      CHECK_FALSE(error.next().empty());
      return error.message();
    }
    return "";
  };
  for (const char* line :
       {"net = 'none'", "workspace = 'ro'", "workspace = 'overlay'", "workspace = 'none'",
        "workspace = 'rw'", "landlock = 'yes'", "memory = '1G'", "core = 0", "sandbox = 'code'",
        "sandbox = 'strict,code'", "seccomp = 'policy.json'", "hostname = 'box'", "cpus = 2"}) {
    INFO(line);
    CHECK(fault(line).empty());
  }
  for (const char* line :
       {"net = 'host'", "workspace = 'ro:/etc'", "landlock = 'no'", "core = '1M'",
        "sandbox = 'dev'", "sandbox = 'code,mine'", "isolation = 'none'", "isolation = 'sandbox'",
        "bind = ['ro:/etc']", "tmpfs = ['/x']", "dev = ['kvm']", "env_pass = ['X']",
        "allow = ['ptrace']", "map_root = true", "rootfs = '/'", "diff = true", "apply = true"}) {
    INFO(line);
    CHECK(says(fault(line), "may not stand in a project file"));
  }
  CHECK(says(fault("sandbox = 'code,mine'"), "only the presets strict and code tighten it"));
  CHECK_THROWS_AS(parse_config("[sandbox.a]\n", "f", Layer::kProjectFile), Error);
}

TEST_CASE("a project lowers limits and never raises them") {
  World world;
  const std::string user = world.user("[task]\nmemory = '2G'\ntimeout = '5m'\nworkspace = 'ro'\n");
  const std::string project = world.project(
      "[task]\nmemory = '4G'\ntimeout = '10s'\npids = 8000\ndisk = '1M'\nworkspace = 'overlay'\n"
      "cpus = 2\n");
  CHECK(world.shown("memory") == "2G | " + user + ":2:1");
  CHECK(world.shown("timeout") == "10s | " + project + ":3:1");
  CHECK(world.shown("pids") == "4096 | default");
  CHECK(world.shown("disk") == "1M | " + project + ":5:1");
  CHECK(world.shown("workspace") == "ro | " + user + ":4:1");
  CHECK(world.shown("cpus") == "2 | " + project + ":7:1");
  world.project("[task]\ntimeout = 0\nworkspace = 'none'\n");
  CHECK(world.shown("timeout") == "5m | " + user + ":3:1");
  CHECK(world.shown("workspace") == "none | " + world.folder.path(".muster.toml") + ":3:1");
  world.project("[task]\nmemory = '4G'\n");
  world.flags["memory"] = {"8G"};
  CHECK(world.load().text("memory") == "8G");
}

TEST_CASE("a share of the memory is lower or higher like any size") {
  World world;
  world.user("[task]\nmemory = '50%'\n");
  const auto half = world.load().bytes("memory");
  REQUIRE(half);
  CHECK(half->count > 0);
  world.project("[task]\nmemory = '60%'\n");
  CHECK(world.load().text("memory") == "50%");
  world.project("[task]\nmemory = '40%'\n");
  CHECK(world.load().text("memory") == "40%");
  CHECK(world.load().bytes("memory") < half);
}

TEST_CASE("a project adds its presets to those of the user and only tightens by them") {
  World world;
  const std::string user =
      world.user("[sandbox.mine]\nbind = ['ro:/opt']\nmemory = '100M'\n[task]\nsandbox = 'mine'\n");
  const std::string project = world.project("[task]\nsandbox = 'code'\n");
  CHECK(world.shown("sandbox") == "mine,code | " + project + ":2:1");
  CHECK(world.load().texts("bind") == Texts{"ro:/opt"});
  CHECK(world.shown("memory") == "100M | preset mine (" + user + ":5:1)");
  CHECK(world.shown("pids") == "64 | preset code (" + project + ":2:1)");
  CHECK(world.shown("workspace") == "none | preset code (" + project + ":2:1)");
  world.flags["sandbox"] = {"strict"};
  CHECK(world.shown("pids") == "4096 | default");
}

TEST_CASE("a project's policy for system calls counts where the user has none") {
  World world;
  world.project("[task]\nseccomp = 'policy.json'\n");
  CHECK(world.load().text("seccomp") == world.folder.path("policy.json"));
  world.user("[task]\nseccomp = '/etc/mine.json'\n");
  CHECK(world.load().text("seccomp") == "/etc/mine.json");
}

TEST_CASE("a number with a fraction is read from a file, a variable or a flag") {
  World world;
  world.user("[task]\ncpus = 1.5\n");
  CHECK(world.load().decimal("cpus") == 1.5);
  world.user("[task]\ncpus = '0.25'\n");
  CHECK(world.load().decimal("cpus") == 0.25);
  world.variables["MUSTER_CPUS"] = "3";
  CHECK(world.load().decimal("cpus") == 3.0);
  world.variables.erase("MUSTER_CPUS");
  world.user("[task]\ncpus = nan\n");
  CHECK(says(world.refusal().message(), "is not a number from 0.01 to 4096"));
  world.user("[task]\ncpus = 1e300\n");
  CHECK(says(world.refusal().message(), "is not a number from 0.01 to 4096"));
}

}  // namespace muster
