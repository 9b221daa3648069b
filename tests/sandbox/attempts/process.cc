// SPDX-License-Identifier: Apache-2.0
// Seeing, signalling and tracing processes.

#include <dirent.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "attempt.h"

namespace attempts {

namespace {

int signal_everybody(Arguments) {
  const long result = kill(-1, 0);
  return refused("kill(-1, 0)", result, {ESRCH});
}

int see_everybody(Arguments) {
  DIR* folder = opendir("/proc");
  if (folder == nullptr) return cannot_try("there is no /proc");
  int strangers = 0;
  while (const dirent* entry = readdir(folder)) {
    if (std::isdigit(static_cast<unsigned char>(entry->d_name[0])) == 0) continue;
    const int pid = std::atoi(entry->d_name);
    if (pid != 1 && pid != getpid()) ++strangers;
  }
  closedir(folder);
  return strangers == 0 ? held("process 1 and this one") : leaked("%d others", strangers);
}

int find_hidden_processes(Arguments) {
  int strangers = 0;
  for (pid_t pid = 2; pid <= 65536; ++pid) {
    if (pid != getpid() && (kill(pid, 0) == 0 || errno == EPERM)) ++strangers;
  }
  return strangers == 0 ? held("no process answers") : leaked("%d processes answer", strangers);
}

pid_t waiting_child() {
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    for (;;) pause();
  }
  return child;
}

int trace_child(Arguments) {
  const pid_t child = waiting_child();
  const long result = ptrace(PTRACE_SEIZE, child, nullptr, nullptr);
  const int verdict = refused("PTRACE_SEIZE of a child", result, {EPERM});
  kill(child, SIGKILL);
  return verdict;
}

int be_traced(Arguments) {
  return refused("PTRACE_TRACEME", ptrace(PTRACE_TRACEME, 0, nullptr, nullptr), {EPERM});
}

int read_child(Arguments) {
  const pid_t child = waiting_child();
  char byte = 0;
  const iovec part{&byte, 1};
  const long result = process_vm_readv(child, &part, 1, &part, 1, 0);
  const int verdict = refused("process_vm_readv of a child", result, {EPERM});
  kill(child, SIGKILL);
  return verdict;
}

int advise_child(Arguments) {
  const long pidfd = syscall(SYS_pidfd_open, getpid(), 0);
  char byte = 0;
  const iovec part{&byte, 1};
  const long result = syscall(SYS_process_madvise, pidfd, &part, 1, 21, 0);
  return refused("process_madvise", result, {EPERM, ENOSYS});
}

int release_memory(Arguments) {
  return refused("process_mrelease", syscall(SYS_process_mrelease, -1, 0), {EPERM, ENOSYS});
}

int set_memory_map(Arguments) {
  const long result = prctl(PR_SET_MM, PR_SET_MM_START_BRK, 0UL, 0UL, 0UL);
  return refused("PR_SET_MM", result, {EPERM});
}

// A program that runs cannot be written anyway; what counts is that it could not be afterwards.
int own_program_for_writing(Arguments) {
  struct statvfs status{};
  if (statvfs("/proc/self/exe", &status) == 0 && (status.f_flag & ST_RDONLY) == 0) {
    return leaked("the program lies on a writable mount");
  }
  const int fd = open("/proc/self/exe", O_WRONLY | O_CLOEXEC);
  return refused("/proc/self/exe", fd, {EROFS, EACCES, EPERM, ETXTBSY});
}

int kernel_stack(Arguments) {
  const int fd = open("/proc/self/stack", O_RDONLY | O_CLOEXEC);
  char byte = 0;
  const long result = fd < 0 ? -1 : read(fd, &byte, 1);
  return refused("/proc/self/stack", result, {EPERM, EACCES, ENOENT});
}

constexpr Attempt kAttempts[] = {
    {"signal-everybody", 10, "ESRCH", signal_everybody},
    {"see-everybody", 11, "process 1 and the own ones", see_everybody},
    {"find-hidden-processes", 11, "nobody answers", find_hidden_processes},
    {"trace-a-child", 12, "EPERM", trace_child},
    {"be-traced", 12, "EPERM", be_traced},
    {"read-memory-of-a-child", 13, "EPERM", read_child},
    {"advise-memory", 13, "EPERM", advise_child},
    {"release-memory-of-another", 52, "EPERM", release_memory},
    {"set-memory-map", 0, "EPERM", set_memory_map},
    {"own-program-for-writing", 19, "a read-only mount", own_program_for_writing},
    {"kernel-stack", 43, "EACCES", kernel_stack},
};

}  // namespace

std::span<const Attempt> process_attempts() { return kAttempts; }

}  // namespace attempts
