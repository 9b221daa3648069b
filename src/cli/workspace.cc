// SPDX-License-Identifier: Apache-2.0
#include "cli/workspace.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <system_error>

#include "base/error.h"
#include "base/text.h"
#include "cli/environment.h"
#include "config/path_values.h"

namespace muster::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHomeOfNobody = "/home/user";

// hier(7), and what distributions add to it. Other folders of / are somebody's own: /app, /builds.
constexpr std::array<std::string_view, 25> kSystemFolders{
    "bin",    "boot",       "dev",   "efi", "etc", "home", "lib",  "lib32", "lib64",
    "libx32", "lost+found", "media", "mnt", "nix", "opt",  "proc", "root",  "run",
    "sbin",   "snap",       "srv",   "sys", "tmp", "usr",  "var"};

// What belongs to the system down to the last file.
constexpr std::array<std::string_view, 13> kSystemTrees{
    "/bin",   "/boot",   "/dev", "/efi",  "/etc",  "/lib", "/lib32",
    "/lib64", "/libx32", "/nix", "/proc", "/sbin", "/sys"};

// Folders of /var that belong to packages.
constexpr std::array<std::string_view, 12> kVarFolders{
    "/var/backups", "/var/cache", "/var/crash", "/var/db",  "/var/empty", "/var/lib",
    "/var/lock",    "/var/log",   "/var/mail",  "/var/opt", "/var/run",   "/var/spool"};

std::size_t depth_of(std::string_view path) {
  return static_cast<std::size_t>(std::ranges::count(path, '/'));
}

bool is_below(std::string_view path, std::string_view folder) {
  return path != folder && is_within(path, folder);
}

bool is_in_system_tree(std::string_view folder) {
  return std::ranges::any_of(kSystemTrees,
                             [&](std::string_view tree) { return is_within(folder, tree); });
}

bool is_system_folder(std::string_view folder) {
  return depth_of(folder) == 1 &&
         std::ranges::find(kSystemFolders, folder.substr(1)) != kSystemFolders.end();
}

bool belongs_to_system(std::string_view folder) {
  const auto within = [&](std::string_view tree) { return is_within(folder, tree); };
  if (is_in_system_tree(folder) || is_system_folder(folder)) return true;
  if (within("/usr")) return !is_below(folder, "/usr/src") && !is_below(folder, "/usr/local/src");
  // Below /run/user/UID a user keeps own things.
  if (within("/run")) return !(is_below(folder, "/run/user") && depth_of(folder) > 3);
  if (std::ranges::any_of(kVarFolders, within)) {
    const bool of_a_service = is_below(folder, "/var/lib") || is_below(folder, "/var/opt");
    return !of_a_service || depth_of(folder) < 4;
  }
  return within("/var") && depth_of(folder) < 3;
}

// An empty folder there would hide what programs need.
bool cannot_be_home(std::string_view folder) {
  if (folder == "/" || is_in_system_tree(folder) || is_within(folder, "/usr")) return true;
  return is_system_folder(folder) && folder != "/root";
}

// The path without symbolic links, or nothing where it leads nowhere.
std::optional<std::string> real_path(const std::string& path) {
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  return error ? std::nullopt : std::optional(real.string());
}

std::optional<std::string> absolute_home(const char* home) {
  if (home == nullptr || *home != '/') return std::nullopt;
  return normal_absolute_path(home);
}

std::string below(const std::string& folder, const std::string& path) {
  return normal_absolute_path(path.starts_with('/') ? path : concat(folder, '/', path));
}

// Where the sandbox itself has made something, so that no folder of the host is meant.
class Inside {
 public:
  Inside(const Mounted& mounted, const Surroundings& here) : mounted_(mounted), here_(here) {}

  // However the command came there: what is hidden stays hidden, what is bound is bound as asked.
  bool replaces(std::string_view path) const {
    const auto hides = [&](const Tmpfs& tmpfs) { return is_within(path, tmpfs.target); };
    const auto binds = [&](const Bind& bind) { return path == bind.target; };
    return std::ranges::any_of(mounted_.tmpfs, hides) || std::ranges::any_of(mounted_.binds, binds);
  }

  // For a place that was asked for by name.
  bool makes(const std::string& path) const {
    if (replaces(path) || path == "/tmp" || path == "/var/tmp" || path == here_.home) return true;
    if (is_within(path, "/dev/shm")) return true;
    const auto own = mounted_.binds.subspan(std::min(mounted_.preset_binds, mounted_.binds.size()));
    const auto shows = [&](const Bind& bind) { return is_within(path, bind.target); };
    if (std::ranges::any_of(own, shows)) return true;
    std::error_code error;
    return !mounted_.rootfs.empty() && path != "/" && fs::exists(mounted_.rootfs + path, error);
  }

 private:
  const Mounted& mounted_;
  const Surroundings& here_;
};

WorkspaceMode mode_with_overlay(const Config& config, WorkspaceMode mode) {
  for (const std::string_view name : {"diff", "apply"}) {
    if (!config.flag(name) || mode == WorkspaceMode::kOverlay) continue;
    // Whoever says both in one place contradicts himself; a weaker place gives way.
    const Origin& flag = config.find(name)->origin;
    const Origin& workspace = config.find("workspace")->origin;
    const bool by_preset = !workspace.preset.empty() && flag.preset.empty();
    const bool gives_way =
        workspace.layer < flag.layer || (workspace.layer == flag.layer && by_preset);
    if (!gives_way) {
      throw Error(ErrorCode::kUsage,
                  concat(name, " (", describe(flag), ") needs an overlay, and the workspace is ",
                         config.text("workspace"), " (", describe(workspace), ')'),
                  "leave one of them out, or say --workspace overlay");
    }
    return WorkspaceMode::kOverlay;
  }
  return mode;
}

std::string mode_word(WorkspaceMode mode) {
  if (mode == WorkspaceMode::kReadOnly) return "ro";
  return mode == WorkspaceMode::kOverlay ? "overlay" : "rw";
}

// A folder that was named is taken whatever it is, but for those that the sandbox always makes.
std::string named_folder(const std::string& typed, const Surroundings& here) {
  const std::string path = below(here.working_directory, typed);
  const auto real = real_path(path);
  if (!real || !fs::is_directory(*real)) {
    throw Error(
        ErrorCode::kInvalidArgument,
        concat("the workspace ", in_quotes(path), real ? " is not a folder" : " does not exist"),
        real ? "" : concat("mkdir -p ", shell_quote(path)));
  }
  for (const std::string_view own : {"/proc", "/sys", "/dev"}) {
    if (is_within(*real, own)) {
      throw Error(ErrorCode::kInvalidArgument, concat("the workspace cannot be ", in_quotes(*real),
                                                      ": a sandbox has a ", own, " of its own"));
    }
  }
  return *real;
}

Error refusal(const std::string& folder, const std::string& why, WorkspaceMode mode) {
  return {ErrorCode::kInvalidArgument,
          concat("the workspace would be ", in_quotes(folder), ", which is ", why),
          concat("cd to a project, or hide it with --workspace none, or force it by name: "
                 "--workspace ",
                 shell_quote(concat(mode_word(mode), ':', folder)))};
}

}  // namespace

bool is_within(std::string_view path, std::string_view folder) {
  if (folder == "/" || path == folder) return true;
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

std::string why_no_workspace(const std::string& folder, std::span<const std::string> homes) {
  if (folder == "/") return "the whole file system";
  const bool is_home = std::ranges::find(homes, folder) != homes.end();
  if (is_home || folder == "/root" || (is_below(folder, "/home") && depth_of(folder) == 2)) {
    return "a home directory";
  }
  if (belongs_to_system(folder)) return "a directory of the system";
  const auto holds = [&](const std::string& home) { return is_below(home, folder); };
  return std::ranges::any_of(homes, holds) ? "a directory with your home in it" : "";
}

Surroundings surroundings_of(const char* const* environment) {
  Surroundings here;
  std::error_code error;
  const fs::path folder = fs::current_path(error);
  if (!error) here.working_directory = folder.string();
  const auto by_variable = absolute_home(getenv_in(environment)("HOME"));
  // One thread at this time: nobody else asks the user database.
  const passwd* user = getpwuid(getuid());  // NOLINT(concurrency-mt-unsafe)
  const auto by_user = absolute_home(user != nullptr ? user->pw_dir : nullptr);
  here.home = by_variable.value_or(by_user.value_or(std::string(kHomeOfNobody)));
  if (cannot_be_home(here.home)) here.home = kHomeOfNobody;
  for (const auto& home : {by_variable, by_user}) {
    if (home && *home != "/") here.homes.push_back(real_path(*home).value_or(*home));
  }
  return here;
}

WorkPlace choose_workplace(const Config& config, const Mounted& mounted, const Surroundings& here) {
  const auto [asked_mode, named] = parse_workspace(config.text("workspace"));
  const WorkspaceMode mode = mode_with_overlay(config, asked_mode);
  const auto workdir = config.optional_text("workdir");
  const bool relative = !workdir || !workdir->starts_with('/');
  const bool no_workspace = mode == WorkspaceMode::kNone;
  if (here.working_directory.empty() && relative && !(no_workspace && !workdir)) {
    throw Error(ErrorCode::kInvalidArgument, "the working directory no longer exists",
                "cd to another one, or give --workdir DIR");
  }
  const std::string asked = below(here.working_directory, workdir.value_or("."));
  const std::string real = real_path(asked).value_or(asked);
  const Inside inside(mounted, here);
  WorkPlace place;
  place.workspace.mode = WorkspaceMode::kNone;
  place.start = workdir ? asked : here.home;
  if (no_workspace) return place;

  std::string folder;
  if (!named.empty()) {
    folder = named_folder(named, here);
    const bool starts_below = is_within(real, folder);
    place.start = starts_below ? real : (workdir ? asked : folder);
  } else {
    if (workdir ? inside.makes(asked) || inside.replaces(real) : inside.replaces(real)) {
      place.start = workdir ? asked : real;
      return place;
    }
    place.start = real;
    // What does not exist, or is no folder, is for the start to report.
    std::error_code error;
    if (!fs::is_directory(real, error)) return place;
    const std::string why = why_no_workspace(real, here.homes);
    if (!why.empty()) throw refusal(real, why, mode);
    folder = real;
  }
  place.workspace = {.mode = mode,
                     .directory = folder,
                     .show_diff = config.flag("diff"),
                     .apply = config.flag("apply")};
  return place;
}

}  // namespace muster::cli
