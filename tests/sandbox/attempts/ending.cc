// SPDX-License-Identifier: Apache-2.0
// Outliving the command, its time or its output. The runner looks at how long it took, at the
// outcome, and whether a process is left.

#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "attempt.h"

namespace attempts {

namespace {

// What is not ended by the sandbox ends by itself, so that no host is left with it.
constexpr unsigned kLifetime = 20;

void ignore_signals() {
  for (int number = 1; number < NSIG; ++number) {
    if (number != SIGALRM && number != SIGCHLD) (void)signal(number, SIG_IGN);
  }
}

[[noreturn]] void spin() {
  alarm(kLifetime);
  for (volatile unsigned count = 0;;) count = count + 1;
}

int spin_deaf(Arguments) {
  ignore_signals();
  spin();
}

int sleep_deaf(Arguments) {
  ignore_signals();
  alarm(kLifetime);
  for (;;) pause();
}

int stop_self(Arguments) {
  alarm(kLifetime);
  (void)raise(SIGSTOP);
  return leaked("the stop was ended by somebody");
}

int stop_everything(Arguments) {
  for (int i = 0; i < 4; ++i) {
    if (fork() == 0) {
      setsid();
      alarm(kLifetime);
      (void)raise(SIGSTOP);
      _exit(0);
    }
  }
  alarm(kLifetime);
  kill(-1, SIGSTOP);
  (void)raise(SIGSTOP);
  return leaked("the stop was ended by somebody");
}

int spin_in_two(Arguments) {
  if (fork() == 0) spin();
  spin();
}

// Short lives that no look at the running processes sees.
int spin_in_short_lives(Arguments) {
  const double until = now() + kLifetime;
  while (now() < until) {
    status_of_child([] {
      const double end = now() + 0.02;
      while (now() < end) {
      }
    });
  }
  return leaked("%u seconds of processor time", kLifetime);
}

double own_cpu_time() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int more_than_half_a_processor(Arguments) {
  const double start = now();
  while (now() < start + 1.0) {
  }
  const double share = own_cpu_time() / (now() - start);
  if (share > 0.75) return leaked("%.2f of a processor, 0.5 was allowed", share);
  return held("%.2f of a processor", share);
}

void daemonize_and_wait(bool keep_output) {
  if (fork() != 0) return;
  ignore_signals();
  setsid();
  if (fork() != 0) _exit(0);
  if (!keep_output) {
    for (int fd = 0; fd < 3; ++fd) close(fd);
  }
  alarm(kLifetime);
  for (;;) pause();
}

int daemon_stays(Arguments) {
  daemonize_and_wait(false);
  return held("the command ends before its daemon");
}

int daemon_keeps_the_output(Arguments) {
  const int verdict = held("the command ends before its daemon");
  daemonize_and_wait(true);
  return verdict;
}

// A chain in which every link forks the next and ends: no list of processes is ever complete.
int runaway_chain(Arguments) {
  if (fork() == 0) {
    ignore_signals();
    const double until = now() + kLifetime;
    while (now() < until) {
      const pid_t next = fork();
      if (next > 0) _exit(0);
      setsid();
    }
    _exit(0);
  }
  return held("the command ends before the chain");
}

int parent_of_a_stopped_child(Arguments) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(kLifetime);
    (void)raise(SIGSTOP);
    _exit(0);
  }
  waitpid(child, nullptr, WUNTRACED);
  return held("the command ends before its stopped child");
}

int count_zombies() {
  DIR* folder = opendir("/proc");
  int zombies = 0;
  while (const dirent* entry = readdir(folder)) {
    if (std::isdigit(static_cast<unsigned char>(entry->d_name[0])) == 0) continue;
    char path[300];
    (void)std::snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    char text[200] = {};
    const ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    const char* behind_name = size > 0 ? std::strrchr(text, ')') : nullptr;
    if (behind_name != nullptr && behind_name[2] == 'Z') ++zombies;
  }
  closedir(folder);
  return zombies;
}

int zombies_stay(Arguments) {
  for (int i = 0; i < 200; ++i) {
    status_of_child([] {
      if (fork() == 0) _exit(0);
    });
  }
  const double until = now() + 2;
  int zombies = count_zombies();
  while (zombies > 0 && now() < until) zombies = count_zombies();
  return zombies == 0 ? held("all 200 were reaped") : leaked("%d zombies", zombies);
}

int flood(int fd) {
  static char block[1 << 16];
  std::memset(block, 'x', sizeof block);
  for (int i = 0; i < 1024; ++i) {
    if (write(fd, block, sizeof block) < 0) break;
  }
  return kHeld;
}

int flood_output(Arguments) { return flood(STDOUT_FILENO); }
int flood_errors(Arguments) { return flood(STDERR_FILENO); }

int dump_core(Arguments) {
  rlimit most{RLIM_INFINITY, RLIM_INFINITY};
  setrlimit(RLIMIT_CORE, &most);
  prctl(PR_SET_DUMPABLE, 1);
  const int status = status_of_child([] { (void)raise(SIGSEGV); });
  if (!WIFSIGNALED(status)) return leaked("the child did not die of it: %d", status);
  if (WCOREDUMP(status)) return leaked("a core was dumped");
  return held("no core");
}

int end_of_input(Arguments) {
  char byte = 0;
  const ssize_t size = read(STDIN_FILENO, &byte, 1);
  return size == 0 ? held("the input ends at once") : leaked("read: %zd", size);
}

int input_is_not_waited_for(Arguments) { return held("the command ends, its input does not"); }

constexpr Attempt kAttempts[] = {
    {"spin-deaf-to-signals", 21, "ended at the time limit", spin_deaf},
    {"sleep-deaf-to-signals", 21, "ended at the time limit", sleep_deaf},
    {"stop-self", 22, "ended at the time limit", stop_self},
    {"stop-everything", 22, "ended at the time limit", stop_everything},
    {"spin-past-processor-time", 21, "ended at the limit on processor time", spin_in_two},
    {"spin-in-short-lives", 21, "ended at the limit on processor time", spin_in_short_lives},
    {"more-than-half-a-processor", 0, "half a processor", more_than_half_a_processor},
    {"daemon-stays", 20, "gone when the command ends", daemon_stays},
    {"daemon-keeps-the-output", 20, "gone when the command ends", daemon_keeps_the_output},
    {"runaway-chain", 20, "gone when the command ends", runaway_chain},
    {"stopped-child-stays", 22, "gone when the command ends", parent_of_a_stopped_child},
    {"zombies-stay", 9, "orphans are reaped", zombies_stay},
    {"flood-output", 24, "cut, without waiting or growing", flood_output},
    {"flood-errors", 24, "cut, without waiting or growing", flood_errors},
    {"dump-core", 66, "no core", dump_core},
    {"input-is-empty", 25, "end of file at once", end_of_input},
    {"input-never-ends", 25, "the end is not waited for", input_is_not_waited_for},
};

}  // namespace

std::span<const Attempt> ending_attempts() { return kAttempts; }

}  // namespace attempts
