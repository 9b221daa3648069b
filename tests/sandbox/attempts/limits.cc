// SPDX-License-Identifier: Apache-2.0
// More processes, threads, descriptors, watches or priority than was given.

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "attempt.h"

namespace attempts {

namespace {

// Far above every limit of the runner, far below what would trouble a host without any.
constexpr long kEnough = 700;

int bounded(const char* what, long count, long limit, int expected) {
  const int error = errno;
  if (count >= kEnough) return leaked("%ld %s and no end", count, what);
  if (count > limit) return leaked("%ld %s, %ld were allowed", count, what, limit);
  if (error != expected)
    return leaked("%s stopped at %ld for: %s", what, count, std::strerror(error));
  return held("%ld %s, then: %s", count, what, std::strerror(error));
}

// The children are ended here, so that an attempt outside of a sandbox leaves nothing behind.
int fork_bomb(Arguments) {
  static pid_t children[kEnough];
  long count = 0;
  for (; count < kEnough; ++count) {
    const pid_t child = fork();
    if (child < 0) break;
    if (child == 0) {
      for (;;) pause();
    }
    children[count] = child;
  }
  const int verdict = bounded("children", count, kPids, EAGAIN);
  for (long i = 0; i < count; ++i) kill(children[i], SIGKILL);
  for (long i = 0; i < count; ++i) waitpid(children[i], nullptr, 0);
  return verdict;
}

// The bomb is left burning: the sandbox has to put it out.
int fork_bomb_left_burning(Arguments) {
  long count = 0;
  for (; count < kEnough; ++count) {
    const pid_t child = fork();
    if (child < 0) break;
    if (child == 0) {
      (void)signal(SIGTERM, SIG_IGN);
      setsid();
      alarm(30);
      for (;;) pause();
    }
  }
  return bounded("children in sessions of their own", count, kPids, EAGAIN);
}

// With as many as there may be, waiting for the time limit.
int fork_bomb_and_wait(Arguments) {
  for (long count = 0; count < kEnough; ++count) {
    const pid_t child = fork();
    if (child < 0) break;
    if (child == 0) (void)signal(SIGTERM, SIG_IGN);
    if (child == 0) break;
  }
  alarm(30);
  for (;;) pause();
}

void* idle(void* /*unused*/) {
  for (;;) pause();
  return nullptr;
}

int thread_bomb(Arguments) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 64 << 10);
  long count = 0;
  for (; count < kEnough; ++count) {
    pthread_t thread{};
    errno = pthread_create(&thread, &attributes, idle, nullptr);
    if (errno != 0) break;
  }
  return bounded("threads", count, kPids, EAGAIN);
}

int descriptor_bomb(Arguments) {
  long count = 0;
  while (count < kEnough && open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0) ++count;
  return bounded("open files", count, kOpenFiles, EMFILE);
}

int inotify_bomb(Arguments) {
  long count = 0;
  while (count < kEnough && inotify_init1(IN_CLOEXEC) >= 0) ++count;
  return bounded("inotify instances", count, kOpenFiles, EMFILE);
}

int epoll_bomb(Arguments) {
  long count = 0;
  while (count < kEnough && epoll_create1(EPOLL_CLOEXEC) >= 0) ++count;
  return bounded("epoll instances", count, kOpenFiles, EMFILE);
}

int raise_rlimits(Arguments) {
  constexpr int kLimits[] = {RLIMIT_NOFILE, RLIMIT_FSIZE, RLIMIT_CORE};
  for (const int limit : kLimits) {
    rlimit value{};
    getrlimit(static_cast<__rlimit_resource_t>(limit), &value);
    if (value.rlim_max == RLIM_INFINITY) return leaked("limit %d has no upper bound", limit);
    ++value.rlim_max;
    if (setrlimit(static_cast<__rlimit_resource_t>(limit), &value) == 0) {
      return leaked("limit %d was raised", limit);
    }
    if (errno != EPERM) return leaked("limit %d: %s", limit, std::strerror(errno));
  }
  return held("no hard limit can be raised");
}

int raise_nice(Arguments) {
  const int before = getpriority(PRIO_PROCESS, 0);
  const long result = setpriority(PRIO_PROCESS, 0, before - 10);
  return refused("nice -10", result, {EPERM, EACCES});
}

int real_time(Arguments) {
  const sched_param parameter{.sched_priority = 1};
  return refused("SCHED_FIFO", sched_setscheduler(0, SCHED_FIFO, &parameter), {EPERM});
}

int deadline(Arguments) {
  // struct sched_attr of sched_setattr(2): SCHED_DEADLINE, 1 ms of every 10 ms.
  struct {
    unsigned size = 48;
    unsigned policy = 6;
    unsigned long flags = 0;
    int nice = 0;
    unsigned priority = 0;
    unsigned long runtime = 1000000, time_limit = 10000000, period = 10000000;
  } attributes;
  return refused("SCHED_DEADLINE", syscall(SYS_sched_setattr, 0, &attributes, 0), {EPERM});
}

int io_priority(Arguments) {
  // ioprio_set(2): class 1 is real time, 13 the shift of the class, 1 means a process.
  return refused("real-time I/O priority", syscall(SYS_ioprio_set, 1, 0, 1 << 13), {EPERM});
}

int oom_score(Arguments) {
  const int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return held("oom_score_adj cannot be opened: %s", std::strerror(errno));
  return refused("oom_score_adj -1000", write(fd, "-1000", 5), {EACCES, EPERM});
}

constexpr Attempt kAttempts[] = {
    {"fork-bomb", 1, "EAGAIN at the limit on processes", fork_bomb},
    {"fork-bomb-left-burning", 1, "EAGAIN; gone when the command ends", fork_bomb_left_burning},
    {"fork-bomb-and-wait", 1, "ended at the time limit", fork_bomb_and_wait},
    {"thread-bomb", 1, "EAGAIN at the limit on processes", thread_bomb},
    {"descriptor-bomb", 4, "EMFILE at the limit on open files", descriptor_bomb},
    {"inotify-bomb", 8, "EMFILE", inotify_bomb},
    {"epoll-bomb", 8, "EMFILE", epoll_bomb},
    {"raise-rlimits", 67, "EPERM", raise_rlimits},
    {"raise-nice", 67, "EPERM or EACCES", raise_nice},
    {"real-time-scheduling", 67, "EPERM", real_time},
    {"deadline-scheduling", 67, "EPERM", deadline},
    {"real-time-io-priority", 67, "EPERM", io_priority},
    {"lower-own-oom-score", 67, "EACCES", oom_score},
};

}  // namespace

std::span<const Attempt> limit_attempts() { return kAttempts; }

}  // namespace attempts
