// SPDX-License-Identifier: Apache-2.0
#include "cli/advice.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/text.h"

namespace muster::cli {

namespace {

namespace fs = std::filesystem;

// An absolute path as the command would have understood `path`.
fs::path on_this_host(const std::string& path, const Spec& spec) {
  std::error_code error;
  const fs::path here = fs::current_path(error);
  return (here / spec.workdir / path).lexically_normal();
}

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

std::string_view variable(const Spec& spec, std::string_view name) {
  for (const std::string_view entry : spec.environment) {
    if (entry.starts_with(name) && entry.substr(name.size()).starts_with('=')) {
      return entry.substr(name.size() + 1);
    }
  }
  return {};
}

// The file that would be executed without a sandbox.
std::optional<fs::path> find_command(const Spec& spec) {
  const std::string& command = spec.argv.front();
  if (command.find('/') != std::string::npos) {
    const fs::path path = on_this_host(command, spec);
    return is_file(path) ? std::optional(path) : std::nullopt;
  }
  for (const std::string_view folder : split(variable(spec, "PATH"), ':')) {
    fs::path path = on_this_host(concat(folder, '/', command), spec);
    if (is_file(path) && access(path.c_str(), X_OK) == 0) return path;
  }
  return std::nullopt;
}

// Programs rarely come alone, so their folder is bound; but a home or /tmp holds too much else.
fs::path what_to_bind(const fs::path& file, const Spec& spec) {
  const fs::path folder = file.parent_path();
  const bool too_much = folder == "/" || folder == "/tmp" || folder == spec.sandbox.home;
  return too_much ? file : folder;
}

std::string bind_flag(const std::string& path) {
  const bool plain = path.find_first_of(":\\") == std::string::npos;
  const std::string bind = plain ? concat("ro:", path) : format_bind({false, path, path});
  return concat("--bind ", shell_quote(bind));
}

// The flags that make `file` visible: its own place and, where it is a symbolic link, what it leads
// to. /usr is visible anyway.
std::string bind_flags(const fs::path& file, const Spec& spec) {
  std::vector<fs::path> places;
  std::error_code error;
  for (const fs::path& step : {file, fs::canonical(file, error)}) {
    if (step.empty() || step.string().starts_with("/usr/")) continue;
    const fs::path place = what_to_bind(step, spec);
    if (places.empty() || places.back() != place) places.push_back(place);
  }
  std::string flags;
  for (const fs::path& place : places) {
    flags += concat(flags.empty() ? "" : " ", bind_flag(place.string()));
  }
  return flags;
}

std::string hidden(const fs::path& file, const Spec& spec) {
  if (!spec.sandbox.rootfs.empty()) {
    return concat("it must lie below --rootfs ", shell_quote(spec.sandbox.rootfs),
                  ", or be brought in with --bind");
  }
  const std::string flags = bind_flags(file, spec);
  if (flags.empty()) return {};
  return concat("it exists on this host at ", file.string(), ", which the sandbox hides: ", flags);
}

// The program named on the first line of a script; nothing where there is none.
std::optional<fs::path> interpreter_of(const fs::path& script) {
  std::ifstream file(script);
  std::string line;
  if (!std::getline(file, line) || !line.starts_with("#!")) return std::nullopt;
  const std::string_view words = trim(std::string_view(line).substr(2));
  const fs::path path = words.substr(0, words.find_first_of(" \t"));
  return path.is_absolute() && is_file(path) ? std::optional(path) : std::nullopt;
}

std::string advice_on_workdir(const Spec& spec) {
  std::string path = on_this_host(".", spec).string();
  if (path.size() > 1 && path.ends_with('/')) path.pop_back();
  const fs::path folder(path);
  std::error_code error;
  const bool sandboxed = spec.sandbox.isolation != Isolation::kNone;
  if (fs::exists(folder, error) && !fs::is_directory(folder, error)) {
    return "it is not a folder: give --workdir the one that it lies in";
  }
  if (!sandboxed || !fs::is_directory(folder, error)) {
    return "check --workdir, or make the folder";
  }
  path = shell_quote(path);
  return concat("it exists on this host, and the sandbox hides it: --workspace rw:", path,
                ", or --bind ro:", path);
}

std::string advice_on_not_executable(const NotStarted& failure, const Spec& spec) {
  const fs::path file = on_this_host(failure.subject, spec);
  struct statvfs mount{};
  if (statvfs(file.c_str(), &mount) == 0 && (mount.f_flag & ST_NOEXEC) != 0) {
    return concat(
        "its file system is mounted noexec: copy it elsewhere, or name its interpreter, "
        "as in muster run -- sh ",
        shell_quote(failure.subject));
  }
  std::error_code error;
  const fs::perms bits = fs::status(file, error).permissions();
  const fs::perms may_execute =
      fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
  const bool sandboxed = spec.sandbox.isolation != Isolation::kNone;
  if (sandboxed && !error && (bits & may_execute) != fs::perms::none) {
    return concat(
        "it is executable on this host, so inside it is the mount or the owner that "
        "differs: muster run --explain -- ",
        shell_quote(spec.argv.front()));
  }
  return concat("chmod +x ", shell_quote(failure.subject));
}

std::string advice_on_exec(const NotStarted& failure, const Spec& spec) {
  const std::string& command = spec.argv.front();
  const bool sandboxed = spec.sandbox.isolation != Isolation::kNone;
  if (!failure.found) {
    if (sandboxed) {
      if (const auto file = find_command(spec)) return hidden(*file, spec);
    }
    if (command.find(' ') == std::string::npos) return {};
    return concat("to let a shell split the line: muster run -c ", shell_quote(command));
  }
  switch (failure.error_number) {
    case ENOENT:
      if (sandboxed) {
        const auto interpreter = interpreter_of(on_this_host(failure.subject, spec));
        if (interpreter) return hidden(*interpreter, spec);
      }
      return {};
    case ENOEXEC:
      return concat("muster run -- sh ", shell_quote(command));
    case EACCES:
      return advice_on_not_executable(failure, spec);
    default:
      return {};
  }
}

}  // namespace

std::string advice(const NotStarted& failure, const Spec& spec) {
  switch (failure.step) {
    case StartStep::kSandbox:
      return failure.remedy;
    case StartStep::kWorkdir:
      return advice_on_workdir(spec);
    case StartStep::kFork:
      return "end other processes, or raise `ulimit -u`";
    case StartStep::kNice:
      return "only root may ask for a --nice below 0";
    case StartStep::kLimits:
      return "ask for no more than `ulimit -Ha` allows";
    case StartStep::kExec:
      return advice_on_exec(failure, spec);
    case StartStep::kSession:
    case StartStep::kTerminal:
    case StartStep::kStreams:
    case StartStep::kUmask:
      return {};
  }
  __builtin_unreachable();
}

}  // namespace muster::cli
