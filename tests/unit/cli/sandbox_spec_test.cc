// SPDX-License-Identifier: Apache-2.0
#include "cli/sandbox_spec.h"

#include <filesystem>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/text.h"
#include "unit/exec/processes.h"

namespace muster::cli {

namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

// A machine with a home and a project, and one call of `run` in the project.
struct World {
  ScratchFolder folder;
  FlagValues flags;
  std::string config_file;
  std::string cwd = make("home/project");
  std::string home = folder.path("home");

  std::string make(const std::string& name) const {
    fs::create_directories(folder.path(name));
    return fs::canonical(folder.path(name)).string();
  }
  Config config() const {
    const std::string file = config_file.empty() ? "" : folder.write("config.toml", config_file);
    return Config::load(
        {"", file, ""},
        [this](const char* name) { return std::string(name) == "HOME" ? home.c_str() : nullptr; },
        flags);
  }
  SandboxSpec sandbox() const { return make_sandbox(config(), {cwd, home, {home}}, start); }
  std::string refusal() const {
    try {
      sandbox();
    } catch (const Error& error) {
      return error.message();
    }
    return "taken";
  }
  mutable std::string start;
};

bool says(const std::string& message, std::string_view part) {
  return message.find(part) != std::string::npos;
}

Texts targets(const std::vector<Tmpfs>& all) {
  Texts texts;
  for (const Tmpfs& each : all) texts.push_back(each.target);
  return texts;
}

}  // namespace

TEST_CASE("without flags a sandbox is closed and the working directory is its workspace") {
  const World world;
  const SandboxSpec spec = world.sandbox();
  CHECK(spec.isolation == Isolation::kSandbox);
  CHECK(spec.workspace.mode == WorkspaceMode::kReadWrite);
  CHECK(spec.workspace.directory == world.cwd);
  CHECK(world.start == world.cwd);
  CHECK(spec.network == Network::kNone);
  CHECK(spec.binds.empty());
  CHECK(spec.tmpfs.empty());
  CHECK(spec.rootfs.empty());
  CHECK(spec.home == world.home);
  CHECK(spec.devices.empty());
  CHECK(spec.allow.empty());
  CHECK(spec.policy_path.empty());
  CHECK(spec.landlock);
  CHECK_FALSE(spec.map_root);
  CHECK_FALSE(spec.timings);
  CHECK(spec.hostname == "muster");
}

TEST_CASE("every flag of the sandbox arrives in the spec") {
  World world;
  world.make("lib");
  world.folder.write("home/project/p.json", R"({"defaultAction": "SCMP_ACT_ALLOW"})");
  world.flags = {{"isolation", {"best-effort"}},
                 {"net", {"host"}},
                 {"bind", {"rw:../../lib:/lib1", "/usr/bin"}},
                 {"tmpfs", {"/var/x:1M", "/y"}},
                 {"rootfs", {"../../lib"}},
                 {"dev", {"kvm", "fuse", "kvm"}},
                 {"allow", {"ptrace,perf", "bpf"}},
                 {"landlock", {"no"}},
                 {"map-root", {"true"}},
                 {"hostname", {"box"}},
                 {"timings", {"true"}},
                 {"seccomp", {"p.json"}}};
  const SandboxSpec spec = world.sandbox();
  CHECK(spec.isolation == Isolation::kBestEffort);
  CHECK(spec.network == Network::kHost);
  CHECK(spec.binds == std::vector<Bind>{{true, world.folder.path("lib"), "/lib1"},
                                        {false, "/usr/bin", "/usr/bin"}});
  CHECK(spec.tmpfs == std::vector<Tmpfs>{{"/var/x", Bytes{1U << 20U}}, {"/y", {}}});
  CHECK(spec.rootfs == world.folder.path("lib"));
  CHECK(spec.devices == Texts{"fuse", "kvm"});
  CHECK(spec.allow == Texts{"bpf", "perf", "ptrace"});
  CHECK_FALSE(spec.landlock);
  CHECK(spec.map_root);
  CHECK(spec.hostname == "box");
  CHECK(spec.timings);
  CHECK(spec.policy_path == world.cwd + "/p.json");
  CHECK(spec.policy == SyscallPolicy{});
}

TEST_CASE("a policy for system calls that cannot be read is refused with its path") {
  World world;
  world.flags = {{"seccomp", {"p.json"}}};
  CHECK(says(world.refusal(), "seccomp: " + world.cwd + "/p.json: "));
  world.folder.write("home/project/p.json", R"({"defaultAction": "SCMP_ACT_MAYBE"})");
  CHECK(says(world.refusal(), "seccomp '" + world.cwd + "/p.json': "));
  CHECK(says(world.refusal(), "/defaultAction"));
}

TEST_CASE("what a sandbox makes itself cannot be covered") {
  World world;
  for (const char* target : {"/", "/proc", "/proc/1", "/sys", "/sys/fs/cgroup", "/dev", "/dev/shm",
                             "/dev/sda", "/a/../proc", "//"}) {
    INFO(target);
    world.flags = {{"bind", {concat("/usr:", target)}}};
    CHECK(says(world.refusal(), "bind '/usr:"));
    world.flags = {{"tmpfs", {target}}};
    CHECK(says(world.refusal(), "tmpfs '"));
  }
  world.flags = {{"bind", {"/usr:/process"}}, {"tmpfs", {"/devices"}}};
  CHECK(world.refusal() == "taken");
}

TEST_CASE("a bind that is missing is refused unless it is optional") {
  World world;
  world.flags = {{"bind", {"ro:/nope"}}};
  CHECK(world.refusal() == "bind 'ro:/nope': '/nope' does not exist");
  world.flags = {{"bind", {"?ro:/nope", "?rw:/usr:/u"}}};
  CHECK(world.sandbox().binds == std::vector<Bind>{{true, "/usr", "/u"}});
}

TEST_CASE("two things at one place are refused") {
  World world;
  world.flags = {{"bind", {"/usr:/x", "/etc:/x"}}};
  CHECK(world.refusal() == "bind '/etc:/x': there is already bind '/usr:/x' at /x");
  world.flags = {{"bind", {"/usr:/x"}}, {"tmpfs", {"/x/"}}};
  CHECK(world.refusal() == "tmpfs '/x/': there is already bind '/usr:/x' at /x");
  world.flags = {{"bind", {"/usr:/x", "ro:/usr/:/x"}}};
  CHECK(world.sandbox().binds.size() == 1);
  world.make("other");
  world.flags = {{"workspace", {"rw:" + world.make("w")}},
                 {"bind", {"/usr:" + world.folder.path("w")}}};
  CHECK(says(world.refusal(), "the workspace is there already"));
}

TEST_CASE("what was typed takes the place of what a preset has there") {
  World world;
  world.config_file = "[sandbox.a]\nbind = ['ro:/usr:/x', '/etc:/y']\ntmpfs = ['/z']\n";
  world.flags = {{"sandbox", {"a"}}, {"bind", {"rw:/var:/x", "ro:/usr:/z"}}};
  const SandboxSpec spec = world.sandbox();
  CHECK(spec.binds ==
        std::vector<Bind>{{false, "/etc", "/y"}, {true, "/var", "/x"}, {false, "/usr", "/z"}});
  CHECK(spec.tmpfs.empty());
}

TEST_CASE("an optional tmpfs hides what is there and is left out where nothing is") {
  World world;
  world.make("home/.ssh");
  world.folder.write("home/file", "");
  world.flags = {{"bind", {"ro:~"}}, {"tmpfs", {"?~/.ssh", "?~/.aws", "?~/file", "?/else"}}};
  CHECK(targets(world.sandbox().tmpfs) == Texts{world.home + "/.ssh"});
  world.flags = {{"tmpfs", {"?~/.ssh"}}};
  CHECK(targets(world.sandbox().tmpfs).empty());
  world.flags = {{"workspace", {"rw:" + world.home}}, {"tmpfs", {"?~/.ssh"}}};
  CHECK(targets(world.sandbox().tmpfs) == Texts{world.home + "/.ssh"});
}

TEST_CASE("an optional tmpfs hides where a link leads, as far as the bind shows it") {
  World world;
  const std::string real = world.make("home/dotfiles/ssh");
  fs::create_directory_symlink(real, world.home + "/.ssh");
  fs::create_directory_symlink("/etc", world.home + "/.aws");
  world.flags = {{"bind", {"ro:~"}}, {"tmpfs", {"?~/.ssh", "?~/.aws"}}};
  CHECK(targets(world.sandbox().tmpfs) == Texts{world.home + "/dotfiles/ssh"});
}

TEST_CASE("under dev the home is seen, caches are written and secrets are hidden") {
  World world;
  for (const char* name : {"home/.ssh", "home/.gnupg", "home/.cache", "home/.config/gh",
                           "home/.cargo/registry", "home/src"}) {
    world.make(name);
  }
  world.folder.write("home/.netrc", "password");
  world.flags = {{"sandbox", {"dev"}}};
  const SandboxSpec spec = world.sandbox();
  const std::string& home = world.home;
  CHECK(spec.binds ==
        std::vector<Bind>{{false, home, home},
                          {true, home + "/.cache", home + "/.cache"},
                          {true, home + "/.cargo/registry", home + "/.cargo/registry"},
                          {false, "/dev/null", home + "/.netrc"}});
  CHECK(targets(spec.tmpfs) == Texts{home + "/.config/gh", home + "/.gnupg", home + "/.ssh"});
  CHECK(spec.workspace.directory == world.cwd);
  CHECK(spec.network == Network::kNone);
}

TEST_CASE("under dev a hidden folder does not come back as the workspace") {
  World world;
  world.cwd = world.make("home/.ssh/keys");
  world.flags = {{"sandbox", {"dev"}}};
  const SandboxSpec spec = world.sandbox();
  CHECK(spec.workspace.directory.empty());
  CHECK(targets(spec.tmpfs) == Texts{world.home + "/.ssh"});
}

TEST_CASE("code has no workspace and tiny limits") {
  World world;
  world.flags = {{"sandbox", {"code"}}};
  CHECK(world.sandbox().workspace.mode == WorkspaceMode::kNone);
  CHECK(world.start == world.home);
  Limits limits;
  add_confining_limits(world.config(), limits);
  CHECK(limits.memory == Bytes{256U << 20U});
  CHECK(limits.pids == std::uint64_t{64});
  CHECK(limits.disk == Bytes{64U << 20U});
  CHECK(limits.inodes == std::uint64_t{16384});
  CHECK(limits.cpu_time == std::chrono::seconds(10));
}

TEST_CASE("confining limits have defaults that stop a fork bomb and a full disk, and no others") {
  const World world;
  Limits limits;
  add_confining_limits(world.config(), limits);
  CHECK(limits.pids == std::uint64_t{4096});
  CHECK(limits.disk == Bytes{1U << 30U});
  CHECK(limits.inodes == std::uint64_t{262144});
  CHECK(limits.core == Bytes{0});
  CHECK_FALSE(limits.memory);
  CHECK_FALSE(limits.cpus);
  CHECK_FALSE(limits.cpu_time);
}

TEST_CASE("confining limits are what was asked for") {
  World world;
  world.flags = {{"memory", {"2G"}}, {"cpus", {"0.5"}}, {"cpu-time", {"90s"}}};
  Limits limits{.timeout = {},
                .cpu_time = {},
                .memory = {},
                .cpus = {},
                .pids = {},
                .disk = {},
                .inodes = {},
                .output = {},
                .open_files = {},
                .core = Bytes{5},
                .file_size = {},
                .stack = {}};
  add_confining_limits(world.config(), limits);
  CHECK(limits.memory == Bytes{std::uint64_t{2} << 30U});
  CHECK(limits.cpus == 0.5);
  CHECK(limits.cpu_time == std::chrono::seconds(90));
  CHECK(limits.core == Bytes{5});
  world.flags = {{"cpu-time", {"0"}}};
  add_confining_limits(world.config(), limits);
  CHECK_FALSE(limits.cpu_time);
}

TEST_CASE("a rootfs must be a folder and not the whole machine") {
  World world;
  world.flags = {{"rootfs", {"/"}}};
  CHECK(says(world.refusal(), "rootfs cannot be /"));
  world.flags = {{"rootfs", {"/nope"}}};
  CHECK(world.refusal() == "rootfs '/nope' does not exist");
  world.flags = {{"rootfs", {world.folder.write("file", "")}}};
  CHECK(says(world.refusal(), "is not a folder"));
}

TEST_CASE("without a sandbox what only a sandbox enforces is refused by name") {
  World world;
  const auto refusal = [&]() -> Error {
    try {
      refuse_what_nobody_enforces(world.config());
    } catch (const Error& error) {
      return error;
    }
    return {ErrorCode::kIo, "taken"};
  };
  const FlagValues none = {{"isolation", {"none"}}};
  for (const auto& [name, text] : std::vector<std::pair<std::string, std::string>>{
           {"memory", "1G"},   {"cpus", "1"},       {"pids", "10"},         {"disk", "1M"},
           {"inodes", "100"},  {"cpu-time", "5s"},  {"bind", "/usr"},       {"tmpfs", "/x"},
           {"net", "none"},    {"workspace", "ro"}, {"workspace", "rw:/x"}, {"diff", "true"},
           {"apply", "true"},  {"rootfs", "/x"},    {"dev", "kvm"},         {"map-root", "true"},
           {"hostname", "x"},  {"allow", "ptrace"}, {"seccomp", "f"},       {"landlock", "yes"},
           {"sandbox", "code"}}) {
    INFO(name << ' ' << text);
    world.flags = none;
    world.flags[name] = {text};
    const Error error = refusal();
    CHECK(error.code() == ErrorCode::kUnavailable);
    const std::string key = config_key(setting(name));
    CHECK(error.message() ==
          key + " " + text + " (flag --" + name + ") cannot be enforced with --isolation none");
    world.flags["isolation"] = {"best-effort"};
    CHECK(refusal().message() == "taken");
  }
  for (const auto& [name, text] :
       std::vector<std::pair<std::string, std::string>>{{"net", "host"},
                                                        {"workspace", "rw"},
                                                        {"landlock", "no"},
                                                        {"cpu-time", "0"},
                                                        {"env-pass", "X"},
                                                        {"timeout", "5s"},
                                                        {"open-files", "10"}}) {
    INFO(name << ' ' << text);
    world.flags = none;
    world.flags[name] = {text};
    CHECK(refusal().message() == "taken");
  }
}

TEST_CASE("whoever chooses no sandbox overrules weaker wishes for it, but for limits") {
  World world;
  world.flags = {{"isolation", {"none"}}};
  const auto refused = [&] {
    try {
      refuse_what_nobody_enforces(world.config());
    } catch (const Error&) {
      return true;
    }
    return false;
  };
  world.config_file = "[task]\nsandbox = 'code'\nnet = 'none'\nbind = ['/usr']\n";
  CHECK_FALSE(refused());
  world.config_file = "[task]\nmemory = '1G'\n";
  CHECK(refused());
  world.config_file = "[task]\nisolation = 'none'\n";
  world.flags = {{"sandbox", {"code"}}};
  CHECK(refused());
}

}  // namespace muster::cli
