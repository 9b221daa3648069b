// SPDX-License-Identifier: Apache-2.0
#include "cli/sandbox_spec.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "config/file_text.h"
#include "config/path_values.h"
#include "wire/seccomp_profile.h"

namespace muster::cli {

namespace {

namespace fs = std::filesystem;

bool exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

bool is_folder(const std::string& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

// A bind or tmpfs on its way into the spec.
struct Mount {
  std::string text;  ///< as it was typed, for messages
  bool is_bind = false;
  bool optional = false;
  bool by_preset = false;
  Bind bind;    ///< is_bind
  Tmpfs tmpfs;  ///< otherwise

  std::string& target() { return is_bind ? bind.target : tmpfs.target; }
  const std::string& target() const { return is_bind ? bind.target : tmpfs.target; }
  std::string_view kind() const { return is_bind ? "bind" : "tmpfs"; }
  bool says_the_same(const Mount& other) const {
    return is_bind == other.is_bind && bind == other.bind && tmpfs == other.tmpfs;
  }
};

Error bad_mount(const Mount& mount, std::string_view what, std::string next = {}) {
  return {ErrorCode::kInvalidArgument, concat(mount.kind(), ' ', in_quotes(mount.text), ": ", what),
          std::move(next)};
}

std::vector<Mount> typed_mounts(const Config& config, const Surroundings& here, bool binds) {
  const Setting& known = setting(binds ? "bind" : "tmpfs");
  const Value* value = config.find(known.name);
  std::vector<Mount> mounts;
  if (value == nullptr) return mounts;
  // What came from files is absolute by now; the rest was typed here.
  const Getenv home = [&](const char*) { return here.home.c_str(); };
  for (const std::string& text : value->texts) {
    const std::string whole = with_absolute_paths(known, text, here.working_directory, home);
    const auto [plain, optional] = take_optional_mark(whole);
    Mount mount{.text = text,
                .is_bind = binds,
                .optional = optional,
                .by_preset = mounts.size() < value->from_presets,
                .bind = {},
                .tmpfs = {}};
    if (binds) {
      mount.bind = parse_bind(plain);
    } else {
      mount.tmpfs = parse_tmpfs(plain);
    }
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

void check_target(const Mount& mount) {
  if (mount.target() == "/") {
    throw bad_mount(mount, "nothing can stand in the place of / itself",
                    mount.is_bind ? "--rootfs DIR is for another system" : "");
  }
  for (const std::string_view own : {"/proc", "/sys", "/dev"}) {
    if (!is_within(mount.target(), own)) continue;
    throw bad_mount(mount, concat("a sandbox has a ", own, " of its own"),
                    own == "/dev" ? "--dev NAME is for devices" : "");
  }
}

// The mounts of a sandbox, put in order one after the other.
class Mounts {
 public:
  Mounts(const Config& config, const Surroundings& here) {
    for (const bool binds : {true, false}) {
      for (Mount& mount : typed_mounts(config, here, binds)) mounts_.push_back(std::move(mount));
    }
    for (const Mount& mount : mounts_) check_target(mount);
    drop_missing();
    give_way();
  }

  // Where nothing can be hidden, nothing has to be. The workspace covers, too.
  void settle_optional(const Workspace& workspace) {
    std::vector<Bind> covers;
    if (!workspace.directory.empty())
      covers.push_back({true, workspace.directory, workspace.directory});
    for (const Mount& mount : mounts_) {
      if (mount.is_bind) covers.push_back(mount.bind);
    }
    std::erase_if(mounts_,
                  [&](Mount& mount) { return mount.optional && !find_place(mount, covers); });
    // Two links to one place.
    give_way();
  }

  void refuse_on(const Workspace& workspace) const {
    for (const Mount& mount : mounts_) {
      if (workspace.directory.empty() || mount.target() != workspace.directory) continue;
      throw bad_mount(mount, "the workspace is there already", "--workspace none hides it");
    }
  }

  std::vector<Bind> binds() const {
    std::vector<Bind> binds;
    for (const Mount& mount : mounts_) {
      if (mount.is_bind) binds.push_back(mount.bind);
    }
    return binds;
  }

  std::size_t preset_binds() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        mounts_, [](const Mount& mount) { return mount.is_bind && mount.by_preset; }));
  }

  std::vector<Tmpfs> tmpfs() const {
    std::vector<Tmpfs> all;
    for (const Mount& mount : mounts_) {
      if (!mount.is_bind) all.push_back(mount.tmpfs);
    }
    return all;
  }

 private:
  void drop_missing() {
    std::erase_if(mounts_, [](const Mount& mount) {
      if (!mount.is_bind || exists(mount.bind.source)) return false;
      if (mount.optional) return true;
      throw bad_mount(mount, concat(in_quotes(mount.bind.source), " does not exist"),
                      concat("to leave it out where it is missing: --bind ",
                             shell_quote(concat('?', format_bind(mount.bind)))));
    });
  }

  // Of two mounts at one place that of a preset gives way; who typed both made a mistake.
  void give_way() {
    std::vector<Mount> kept;
    for (Mount& mount : mounts_) {
      const auto rival = std::ranges::find_if(
          kept, [&](const Mount& other) { return other.target() == mount.target(); });
      if (rival == kept.end()) {
        kept.push_back(std::move(mount));
      } else if (rival->by_preset) {
        kept.erase(rival);
        kept.push_back(std::move(mount));
      } else if (!mount.by_preset && !rival->says_the_same(mount)) {
        throw bad_mount(mount, concat("there is already ", rival->kind(), ' ',
                                      in_quotes(rival->text), " at ", mount.target()));
      }
    }
    mounts_ = std::move(kept);
  }

  // Whether the optional mount has something to stand on, and its place behind symbolic links.
  static bool find_place(Mount& mount, std::span<const Bind> covers) {
    const Bind* cover = nullptr;
    for (const Bind& each : covers) {
      const bool below = mount.target() != each.target && is_within(mount.target(), each.target);
      if (below && (cover == nullptr || each.target.size() > cover->target.size())) cover = &each;
    }
    if (cover == nullptr) return mount.is_bind;
    std::error_code error;
    const std::string root = fs::canonical(cover->source, error).string();
    if (error) return false;
    const std::string host =
        fs::canonical(root + mount.target().substr(cover->target.size()), error);
    if (error || !is_within(host, root) || host == root) return false;
    mount.target() = concat(cover->target, host.substr(root.size()));
    return is_folder(host) == (mount.is_bind ? is_folder(mount.bind.source) : true);
  }

  std::vector<Mount> mounts_;
};

// Names in the order of the alphabet, each once.
std::vector<std::string> distinct_parts(const std::vector<std::string>& lists) {
  std::set<std::string> names;
  for (const std::string& list : lists) {
    for (const std::string_view name : split(list, ',')) names.emplace(name);
  }
  return {names.begin(), names.end()};
}

std::string absolute_path(const Config& config, std::string_view name, const Surroundings& here) {
  const auto path = config.optional_text(name);
  if (!path) return {};
  return normal_absolute_path(path->starts_with('/') ? *path
                                                     : concat(here.working_directory, '/', *path));
}

std::string rootfs_of(const Config& config, const Surroundings& here) {
  std::string rootfs = absolute_path(config, "rootfs", here);
  if (rootfs.empty()) return rootfs;
  if (rootfs == "/") {
    throw Error(ErrorCode::kInvalidArgument, "rootfs cannot be /: it would show the whole machine");
  }
  if (!is_folder(rootfs)) {
    throw Error(ErrorCode::kInvalidArgument,
                concat("rootfs ", in_quotes(rootfs),
                       exists(rootfs) ? " is not a folder" : " does not exist"));
  }
  return rootfs;
}

void read_policy(SandboxSpec& sandbox) {
  if (sandbox.policy_path.empty()) return;
  std::string text;
  try {
    text = read_regular_file(sandbox.policy_path).text;
  } catch (const Error& error) {
    throw error.within("seccomp");
  }
  try {
    sandbox.policy = parse_seccomp_profile(text);
  } catch (const Error& error) {
    throw error.within(concat("seccomp ", in_quotes(sandbox.policy_path)));
  }
}

// What holds without a sandbox as well.
bool holds_anyway(const Setting& setting, const Value& value) {
  const std::string& text = value.texts.back();
  if (setting.type == SettingType::kFlag) return text != "true";
  if (setting.name == "net") return text == "host";
  if (setting.name == "landlock") return text == "no";
  if (setting.name == "workspace") return text == "rw";
  // 0 is no limit.
  return setting.name == "cpu-time" && parse_duration(text) == Duration(0);
}

}  // namespace

Isolation isolation_of(const Config& config) {
  const std::string word = config.text("isolation");
  if (word == "none") return Isolation::kNone;
  return word == "best-effort" ? Isolation::kBestEffort : Isolation::kSandbox;
}

SandboxSpec make_sandbox(const Config& config, const Surroundings& here, std::string& start) {
  SandboxSpec sandbox;
  sandbox.isolation = isolation_of(config);
  sandbox.rootfs = rootfs_of(config, here);
  sandbox.home = here.home;
  Mounts mounts(config, here);
  const std::vector<Bind> binds = mounts.binds();
  const std::vector<Tmpfs> tmpfs = mounts.tmpfs();
  WorkPlace place = choose_workplace(config,
                                     {.binds = binds,
                                      .preset_binds = mounts.preset_binds(),
                                      .tmpfs = tmpfs,
                                      .rootfs = sandbox.rootfs},
                                     here);
  sandbox.workspace = std::move(place.workspace);
  start = std::move(place.start);
  mounts.settle_optional(sandbox.workspace);
  mounts.refuse_on(sandbox.workspace);
  sandbox.binds = mounts.binds();
  sandbox.tmpfs = mounts.tmpfs();
  sandbox.network = config.text("net") == "host" ? Network::kHost : Network::kNone;
  sandbox.devices = distinct_parts(config.texts("dev"));
  sandbox.allow = distinct_parts(config.texts("allow"));
  sandbox.policy_path = absolute_path(config, "seccomp", here);
  read_policy(sandbox);
  sandbox.landlock = config.text("landlock") == "yes";
  sandbox.map_root = config.flag("map-root");
  sandbox.hostname = config.text("hostname");
  sandbox.timings = config.flag("timings");
  return sandbox;
}

void add_confining_limits(const Config& config, Limits& limits) {
  const auto count = [&](std::string_view name) -> std::optional<std::uint64_t> {
    const auto number = config.integer(name);
    return number ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
  };
  limits.memory = config.bytes("memory");
  limits.cpus = config.decimal("cpus");
  limits.pids = count("pids");
  limits.disk = config.bytes("disk");
  limits.inodes = count("inodes");
  limits.cpu_time = config.duration("cpu-time");
  if (limits.cpu_time == Duration(0)) limits.cpu_time.reset();
  // What a program had in memory is nobody's business, and the workspace no place for it.
  if (!limits.core) limits.core = Bytes{0};
}

void refuse_what_nobody_enforces(const Config& config) {
  if (isolation_of(config) != Isolation::kNone) return;
  const Layer chooser = config.find("isolation")->origin.layer;
  for (const Setting& each : all_settings()) {
    const Value* value = each.confines ? config.find(each.name) : nullptr;
    if (value == nullptr || value->texts.empty() || value->origin.layer == Layer::kDefault ||
        holds_anyway(each, *value)) {
      continue;
    }
    const bool is_limit = each.category == "Limits" && value->origin.preset.empty();
    if (!is_limit && value->origin.layer < chooser) continue;
    throw Error(ErrorCode::kUnavailable,
                concat(config_key(each), ' ', shown(each, *value), " (", describe(value->origin),
                       ") cannot be enforced with --isolation none"),
                concat("leave out that setting, or run it in a sandbox: --isolation sandbox"));
  }
}

}  // namespace muster::cli
