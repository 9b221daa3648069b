// SPDX-License-Identifier: Apache-2.0
// Settings of the kernel: opened for writing, never written.

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "attempt.h"

namespace attempts {

namespace {

// A file of /proc that is masked is a bind of /dev/null, which swallows what is written.
bool is_masked(const char* path) {
  struct stat status{};
  return stat(path, &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
}

int none_writable(std::initializer_list<const char*> paths) {
  for (const char* path : paths) {
    if (is_masked(path)) continue;
    if (open_error(path, O_WRONLY) == 0) return leaked("%s can be written", path);
  }
  return held("none of %zu can be written", paths.size());
}

int core_pattern(Arguments) {
  return none_writable({"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/core_uses_pid",
                        "/proc/sys/kernel/core_pipe_limit", "/proc/sys/fs/suid_dumpable"});
}
int helpers(Arguments) {
  return none_writable({"/proc/sys/kernel/modprobe", "/proc/sys/kernel/hotplug",
                        "/proc/sys/kernel/poweroff_cmd", "/proc/sys/kernel/usermodehelper/bset",
                        "/proc/sys/kernel/modules_disabled"});
}
int formats(Arguments) {
  return none_writable({"/proc/sys/fs/binfmt_misc/register", "/proc/sys/fs/binfmt_misc/status"});
}
int defences(Arguments) {
  return none_writable(
      {"/proc/sys/kernel/randomize_va_space", "/proc/sys/kernel/kptr_restrict",
       "/proc/sys/kernel/dmesg_restrict", "/proc/sys/kernel/unprivileged_bpf_disabled",
       "/proc/sys/kernel/perf_event_paranoid", "/proc/sys/kernel/yama/ptrace_scope",
       "/proc/sys/vm/mmap_min_addr", "/proc/sys/fs/protected_symlinks"});
}
int memory(Arguments) {
  return none_writable({"/proc/sys/vm/drop_caches", "/proc/sys/vm/overcommit_memory",
                        "/proc/sys/vm/swappiness", "/proc/sys/vm/panic_on_oom",
                        "/proc/sys/vm/compact_memory"});
}
int panics(Arguments) {
  return none_writable({"/proc/sys/kernel/panic", "/proc/sys/kernel/panic_on_oops",
                        "/proc/sys/kernel/sysrq", "/proc/sysrq-trigger",
                        "/proc/sys/kernel/ctrl-alt-del"});
}
int user_limits(Arguments) {
  return none_writable({"/proc/sys/user/max_user_namespaces", "/proc/sys/fs/file-max",
                        "/proc/sys/kernel/pid_max", "/proc/sys/kernel/threads-max",
                        "/proc/sys/user/max_inotify_instances", "/proc/sys/fs/pipe-max-size"});
}
int own_namespaces(Arguments) {
  return none_writable({"/proc/sys/kernel/ns_last_pid", "/proc/sys/net/ipv4/ip_forward",
                        "/proc/sys/net/ipv4/ping_group_range", "/proc/sys/kernel/hostname",
                        "/proc/sys/kernel/shmmax", "/proc/sys/net/core/somaxconn"});
}

// Opens everything below `folder` but processes for writing; returns the first that can be, in
// `found`, of 4096 bytes.
bool find_writable(const char* folder, int depth, char* found) {
  DIR* stream = opendir(folder);
  if (stream == nullptr) return false;
  bool any = false;
  while (const dirent* entry = readdir(stream)) {
    const char first = entry->d_name[0];
    if (any || first == '.' || (depth == 0 && first >= '0' && first <= '9')) continue;
    char path[4096];
    (void)std::snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (entry->d_type == DT_DIR && depth < 12) {
      any = find_writable(path, depth + 1, found);
    } else if (entry->d_type == DT_REG && !is_masked(path) && open_error(path, O_WRONLY) == 0) {
      std::strcpy(found, path);
      any = true;
    }
  }
  closedir(stream);
  return any;
}

int anything(Arguments) {
  // Opening some files of the host's /proc for writing is not without effect.
  if (is_host_root()) return leaked("root of the host can do this");
  char path[4096] = "";
  if (find_writable("/proc", 0, path)) return leaked("%s can be written", path);
  return held("no file of /proc can be written");
}

constexpr Attempt kAttempts[] = {
    {"write-core-pattern", 37, "EROFS or EACCES", core_pattern},
    {"write-kernel-helpers", 37, "EROFS or EACCES", helpers},
    {"register-binary-format", 37, "masked", formats},
    {"lower-kernel-defences", 37, "EROFS or EACCES", defences},
    {"write-memory-settings", 37, "EROFS or EACCES", memory},
    {"cause-a-panic", 39, "masked or EROFS", panics},
    {"raise-kernel-limits", 37, "EROFS or EACCES", user_limits},
    {"write-settings-of-own-namespaces", 38, "EROFS", own_namespaces},
    {"write-anything-in-proc", 37, "nothing", anything},
};

}  // namespace

std::span<const Attempt> sysctl_attempts() { return kAttempts; }

}  // namespace attempts
