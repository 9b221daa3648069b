// SPDX-License-Identifier: Apache-2.0
#include "exec/process/keeper.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "exec/process/folder_scan.h"
#include "exec/process/payload.h"
#include "exec/process/tree.h"

namespace muster::process {

namespace {

constexpr std::int64_t kNever = -1;

// What ends by itself within this time after the command, such as a `tee` behind it, may do so.
constexpr std::int64_t kLinger = 100;

// How long a killed process may take to vanish, in milliseconds, before it counts as a survivor.
constexpr std::int64_t kLastWait = 2000;

std::int64_t milliseconds(const timespec& moment) {
  return static_cast<std::int64_t>(moment.tv_sec) * 1000 + moment.tv_nsec / 1'000'000;
}

timespec monotonic_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now;
}

class Keeper {
 public:
  explicit Keeper(const LaunchPlan& plan) : plan_(plan) {}

  [[noreturn]] void live() {
    become_keeper();
    start_payload();
    for (;;) {
      wait_for_something();
      reap();
      advance();
    }
  }

 private:
  // How the end of what is left is pursued; each stage has a deadline that leads to the next.
  enum class Stage { kRunning, kLingering, kTerminating, kKilling };

  void become_keeper() {
    prctl(PR_SET_NAME, "muster-keeper");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    // Beside the end of file on the socket, which other forks of muster may hold open. A parent
    // that died before this line is noticed by the comparison.
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    // Where muster was started with it ignored, children would vanish without a status (wait(2)).
    std::signal(SIGCHLD, SIG_DFL);
    sigset_t awaited;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, SIGTERM);
    signals_ = signalfd(-1, &awaited, SFD_CLOEXEC | SFD_NONBLOCK);
    check(signals_ >= 0, StartStep::kFork);
    if (getppid() != plan_.supervisor) _exit(1);
    check(setsid() >= 0, StartStep::kSession);
    if (plan_.terminal >= 0) check(ioctl(plan_.terminal, TIOCSCTTY, 0) == 0, StartStep::kTerminal);
  }

  void start_payload() {
    int ends[2];
    check(pipe2(ends, O_CLOEXEC) == 0, StartStep::kFork);
    Report report;
    report.kind = Report::Kind::kStarted;
    report.moment = monotonic_now();
    payload_ = _Fork();
    check(payload_ >= 0, StartStep::kFork);
    if (payload_ == 0) become_payload(plan_, ends[1]);
    close(ends[1]);
    failure_pipe_ = ends[0];
    close_unneeded();
    StartFailure failure;
    ssize_t size = -1;
    do {
      size = read(ends[0], &failure, sizeof failure);
    } while (size < 0 && errno == EINTR);
    close(ends[0]);
    if (size != 0) give_up(failure);
    send(report);
  }

  // The pipes of the command must end when the command's tree does, not when the keeper does. And
  // what other threads of muster have open, such as the pipes of other attempts, is none of its
  // business: all of muster's own descriptors are close-on-exec, and this fork executes nothing.
  void close_unneeded() {
    for (const int descriptor : plan_.close_in_keeper) {
      if (descriptor >= 0) close(descriptor);
    }
    for_each_numbered_entry("/proc/self/fd", [&](int folder, std::string_view, int descriptor) {
      const bool own = descriptor == folder || descriptor == plan_.socket ||
                       descriptor == plan_.terminal || descriptor == signals_ ||
                       descriptor == failure_pipe_;
      if (own || descriptor <= 2) return;
      const int flags = fcntl(descriptor, F_GETFD);
      // A bare system call: to ThreadSanitizer, which knows of no fork, close(2) on the copy of
      // another thread's descriptor would be a race.
      if (flags >= 0 && (flags & FD_CLOEXEC) != 0) syscall(SYS_close, descriptor);
    });
  }

  void check(bool succeeded, StartStep step) {
    if (!succeeded) give_up({step, errno, 0, true});
  }

  [[noreturn]] void give_up(const StartFailure& failure) {
    if (payload_ > 0) waitpid(payload_, nullptr, 0);
    Report report;
    report.kind = Report::Kind::kFailed;
    report.failure = failure;
    send(report);
    _exit(1);
  }

  void wait_for_something() {
    pollfd sources[] = {{signals_, POLLIN, 0}, {plan_.socket, POLLIN, 0}};
    const std::int64_t now = milliseconds(monotonic_now());
    const std::int64_t left =
        deadline_ == kNever ? kNever : std::max<std::int64_t>(0, deadline_ - now);
    if (poll(sources, 2, static_cast<int>(std::min<std::int64_t>(left, 3'600'000))) <= 0) return;
    if (sources[0].revents != 0) read_signals();
    if (sources[1].revents != 0) read_commands();
  }

  void read_signals() {
    signalfd_siginfo info{};
    while (read(signals_, &info, sizeof info) == sizeof info) {
    }
    if (getppid() != plan_.supervisor) orphaned();
  }

  void read_commands() {
    for (;;) {
      Command command;
      const ssize_t size = recv(plan_.socket, &command, sizeof command, MSG_DONTWAIT);
      if (size == 0) orphaned();
      if (size < 0) return;
      obey(command);
    }
  }

  void obey(const Command& command) {
    switch (command.kind) {
      case Command::Kind::kSignal:
        if (!ended_) kill(-payload_, command.signal);
        break;
      case Command::Kind::kResume:
        if (ended_) break;
        if (plan_.terminal >= 0) tcsetpgrp(plan_.terminal, payload_);
        kill(-payload_, SIGCONT);
        break;
      case Command::Kind::kKillTree:
        enter(Stage::kKilling);
        break;
    }
  }

  // Muster is gone without a word: nobody is left to report to, so nothing may be left at all.
  [[noreturn]] void orphaned() {
    if (plan_.outer_terminal >= 0) {
      tcsetattr(plan_.outer_terminal, TCSANOW, &plan_.outer_modes);
    }
    const std::int64_t give_up_at = milliseconds(monotonic_now()) + kLastWait;
    for (;;) {
      kill_everything();
      while (waitpid(-1, nullptr, WNOHANG) > 0) {
      }
      if (waitpid(-1, nullptr, WNOHANG) < 0) _exit(0);
      if (milliseconds(monotonic_now()) > give_up_at) _exit(1);
      poll(nullptr, 0, 1);
    }
  }

  void kill_everything() {
    if (!ended_) kill(-payload_, SIGKILL);  // also where there is no /proc to look at
    kill_descendants(getpid());
  }

  void reap() {
    for (;;) {
      int status = 0;
      const pid_t pid = waitpid(-1, &status, WNOHANG | WUNTRACED);
      if (pid == 0) return;
      if (pid < 0) {
        if (ended_) finish(0);
        return;
      }
      if (pid != payload_) continue;
      Report report;
      report.moment = monotonic_now();
      report.status = status;
      report.kind = WIFSTOPPED(status) ? Report::Kind::kStopped : Report::Kind::kEnded;
      send(report);
      if (report.kind == Report::Kind::kEnded) {
        ended_ = true;
        if (stage_ == Stage::kRunning) enter(Stage::kLingering);
      }
    }
  }

  void advance() {
    if (deadline_ == kNever || milliseconds(monotonic_now()) < deadline_) return;
    switch (stage_) {
      case Stage::kRunning:
        break;
      case Stage::kLingering:
        enter(Stage::kTerminating);
        break;
      case Stage::kTerminating:
        enter(Stage::kKilling);
        break;
      case Stage::kKilling:
        // New children of what was just killed may have come up: look again until the last moment.
        if (milliseconds(monotonic_now()) >= last_moment_ && ended_) {
          finish(signal_descendants(getpid(), 0));
        }
        kill_everything();
        deadline_ = milliseconds(monotonic_now()) + 10;
        break;
    }
  }

  void enter(Stage stage) {
    stage_ = stage;
    const std::int64_t now = milliseconds(monotonic_now());
    switch (stage) {
      case Stage::kRunning:
        deadline_ = kNever;
        break;
      case Stage::kLingering:
        deadline_ = now + kLinger;
        break;
      case Stage::kTerminating:
        signal_descendants(getpid(), SIGTERM);
        signal_descendants(getpid(), SIGCONT);
        deadline_ = now + milliseconds(plan_.grace);
        break;
      case Stage::kKilling:
        kill_everything();
        last_moment_ = now + kLastWait;
        deadline_ = now + 10;
        break;
    }
  }

  [[noreturn]] void finish(int survivors) {
    Report report;
    report.kind = Report::Kind::kDone;
    report.moment = monotonic_now();
    report.survivors = survivors;
    getrusage(RUSAGE_CHILDREN, &report.usage);
    send(report);
    _exit(0);
  }

  void send(const Report& report) {
    while (::send(plan_.socket, &report, sizeof report, MSG_NOSIGNAL) < 0 && errno == EINTR) {
    }
  }

  const LaunchPlan& plan_;
  int signals_ = -1;
  int failure_pipe_ = -1;
  pid_t payload_ = -1;
  bool ended_ = false;
  Stage stage_ = Stage::kRunning;
  std::int64_t deadline_ = kNever;  ///< CLOCK_MONOTONIC in milliseconds
  std::int64_t last_moment_ = kNever;
};

}  // namespace

void keep(const LaunchPlan& plan) { Keeper(plan).live(); }

}  // namespace muster::process
