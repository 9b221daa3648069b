// SPDX-License-Identifier: Apache-2.0
// A flat walk of steps; the first that fails is reported and ends the process.
#include "exec/process/payload.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace muster::process {

namespace {

struct Reporter {
  int pipe = -1;

  [[noreturn]] void fail(StartFailure failure) const {
    // A datagram-sized write to a pipe is whole or not at all (pipe(7)). The keeper notices a pipe
    // that was closed without one.
    while (write(pipe, &failure, sizeof failure) < 0 && errno == EINTR) {
    }
    _exit(127);
  }

  void check(bool succeeded, StartStep step, std::size_t index = 0) const {
    if (!succeeded) fail({step, errno, index, true});
  }
};

void enter_session(const LaunchPlan& plan, const Reporter& reporter) {
  // A group of its own in the keeper's session: the keeper is its parent in that session and in
  // another group, so it is not orphaned and can be stopped (POSIX 11.1.3).
  reporter.check(setpgid(0, 0) == 0, StartStep::kSession);
  reporter.check(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0, StartStep::kSession);
  if (plan.terminal >= 0) {
    reporter.check(tcsetpgrp(plan.terminal, getpid()) == 0, StartStep::kTerminal);
  }
}

// Moves the streams to 0, 1 and 2. Sources below 3 are moved up first so that none is overwritten
// before it was used.
void set_streams(const LaunchPlan& plan, const Reporter& reporter) {
  std::array<int, 3> sources = plan.streams;
  for (int target = 0; target < 3; ++target) {
    int& source = sources[static_cast<std::size_t>(target)];
    if (source == target || source > 2) continue;
    source = fcntl(source, F_DUPFD_CLOEXEC, 3);
    reporter.check(source >= 0, StartStep::kStreams);
  }
  for (int target = 0; target < 3; ++target) {
    const int source = sources[static_cast<std::size_t>(target)];
    if (source == target) continue;
    reporter.check(dup2(source, target) == target, StartStep::kStreams);
  }
}

void set_priority(const LaunchPlan& plan, const Reporter& reporter) {
  if (!plan.has_nice) return;
  errno = 0;  // -1 is also a niceness (nice(2))
  const int niceness = nice(plan.nice);
  reporter.check(niceness != -1 || errno == 0, StartStep::kNice);
}

void set_limits(const LaunchPlan& plan, const Reporter& reporter) {
  if (plan.has_umask) umask(plan.umask);
  for (std::size_t i = 0; i < plan.limit_count; ++i) {
    const rlimit limit{plan.limits[i].value, plan.limits[i].value};
    // glibc types the resource as an enumeration in C++ only.
    const auto resource = static_cast<__rlimit_resource>(plan.limits[i].resource);
    reporter.check(setrlimit(resource, &limit) == 0, StartStep::kLimits, i);
  }
}

[[noreturn]] void execute(const LaunchPlan& plan, const Reporter& reporter) {
  StartFailure failure{StartStep::kExec, ENOENT, 0, false};
  for (std::size_t i = 0; plan.candidates[i] != nullptr; ++i) {
    const char* path = plan.candidates[i];
    execve(path, plan.argv, plan.environment);
    const int error = errno;
    const bool exists = access(path, F_OK) == 0;
    if (error == EACCES && exists) {
      struct stat about{};
      const bool folder = stat(path, &about) == 0 && S_ISDIR(about.st_mode);
      failure = {StartStep::kExec, folder ? EISDIR : EACCES, i, true};
      continue;
    }
    const bool absent = error == ENOENT || error == ENOTDIR || error == EACCES;
    if (!absent || exists) reporter.fail({StartStep::kExec, error, i, true});
  }
  reporter.fail(failure);
}

}  // namespace

void become_payload(const LaunchPlan& plan, int failure_pipe) {
  const Reporter reporter{failure_pipe};
  enter_session(plan, reporter);
  set_streams(plan, reporter);
  set_priority(plan, reporter);
  set_limits(plan, reporter);
  reporter.check(plan.workdir == nullptr || chdir(plan.workdir) == 0, StartStep::kWorkdir);
  reporter.check(sigprocmask(SIG_SETMASK, &plan.signal_mask, nullptr) == 0, StartStep::kSession);
  reporter.check(plan.last == nullptr || plan.last(plan.context), StartStep::kSandbox);
  execute(plan, reporter);
}

}  // namespace muster::process
