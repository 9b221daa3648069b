// SPDX-License-Identifier: Apache-2.0
#include "sandbox/plan_mounts.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "sandbox/etc_files.h"

namespace muster::sandbox {

namespace {

constexpr std::uint32_t kSticky = 01777;

// What of a fresh /proc tells about the host or reaches into it. Kernels differ in which of these
// there are.
constexpr std::array<std::string_view, 20> kMaskedFiles{
    "/proc/kcore",       "/proc/keys",          "/proc/key-users",     "/proc/timer_list",
    "/proc/timer_stats", "/proc/sched_debug",   "/proc/kmsg",          "/proc/kallsyms",
    "/proc/config.gz",   "/proc/sysrq-trigger", "/proc/kpagecgroup",   "/proc/kpagecount",
    "/proc/kpageflags",  "/proc/slabinfo",      "/proc/vmallocinfo",   "/proc/iomem",
    "/proc/ioports",     "/proc/interrupts",    "/proc/latency_stats", "/proc/modules"};
constexpr std::array<std::string_view, 9> kMaskedFolders{
    "/proc/acpi",   "/proc/scsi",     "/proc/asound",
    "/proc/fs",     "/proc/irq",      "/proc/bus",
    "/proc/driver", "/proc/pressure", "/proc/sys/fs/binfmt_misc"};

constexpr std::array<std::string_view, 5> kDevices{"null", "zero", "full", "random", "urandom"};

bool lies_below(std::string_view path, std::string_view folder) {
  if (folder == "/") return path != "/";
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

// The order in which a folder comes right before what lies below it.
bool by_path(const Step& a, const Step& b) {
  return std::lexicographical_compare(
      a.target.begin(), a.target.end(), b.target.begin(), b.target.end(), [](char x, char y) {
        const auto rank = [](char letter) {
          return letter == '/' ? 0 : static_cast<unsigned char>(letter);
        };
        return rank(x) < rank(y);
      });
}

class MountPlanner {
 public:
  MountPlanner(const SandboxSpec& spec, bool tty, const Facts& facts, const Identity& identity)
      : spec_(spec), tty_(tty), facts_(facts), identity_(identity) {}

  MountList make() {
    const bool whole_host = workspace_is("/");
    if (whole_host) {
      add_workspace();
    } else if (spec_.rootfs.empty()) {
      add_system();
      add_etc();
    } else {
      add_rootfs();
    }
    add_proc();
    add_devices(whole_host);
    if (!whole_host) {
      add_private_folders();
      add_workspace();
    }
    add_wishes();
    std::sort(list_.steps.begin(), list_.steps.end(), by_path);
    list_.writable.insert(list_.writable.end(), {"/dev", "/proc"});
    return std::move(list_);
  }

 private:
  // The later one for a path is meant.
  void put(Step step) {
    for (Step& each : list_.steps) {
      if (each.target == step.target && each.action != Action::kMask) {
        each = std::move(step);
        return;
      }
    }
    list_.steps.push_back(std::move(step));
  }

  bool workspace_is(std::string_view path) const {
    return spec_.workspace.mode != WorkspaceMode::kNone && spec_.workspace.directory == path;
  }

  void add_system() {
    for (const SystemEntry& entry : facts_.host.system) {
      if (entry.link_target.empty()) {
        put({.action = Action::kBind,
             .source = entry.path,
             .target = entry.path,
             .reason = "programs and libraries"});
      } else {
        put({.action = Action::kLink, .source = entry.link_target, .target = entry.path});
      }
    }
    put({.action = Action::kLink, .source = "../tmp", .target = "/var/tmp"});
  }

  void add_file(std::string path, std::string text) {
    put({.action = Action::kFile,
         .target = std::move(path),
         .text = std::move(text),
         .is_folder = false,
         .mode = 0644});
  }

  void add_etc() {
    const EtcUser user{identity_.inside, spec_.home};
    add_file("/etc/passwd", make_passwd(user));
    add_file("/etc/group", make_group(user));
    add_file("/etc/nsswitch.conf", make_nsswitch());
    add_file("/etc/hostname", spec_.hostname + '\n');
    for (const SystemEntry& entry : facts_.host.etc) {
      if (entry.link_target.empty()) {
        put({.action = Action::kBind,
             .source = entry.path,
             .target = entry.path,
             .is_folder = false,
             .executable = false,
             .may_be_missing = true});
      } else {
        put({.action = Action::kLink, .source = entry.link_target, .target = entry.path});
      }
    }
    if (spec_.network == Network::kHost) {
      for (const char* path : {"/etc/hosts", "/etc/resolv.conf"}) {
        put({.action = Action::kBind,
             .source = path,
             .target = path,
             .reason = "--net host",
             .is_folder = false,
             .executable = false,
             .may_be_missing = true});
      }
    } else {
      add_file("/etc/hosts", make_hosts(spec_.hostname));
    }
  }

  // The folder is shown entry by entry, so that what is made inside lands in the root of the task
  // and never in the folder.
  void add_rootfs() {
    constexpr std::array<std::string_view, 5> kOurs{"/dev", "/proc", "/sys", "/run", "/tmp"};
    require(spec_.rootfs, true);
    for (const SourceFacts& entry : facts_.rootfs) {
      std::string target = entry.path.substr(spec_.rootfs == "/" ? 0 : spec_.rootfs.size());
      if (std::find(kOurs.begin(), kOurs.end(), target) != kOurs.end()) continue;
      if (target == spec_.home || lies_below(spec_.home, target)) continue;
      if (entry.is_link) {
        put({.action = Action::kLink, .source = entry.link_target, .target = std::move(target)});
      } else if (entry.error_number == 0) {
        put(bind_step(entry, std::move(target), false, "--rootfs"));
      }
    }
  }

  void add_proc() {
    put({.action = Action::kProc, .target = "/proc", .reason = "shows the task's own processes"});
    for (const std::string_view path : kMaskedFiles) add_mask(path, false);
    for (const std::string_view path : kMaskedFolders) add_mask(path, true);
    put({.action = Action::kProtect, .target = "/proc/sys", .reason = "settings of the kernel"});
  }

  void add_mask(std::string_view path, bool folder) {
    put({.action = Action::kMask,
         .target = std::string(path),
         .is_folder = folder,
         .may_be_missing = true});
  }

  void add_devices(bool whole_host) {
    if (whole_host) {
      constexpr std::uint64_t kNodes = 256;
      put({.action = Action::kTmpfs, .target = "/dev", .size = 65536, .inodes = kNodes});
    } else {
      put({.action = Action::kFolder, .target = "/dev"});
    }
    for (const std::string_view name : kDevices) add_device(name, "");
    if (tty_) {
      add_device("tty", "--tty");
      put({.action = Action::kTerminals, .target = "/dev/pts", .reason = "--tty"});
      put({.action = Action::kLink, .source = "pts/ptmx", .target = "/dev/ptmx"});
      add_own_terminal();
    }
    for (const std::string& name : spec_.devices) {
      require(concat("/dev/", name), false);
      add_device(name, "--dev");
    }
    put({.action = Action::kLink, .source = "/proc/self/fd", .target = "/dev/fd"});
    put({.action = Action::kLink, .source = "/proc/self/fd/0", .target = "/dev/stdin"});
    put({.action = Action::kLink, .source = "/proc/self/fd/1", .target = "/dev/stdout"});
    put({.action = Action::kLink, .source = "/proc/self/fd/2", .target = "/dev/stderr"});
    add_scratch("/dev/shm", kSticky, "");
  }

  // Its path on the host means nothing inside, where terminals are counted anew; ttyname(3) looks
  // through /dev for the same device, and engines of containers use this name as well.
  void add_own_terminal() {
    if (facts_.terminal.empty()) return;
    put({.action = Action::kDevice,
         .source = facts_.terminal,
         .target = "/dev/console",
         .reason = "--tty",
         .is_folder = false,
         .writable = true,
         .executable = false});
  }

  void add_device(std::string_view name, std::string reason) {
    std::string path = concat("/dev/", name);
    const SourceFacts* source = facts_.source(path);
    put({.action = Action::kDevice,
         .source = path,
         .target = path,
         .reason = std::move(reason),
         .is_folder = source != nullptr && source->is_folder,
         .writable = true,
         .executable = false});
  }

  void add_scratch(std::string target, std::uint32_t mode, std::string reason) {
    list_.writable.push_back(target);
    put({.action = Action::kFromScratch,
         .target = std::move(target),
         .reason = std::move(reason),
         .writable = true,
         .mode = mode});
  }

  // Some users have a home among the programs (daemon: /usr/sbin), and somebody who gives away the
  // folder above a home has given away the home in it.
  bool hides_home() const {
    const std::string& home = spec_.home;
    if (home.empty() || home == "/" || home == "/tmp") return false;
    const auto holds = [&](std::string_view folder) {
      return home == folder || lies_below(home, folder);
    };
    if (holds("/etc") || holds("/dev") || holds("/proc")) return false;
    if (std::any_of(facts_.host.system.begin(), facts_.host.system.end(),
                    [&](const SystemEntry& entry) { return holds(entry.path); })) {
      return false;
    }
    return spec_.workspace.mode == WorkspaceMode::kNone || !holds(spec_.workspace.directory);
  }

  void add_private_folders() {
    add_scratch("/tmp", kSticky, "private");
    if (hides_home()) add_scratch(spec_.home, 0700, "an empty home");
  }

  const SourceFacts& require(const std::string& path, bool folder) const {
    const SourceFacts* source = facts_.source(path);
    const int error = source == nullptr ? ENOENT : source->error_number;
    if (error != 0) {
      throw Error(
          ErrorCode::kUnavailable,
          concat("the sandbox cannot be built: ", in_quotes(path), ": ", errno_words(error)),
          "check the path on this host");
    }
    if (folder && !source->is_folder) {
      throw Error(ErrorCode::kUnavailable,
                  concat("the sandbox cannot be built: ", in_quotes(path), " is not a folder"));
    }
    return *source;
  }

  // The host's root acts for its own files, so files of their owner become the command's own.
  bool maps_owner(const SourceFacts& source) const {
    return identity_.maps_by_privilege && facts_.host.user_namespaces.yes && source.maps_ids &&
           (source.uid != identity_.outside || source.gid != identity_.outside_gid);
  }

  Step bind_step(const SourceFacts& source, std::string target, bool writable,
                 std::string reason) const {
    return {.action = Action::kBind,
            .source = source.path,
            .target = std::move(target),
            .reason = std::move(reason),
            .is_folder = source.is_folder,
            .writable = writable,
            .by_owner = maps_owner(source),
            .owner = source.uid,
            .owner_gid = source.gid,
            .device = source.device,
            .inode = source.inode};
  }

  void add_workspace() {
    const Workspace& workspace = spec_.workspace;
    if (workspace.mode == WorkspaceMode::kNone) return;
    const SourceFacts& source = require(workspace.directory, true);
    const bool writable = workspace.mode != WorkspaceMode::kReadOnly;
    Step step = bind_step(source, workspace.directory, writable, "the workspace");
    step.exact = true;
    if (workspace.mode == WorkspaceMode::kOverlay) step.action = Action::kOverlay;
    if (writable) list_.writable.push_back(workspace.directory);
    put(std::move(step));
  }

  void add_wishes() {
    for (const Bind& bind : spec_.binds) {
      const SourceFacts& source = require(bind.source, false);
      if (bind.writable) list_.writable.push_back(bind.target);
      put(bind_step(source, bind.target, bind.writable, "--bind"));
    }
    for (const Tmpfs& wish : spec_.tmpfs) {
      if (!wish.size) {
        add_scratch(wish.target, 0755, "--tmpfs");
        continue;
      }
      list_.writable.push_back(wish.target);
      put({.action = Action::kTmpfs,
           .target = wish.target,
           .reason = "--tmpfs",
           .writable = true,
           .size = wish.size->count});
    }
  }

  const SandboxSpec& spec_;
  bool tty_;
  const Facts& facts_;
  const Identity& identity_;
  MountList list_;
};

}  // namespace

MountList plan_mounts(const SandboxSpec& spec, bool tty, const Facts& facts,
                      const Identity& identity) {
  return MountPlanner(spec, tty, facts, identity).make();
}

}  // namespace muster::sandbox
