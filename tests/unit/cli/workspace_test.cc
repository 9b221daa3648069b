// SPDX-License-Identifier: Apache-2.0
#include "cli/workspace.h"

#include <filesystem>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "unit/exec/processes.h"

namespace muster::cli {

namespace {

namespace fs = std::filesystem;

// One call of `run` somewhere.
struct Call {
  ScratchFolder folder;
  FlagValues flags;
  std::vector<Bind> binds;
  std::size_t preset_binds = 0;
  std::vector<Tmpfs> tmpfs;
  std::string rootfs;
  std::string cwd = make("project");
  std::string home = make("home");

  std::string make(const std::string& name) const {
    fs::create_directories(folder.path(name));
    return fs::canonical(folder.path(name)).string();
  }
  WorkPlace place(const std::string& config_file = "") const {
    const std::string file = config_file.empty() ? "" : folder.write("config.toml", config_file);
    const Config config =
        Config::load({"", file, ""}, [](const char*) -> const char* { return nullptr; }, flags);
    return choose_workplace(
        config, {.binds = binds, .preset_binds = preset_binds, .tmpfs = tmpfs, .rootfs = rootfs},
        {cwd, home, {home}});
  }
  Error refusal(const std::string& config_file = "") const {
    try {
      place(config_file);
    } catch (const Error& error) {
      return error;
    }
    return {ErrorCode::kIo, "taken"};
  }
  bool has_no_workspace_and_starts_in(const std::string& start) const {
    const WorkPlace found = place();
    return found.workspace.mode == WorkspaceMode::kNone && found.workspace.directory.empty() &&
           found.start == start;
  }
  bool works_in(const std::string& directory) const {
    const WorkPlace found = place();
    return found.workspace.directory == directory && found.start == directory;
  }
};

}  // namespace

TEST_CASE("the workspace is the working directory without links, or the --workdir") {
  Call call;
  CHECK(call.works_in(call.cwd));
  const std::string other = call.make("other");
  fs::create_directory_symlink(other, call.folder.path("link"));
  call.flags["workdir"] = {call.folder.path("link")};
  CHECK(call.works_in(other));
  call.flags["workdir"] = {"../other"};
  CHECK(call.works_in(other));
}

TEST_CASE("the mode is the one that was asked for") {
  Call call;
  for (const auto& [word, mode] :
       {std::pair{"rw", WorkspaceMode::kReadWrite}, std::pair{"ro", WorkspaceMode::kReadOnly},
        std::pair{"overlay", WorkspaceMode::kOverlay}}) {
    call.flags["workspace"] = {word};
    CHECK(call.place().workspace.mode == mode);
  }
  call.flags["workspace"] = {"none"};
  CHECK(call.has_no_workspace_and_starts_in(call.home));
  call.flags["workdir"] = {"/somewhere"};
  CHECK(call.has_no_workspace_and_starts_in("/somewhere"));
}

TEST_CASE("diff and apply make an overlay of what a weaker place chose, and of nothing else") {
  Call call;
  call.flags = {{"diff", {"true"}}};
  CHECK(call.place().workspace.mode == WorkspaceMode::kOverlay);
  CHECK(call.place().workspace.show_diff);
  CHECK_FALSE(call.place().workspace.apply);
  CHECK(call.place("[task]\nworkspace = 'ro'\n").workspace.mode == WorkspaceMode::kOverlay);
  call.flags = {{"apply", {"true"}}, {"workspace", {"overlay"}}};
  CHECK(call.place().workspace.apply);
  call.flags = {{"apply", {"true"}}, {"workspace", {"rw"}}};
  CHECK(call.refusal().code() == ErrorCode::kUsage);
  CHECK(call.refusal().message() ==
        "apply (flag --apply) needs an overlay, and the workspace is rw (flag --workspace)");
  call.flags = {{"workspace", {"ro"}}};
  CHECK(call.refusal("[task]\ndiff = true\n").code() == ErrorCode::kUsage);
  call.flags = {{"diff", {"true"}}, {"sandbox", {"code"}}};
  CHECK(call.place().workspace.mode == WorkspaceMode::kOverlay);
}

TEST_CASE("the home, what holds it and the system are no workspace by accident") {
  Call call;
  call.cwd = call.home;
  CHECK(call.refusal().code() == ErrorCode::kInvalidArgument);
  CHECK(call.refusal().message() ==
        "the workspace would be '" + call.home + "', which is a home directory");
  CHECK(call.refusal().next().find("--workspace rw:" + call.home) != std::string::npos);
  call.flags["workspace"] = {"overlay"};
  CHECK(call.refusal().next().find("--workspace overlay:" + call.home) != std::string::npos);
  call.flags["workspace"] = {"none"};
  CHECK(call.refusal().message() == "taken");
  call.flags["workspace"] = {"rw:" + call.home};
  CHECK(call.works_in(call.home));
  call.flags.clear();
  call.cwd = fs::path(call.home).parent_path();
  CHECK(call.refusal().message().ends_with("which is a directory with your home in it"));
  call.cwd = "/usr";
  CHECK(call.refusal().message() ==
        "the workspace would be '/usr', which is a directory of the "
        "system");
  fs::create_directory_symlink("/etc", call.folder.path("innocent"));
  call.flags["workdir"] = {call.folder.path("innocent")};
  CHECK(call.refusal().message().starts_with("the workspace would be '/etc'"));
}

TEST_CASE("which folders belong to the system") {
  const std::string homes[] = {"/data/ada"};
  for (const char* folder : {"/",
                             "/home",
                             "/home/bob",
                             "/root",
                             "/data/ada",
                             "/data",
                             "/etc",
                             "/etc/nginx",
                             "/usr",
                             "/usr/local",
                             "/usr/local/bin",
                             "/usr/src",
                             "/usr/local/src",
                             "/bin",
                             "/lib",
                             "/lib64/x",
                             "/sbin",
                             "/boot/grub",
                             "/proc/1",
                             "/sys/fs",
                             "/dev/shm",
                             "/run",
                             "/run/user",
                             "/run/user/5",
                             "/run/lock/x",
                             "/var",
                             "/var/log",
                             "/var/log/x/y",
                             "/var/lib",
                             "/var/lib/x",
                             "/var/tmp",
                             "/var/www",
                             "/var/cache/apt/x",
                             "/tmp",
                             "/opt",
                             "/srv",
                             "/mnt",
                             "/media",
                             "/nix/store/x",
                             "/lost+found",
                             "/snap"}) {
    INFO(folder);
    CHECK_FALSE(why_no_workspace(folder, homes).empty());
  }
  for (const char* folder :
       {"/home/bob/src",  "/root/src",        "/data/ada/src", "/data/bob",
        "/usr/src/linux", "/usr/local/src/x", "/run/user/5/x", "/var/lib/jenkins/workspace",
        "/var/tmp/x",     "/var/www/site",    "/tmp/x",        "/opt/x",
        "/srv/x",         "/mnt/x",           "/media/usb",    "/app",
        "/builds",        "/workspace/x",     "/etcetera",     "/library",
        "/user",          "/variable/x"}) {
    INFO(folder);
    CHECK(why_no_workspace(folder, homes).empty());
  }
}

TEST_CASE("a --workdir that the sandbox makes is where the command starts, and no workspace") {
  Call call;
  const std::string other = call.make("other");
  for (const std::string& start : {std::string("/tmp"), call.home, std::string("/dev/shm/x")}) {
    INFO(start);
    call.flags["workdir"] = {start};
    CHECK(call.has_no_workspace_and_starts_in(start));
  }
  call.binds = {{true, other, "/data"}};
  for (const char* start : {"/data", "/data/sub"}) {
    call.flags["workdir"] = {start};
    CHECK(call.has_no_workspace_and_starts_in(start));
  }
  call.binds = {{false, other, other}};
  call.flags["workdir"] = {call.make("other/sub")};
  CHECK(call.has_no_workspace_and_starts_in(other + "/sub"));
  call.binds.clear();
  call.tmpfs = {{"/scratch", {}}};
  call.flags["workdir"] = {"/scratch/x"};
  CHECK(call.has_no_workspace_and_starts_in("/scratch/x"));
  call.rootfs = call.make("image");
  call.make("image/app");
  call.flags["workdir"] = {"/app"};
  CHECK(call.has_no_workspace_and_starts_in("/app"));
}

TEST_CASE("a project below the home is a workspace although a preset shows the home") {
  Call call;
  call.binds = {{false, call.home, call.home}};
  call.preset_binds = 1;
  const std::string project = call.make("home/src/project");
  call.flags["workdir"] = {project};
  CHECK(call.works_in(project));
  call.preset_binds = 0;
  CHECK(call.has_no_workspace_and_starts_in(project));
}

TEST_CASE("a bind of the working directory stays what it was asked to be") {
  Call call;
  call.binds = {{false, call.cwd, call.cwd}};
  CHECK(call.has_no_workspace_and_starts_in(call.cwd));
}

TEST_CASE("a named workspace is where the command starts unless it is in it already") {
  Call call;
  const std::string other = call.make("other");
  call.flags["workspace"] = {"ro:../other"};
  CHECK(call.works_in(other));
  const std::string inner = call.make("other/inner");
  call.cwd = inner;
  call.flags["workspace"] = {"ro:" + other};
  CHECK(call.place().workspace.directory == other);
  CHECK(call.place().start == inner);
  call.flags["workdir"] = {"/tmp"};
  CHECK(call.place().workspace.directory == other);
  CHECK(call.place().start == "/tmp");
}

TEST_CASE("a named workspace must be a folder and not one that every sandbox has") {
  Call call;
  call.flags["workspace"] = {"rw:/nope"};
  CHECK(call.refusal().message() == "the workspace '/nope' does not exist");
  CHECK(call.refusal().next() == "mkdir -p /nope");
  call.flags["workspace"] = {"rw:" + call.folder.write("file", "")};
  CHECK(call.refusal().message().ends_with("is not a folder"));
  call.flags["workspace"] = {"rw:/proc"};
  CHECK(call.refusal().message().ends_with("a sandbox has a /proc of its own"));
  call.flags["workspace"] = {"rw:/"};
  CHECK(call.refusal().message() == "taken");
}

TEST_CASE("a --workdir that is missing is for the start to report") {
  Call call;
  call.flags["workdir"] = {"/nope/x"};
  CHECK(call.has_no_workspace_and_starts_in("/nope/x"));
}

TEST_CASE("a working directory that was deleted is refused where it is needed") {
  Call call;
  call.cwd = "";
  CHECK(call.refusal().message() == "the working directory no longer exists");
  call.flags["workdir"] = {call.home + "/../project"};
  CHECK(call.refusal().message() == "taken");
  call.flags = {{"workspace", {"none"}}};
  CHECK(call.has_no_workspace_and_starts_in(call.home));
}

TEST_CASE("the home inside is the caller's, but never the root or the system's") {
  const auto home = [](const std::string& variable) {
    const char* const environment[] = {variable.c_str(), nullptr};
    return surroundings_of(environment).home;
  };
  CHECK(home("HOME=/home/ada/../bob/") == "/home/bob");
  CHECK(home("HOME=/root") == "/root");
  CHECK(home("HOME=/var/lib/jenkins") == "/var/lib/jenkins");
  for (const char* variable : {"HOME=/", "HOME=/usr/sbin", "HOME=/bin", "HOME=/dev", "HOME=/etc/x",
                               "HOME=/tmp", "HOME=//."}) {
    INFO(variable);
    CHECK(home(variable) == "/home/user");
  }
  CHECK(home("HOME=relative") == home("NOTHING=1"));
}

}  // namespace muster::cli
