// SPDX-License-Identifier: Apache-2.0
// Being somebody else, or more than the own user.

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "attempt.h"

namespace attempts {

namespace {

// The value behind `name` in /proc/self/status, as hexadecimal; ~0 where there is none.
unsigned long long status_value(const char* name) {
  std::FILE* file = std::fopen("/proc/self/status", "re");
  if (file == nullptr) return ~0ULL;
  char line[256];
  unsigned long long value = ~0ULL;
  const std::size_t size = std::strlen(name);
  while (std::fgets(line, sizeof line, file) != nullptr) {
    if (std::strncmp(line, name, size) == 0 && line[size] == ':') {
      (void)std::sscanf(line + size + 1, "%llx", &value);
    }
  }
  (void)std::fclose(file);
  return value;
}

int capabilities(Arguments) {
  constexpr const char* kSets[] = {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"};
  for (const char* set : kSets) {
    const unsigned long long value = status_value(set);
    if (value != 0) return leaked("%s is %llx", set, value);
  }
  return held("all five sets are empty");
}

int gain_capabilities(Arguments) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  data[0].effective = data[0].permitted = 1U << CAP_SYS_CHROOT;
  if (is_host_root()) return leaked("root of the host already has them");
  return refused("capset", syscall(SYS_capset, &header, data), {EPERM});
}

int ambient(Arguments) {
  const long result = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0);
  return refused("an ambient capability", result, {EPERM});
}

int secure_bits(Arguments) {
  const long result = prctl(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS, 0, 0, 0);
  return refused("PR_SET_SECUREBITS", result, {EPERM});
}

int no_new_privileges(Arguments) {
  if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return leaked("new privileges are possible");
  return refused("clearing it", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), {EINVAL, EPERM});
}

int unfiltered(Arguments) {
  const unsigned long long mode = status_value("Seccomp");
  return mode == 2 ? held("a filter is in place") : leaked("Seccomp: %llx", mode);
}

int become_root(Arguments) {
  if (geteuid() == 0) return leaked("the effective user is 0");
  if (setresuid(0, 0, 0) == 0) return leaked("setresuid(0) succeeded");
  const int verdict = refused("setuid(0)", setuid(0), {EPERM, EINVAL});
  // setfsuid(2) has no failure but the unchanged value.
  setfsuid(0);
  return setfsuid(0) == 0 ? leaked("setfsuid(0) succeeded") : verdict;
}

int become_root_group(Arguments) {
  if (getegid() == 0) return leaked("the effective group is 0");
  return refused("setresgid(0)", setresgid(0, 0, 0), {EPERM, EINVAL});
}

int choose_groups(Arguments) {
  const gid_t group = getgid();
  return refused("setgroups", setgroups(1, &group), {EPERM});
}

int groups_of_the_caller(Arguments) {
  gid_t groups[256];
  const int count = getgroups(256, groups);
  for (int i = 0; i < count; ++i) {
    if (groups[i] != getgid() && groups[i] != 65534) return leaked("group %u", groups[i]);
  }
  return held("%d groups, none of the host", count);
}

int mapped_to_root(Arguments) {
  std::FILE* map = std::fopen("/proc/self/uid_map", "re");
  if (map == nullptr) return cannot_try("no uid_map");
  unsigned long inside = 0;
  unsigned long outside = 0;
  unsigned long count = 0;
  bool is_root = false;
  while (std::fscanf(map, "%lu %lu %lu", &inside, &outside, &count) == 3) {
    is_root |= getuid() >= inside && getuid() < inside + count && getuid() - inside + outside == 0;
  }
  (void)std::fclose(map);
  return is_root ? leaked("user %u is root outside", getuid())
                 : held("user %u is nobody's root", getuid());
}

// A file that the runner made setuid root, or gave capabilities; it says what it became.
int run_privileged(Arguments arguments, const char* expected) {
  if (arguments.empty()) return cannot_try("no such program was made");
  const pid_t child = fork();
  if (child == 0) {
    execl(arguments[0], "attempts", expected, static_cast<char*>(nullptr));
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return held("it cannot be run");
  if (WIFEXITED(status) && WEXITSTATUS(status) == kHeld) return held("it ran without privileges");
  return leaked("it ran with privileges");
}

int run_setuid(Arguments arguments) { return run_privileged(arguments, "become-root"); }
int run_setcap(Arguments arguments) { return run_privileged(arguments, "hold-capabilities"); }

constexpr Attempt kAttempts[] = {
    {"hold-capabilities", 0, "every set is empty", capabilities},
    {"gain-capabilities", 0, "EPERM", gain_capabilities},
    {"raise-ambient-capability", 0, "EPERM", ambient},
    {"change-secure-bits", 0, "EPERM", secure_bits},
    {"allow-new-privileges", 64, "EINVAL", no_new_privileges},
    {"run-unfiltered", 0, "a filter is in place", unfiltered},
    {"become-root", 0, "EPERM", become_root},
    {"become-root-group", 0, "EPERM", become_root_group},
    {"choose-groups", 0, "EPERM", choose_groups},
    {"keep-groups-of-the-caller", 0, "none", groups_of_the_caller},
    {"be-root-outside", 0, "mapped to somebody else", mapped_to_root},
    {"run-setuid-program", 64, "runs as the own user", run_setuid},
    {"run-program-with-capabilities", 64, "runs without them", run_setcap},
};

}  // namespace

std::span<const Attempt> identity_attempts() { return kAttempts; }

}  // namespace attempts
