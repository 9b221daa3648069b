// SPDX-License-Identifier: Apache-2.0
// Getting at process 1, which outside of the sandbox's own view holds it together.

#include <dirent.h>
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "attempt.h"

namespace attempts {

namespace {

constexpr const char* kHostInit = "process 1 is the host's own";

template <int kFlags>
int open_of_init(const char* path) {
  if (is_host_root()) return cannot_try("%s", kHostInit);
  const int fd = open(path, kFlags | O_CLOEXEC | O_NONBLOCK);
  return refused(path, fd, {EACCES, EPERM, ENOENT});
}

int init_mem(Arguments) { return open_of_init<O_RDONLY>("/proc/1/mem"); }
int init_mem_write(Arguments) { return open_of_init<O_RDWR>("/proc/1/mem"); }
int init_environ(Arguments) { return open_of_init<O_RDONLY>("/proc/1/environ"); }
int init_auxv(Arguments) { return open_of_init<O_RDONLY>("/proc/1/auxv"); }
int init_maps(Arguments) { return open_of_init<O_RDONLY>("/proc/1/maps"); }
int init_exe(Arguments) { return open_of_init<O_RDONLY>("/proc/1/exe"); }
int init_exe_write(Arguments) { return open_of_init<O_WRONLY>("/proc/1/exe"); }
int init_root(Arguments) { return open_of_init<O_PATH>("/proc/1/root/usr"); }
int init_cwd(Arguments) { return open_of_init<O_PATH>("/proc/1/cwd/usr"); }
int init_fd(Arguments) { return open_of_init < O_RDONLY | O_DIRECTORY > ("/proc/1/fd"); }
int init_fdinfo(Arguments) { return open_of_init<O_RDONLY>("/proc/1/fdinfo/0"); }
int init_oom_score(Arguments) { return open_of_init<O_WRONLY>("/proc/1/oom_score_adj"); }
int init_namespace(Arguments) { return open_of_init<O_RDONLY>("/proc/1/ns/pid"); }

int init_root_in_root(Arguments) {
  // struct open_how of openat2(2), which takes magic links unless it is told not to.
  unsigned long how[3] = {O_RDONLY | O_CLOEXEC, 0, 0};
  const int proc = open("/proc", O_PATH | O_CLOEXEC);
  const long fd = syscall(SYS_openat2, proc, "1/root/etc/passwd", how, sizeof how);
  return refused("openat2 of 1/root", fd, {EACCES, EPERM, ENOENT, ENOSYS});
}

int ptrace_init(Arguments) {
  if (is_host_root()) return cannot_try("%s", kHostInit);
  return refused("PTRACE_ATTACH", ptrace(PTRACE_ATTACH, 1, nullptr, nullptr), {EPERM});
}

int seize_init(Arguments) {
  if (is_host_root()) return cannot_try("%s", kHostInit);
  return refused("PTRACE_SEIZE", ptrace(PTRACE_SEIZE, 1, nullptr, nullptr), {EPERM});
}

int read_init(Arguments) {
  char byte = 0;
  const iovec here{&byte, 1};
  const iovec there{&byte, 1};
  return refused("process_vm_readv", process_vm_readv(1, &here, 1, &there, 1, 0), {EPERM});
}

int write_init(Arguments) {
  if (is_host_root()) return cannot_try("%s", kHostInit);
  char byte = 0;
  const iovec here{&byte, 1};
  const iovec there{nullptr, 1};
  return refused("process_vm_writev", process_vm_writev(1, &here, 1, &there, 1, 0), {EPERM});
}

int take_descriptor_of_init(Arguments) {
  const long pidfd = syscall(SYS_pidfd_open, 1, 0);
  if (pidfd < 0) return refused("pidfd_open", pidfd, {EPERM});
  return refused("pidfd_getfd", syscall(SYS_pidfd_getfd, pidfd, 0, 0), {EPERM});
}

int compare_with_init(Arguments) {
  return refused("kcmp", syscall(SYS_kcmp, 1, getpid(), 0, 0, 0), {EPERM});
}

int limits_of_init(Arguments) {
  if (is_host_root()) return cannot_try("%s", kHostInit);
  rlimit limit{};
  long result = prlimit(1, RLIMIT_CPU, nullptr, &limit);
  // One second of processor time more than it had: enough to show that it can be done.
  if (result == 0) {
    if (limit.rlim_cur != RLIM_INFINITY) ++limit.rlim_cur;
    result = prlimit(1, RLIMIT_CPU, &limit, nullptr);
  }
  return refused("prlimit of process 1", result, {EPERM});
}

// Signals may be accepted by the kernel; what counts is that nothing comes of them.
int signals_to_init(Arguments) {
  if (is_host_root()) return cannot_try("%s", kHostInit);
  for (int number = 1; number <= 64; ++number) {
    if (number == SIGSTOP) continue;
    kill(1, number);
    sigval value{};
    (void)sigqueue(1, number, value);
    syscall(SYS_tgkill, 1, 1, number);
  }
  const long pidfd = syscall(SYS_pidfd_open, 1, 0);
  if (pidfd >= 0) syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, nullptr, 0);
  // An init that reaps is an init that runs.
  int end[2];
  if (pipe2(end, O_CLOEXEC) != 0) return cannot_try("pipe: %s", std::strerror(errno));
  const pid_t middle = fork();
  if (middle == 0) {
    const pid_t orphan = fork();
    if (orphan == 0) _exit(0);
    (void)!write(end[1], &orphan, sizeof orphan);
    _exit(0);
  }
  waitpid(middle, nullptr, 0);
  pid_t orphan = 0;
  if (read(end[0], &orphan, sizeof orphan) != sizeof orphan) return leaked("the child was killed");
  const double until = now() + 5;
  while (kill(orphan, 0) == 0) {
    if (now() > until) return leaked("process 1 reaps no more");
  }
  return held("process 1 goes on");
}

// SIGSTOP, then whatever the clock of the sandbox says.
int stop_init(Arguments) {
  if (is_host_root()) return cannot_try("%s", kHostInit);
  kill(1, SIGSTOP);
  kill(1, SIGTSTP);
  alarm(20);
  for (;;) pause();
}

int priority_of_init(Arguments) {
  if (is_host_root()) return cannot_try("%s", kHostInit);
  // Slowing it down must not change what is reported: the runner looks at the outcome.
  setpriority(PRIO_PROCESS, 1, 19);
  return held("asked for; the outcome tells");
}

constexpr Attempt kAttempts[] = {
    {"init-memory", 15, "EACCES", init_mem},
    {"init-memory-for-writing", 15, "EACCES", init_mem_write},
    {"init-environment", 16, "EACCES", init_environ},
    {"init-auxiliary-vector", 16, "EACCES", init_auxv},
    {"init-maps", 15, "EACCES", init_maps},
    {"init-program", 15, "EACCES", init_exe},
    {"init-program-for-writing", 19, "EACCES", init_exe_write},
    {"init-root-folder", 15, "EACCES", init_root},
    {"init-root-folder-by-openat2", 15, "EACCES", init_root_in_root},
    {"init-working-folder", 15, "EACCES", init_cwd},
    {"init-descriptors", 15, "EACCES", init_fd},
    {"init-descriptor-details", 15, "EACCES", init_fdinfo},
    {"init-oom-score", 67, "EACCES", init_oom_score},
    {"init-namespace-files", 31, "EACCES", init_namespace},
    {"ptrace-attach-init", 12, "EPERM", ptrace_init},
    {"ptrace-seize-init", 12, "EPERM", seize_init},
    {"read-memory-of-init", 13, "EPERM", read_init},
    {"write-memory-of-init", 13, "EPERM", write_init},
    {"take-descriptor-of-init", 14, "EPERM", take_descriptor_of_init},
    {"compare-with-init", 52, "EPERM", compare_with_init},
    {"set-limits-of-init", 0, "EPERM", limits_of_init},
    {"signal-init-with-everything", 23, "nothing comes of it", signals_to_init},
    {"stop-init", 23, "ended at the time limit", stop_init},
    {"slow-down-init", 23, "the outcome is the same", priority_of_init},
};

}  // namespace

std::span<const Attempt> init_attempts() { return kAttempts; }

}  // namespace attempts
