// SPDX-License-Identifier: Apache-2.0
// Making, entering and climbing out of namespaces.

#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "attempt.h"

namespace attempts {

namespace {

#ifndef CLONE_NEWTIME
constexpr long CLONE_NEWTIME = 0x80;
#endif

template <long kFlag>
int unshared(Arguments) {
  return refused("unshare", unshare(static_cast<int>(kFlag)), {EPERM});
}

// x86-64 takes (flags, stack); aarch64 the same for what is used here.
template <long kFlag>
int cloned(Arguments) {
  const long child = syscall(SYS_clone, kFlag | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
  if (child == 0) _exit(0);
  const int verdict = refused("clone", child, {EPERM});
  if (child > 0) waitpid(static_cast<pid_t>(child), nullptr, 0);
  return verdict;
}

int clone3_user(Arguments) {
  clone_args arguments{};
  arguments.flags = CLONE_NEWUSER;
  arguments.exit_signal = SIGCHLD;
  const long child = syscall(SYS_clone3, &arguments, sizeof arguments);
  if (child == 0) _exit(0);
  const int verdict = refused("clone3", child, {ENOSYS});
  if (child > 0) waitpid(static_cast<pid_t>(child), nullptr, 0);
  return verdict;
}

template <const char* kPath>
int entered(Arguments) {
  const int fd = open(kPath, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return held("%s cannot be opened", kPath);
  return refused("setns", setns(fd, 0), {EPERM});
}

constexpr char kUser[] = "/proc/self/ns/user";
constexpr char kNet[] = "/proc/self/ns/net";
constexpr char kMount[] = "/proc/self/ns/mnt";
constexpr char kPid[] = "/proc/self/ns/pid_for_children";

int enter_by_pidfd(Arguments) {
  const long pidfd = syscall(SYS_pidfd_open, getpid(), 0);
  const long result = setns(static_cast<int>(pidfd), CLONE_NEWNET | CLONE_NEWUTS);
  return refused("setns by pidfd", result, {EPERM});
}

template <const char* kPath, unsigned long kRequest>
int climbed(Arguments) {
  const int fd = open(kPath, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return held("%s cannot be opened", kPath);
  return refused("the namespace above", ioctl(fd, kRequest), {EPERM});
}

constexpr char kPidSelf[] = "/proc/self/ns/pid";

int rewritten_time(Arguments) {
  const int fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
  const long result = fd < 0 ? -1 : write(fd, "monotonic 1 0\n", 14);
  return refused("timens_offsets", result, {EPERM, EACCES, EROFS, ENOENT});
}

template <const char* kPath>
int rewritten(Arguments) {
  const int fd = open(kPath, O_WRONLY | O_CLOEXEC);
  const long result = fd < 0 ? -1 : write(fd, "0 0 1\n", 6);
  return refused(kPath, result, {EPERM, EACCES, EROFS, ENOENT});
}

constexpr char kUidMap[] = "/proc/self/uid_map";
constexpr char kGidMap[] = "/proc/self/gid_map";
constexpr char kSetgroups[] = "/proc/self/setgroups";

int host_name(Arguments arguments) {
  char name[256] = {};
  gethostname(name, sizeof name - 1);
  const char* host = arguments.empty() ? nullptr : arguments[0];
  if (std::strcmp(name, "muster") == 0) return held("it is called %s", name);
  return leaked("it is called %s%s%s", name, host == nullptr ? "" : ", the host ",
                host == nullptr ? "" : host);
}

int rename_host(Arguments) {
  char name[256] = {};
  gethostname(name, sizeof name - 1);
  return refused("sethostname", sethostname(name, std::strlen(name)), {EPERM});
}

int rename_domain(Arguments) {
  return refused("setdomainname", setdomainname("(none)", 6), {EPERM});
}

int cgroup_path(Arguments) {
  std::FILE* file = std::fopen("/proc/self/cgroup", "re");
  if (file == nullptr) return held("there is no /proc/self/cgroup");
  char line[1024];
  char outside[1024] = "";
  while (std::fgets(line, sizeof line, file) != nullptr) {
    const char* path = std::strrchr(line, ':');
    if (path != nullptr && std::strcmp(path, ":/\n") != 0) std::strcpy(outside, path + 1);
  }
  (void)std::fclose(file);
  return outside[0] == '\0' ? held("every cgroup is /") : leaked("cgroup %s", outside);
}

constexpr Attempt kAttempts[] = {
    {"unshare-user", 29, "EPERM", unshared<CLONE_NEWUSER>},
    {"unshare-mount", 29, "EPERM", unshared<CLONE_NEWNS>},
    {"unshare-pid", 29, "EPERM", unshared<CLONE_NEWPID>},
    {"unshare-net", 29, "EPERM", unshared<CLONE_NEWNET>},
    {"unshare-ipc", 29, "EPERM", unshared<CLONE_NEWIPC>},
    {"unshare-uts", 29, "EPERM", unshared<CLONE_NEWUTS>},
    {"unshare-cgroup", 29, "EPERM", unshared<CLONE_NEWCGROUP>},
    {"unshare-time", 29, "EPERM", unshared<CLONE_NEWTIME>},
    {"clone-user", 30, "EPERM", cloned<CLONE_NEWUSER>},
    {"clone-user-and-mount", 30, "EPERM", cloned<CLONE_NEWUSER | CLONE_NEWNS>},
    {"clone-net", 30, "EPERM", cloned<CLONE_NEWNET>},
    {"clone-pid", 30, "EPERM", cloned<CLONE_NEWPID>},
    {"clone3-user", 30, "ENOSYS", clone3_user},
    {"enter-user-namespace", 31, "EPERM", entered<kUser>},
    {"enter-net-namespace", 31, "EPERM", entered<kNet>},
    {"enter-mount-namespace", 31, "EPERM", entered<kMount>},
    {"enter-pid-namespace", 31, "EPERM", entered<kPid>},
    {"enter-by-pidfd", 31, "EPERM", enter_by_pidfd},
    {"climb-to-parent-user-namespace", 31, "EPERM", climbed<kUser, NS_GET_PARENT>},
    {"climb-to-parent-pid-namespace", 31, "EPERM", climbed<kPidSelf, NS_GET_PARENT>},
    {"rewrite-uid-map", 0, "EPERM", rewritten<kUidMap>},
    {"rewrite-gid-map", 0, "EPERM", rewritten<kGidMap>},
    {"rewrite-setgroups", 0, "EPERM", rewritten<kSetgroups>},
    {"rewrite-time-offsets", 0, "EACCES", rewritten_time},
    {"learn-host-name", 0, "it is called muster", host_name},
    {"rename-host", 0, "EPERM", rename_host},
    {"rename-domain", 0, "EPERM", rename_domain},
    {"learn-cgroup-of-the-host", 40, "the cgroup is /", cgroup_path},
};

}  // namespace

std::span<const Attempt> namespace_attempts() { return kAttempts; }

}  // namespace attempts
