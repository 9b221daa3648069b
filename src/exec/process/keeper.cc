// SPDX-License-Identifier: Apache-2.0
#include "exec/process/keeper.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "exec/process/folder_scan.h"
#include "exec/process/payload.h"
#include "exec/process/sanitized.h"
#include "exec/process/tree.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
}
#define MUSTER_THREADS_CHECKED 1
#endif
#endif

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

// Like _exit(2). ThreadSanitizer would miss the threads of muster in this copy.
[[noreturn]] void leave(int status) {
  for (;;) syscall(SYS_exit_group, status);
}

class Keeper {
 public:
  explicit Keeper(const LaunchPlan& plan) : plan_(plan), close_later_(plan.close_in_keeper) {}

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
    prctl(PR_SET_NAME, plan_.is_init ? "muster-init" : "muster-keeper");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    // Beside the end of file on the socket, which other forks of muster may hold open. A parent
    // that died before this line is noticed by the comparison.
    prctl(PR_SET_PDEATHSIG, plan_.death_signal);
    // Where muster was started with it ignored, children would vanish without a status (wait(2)).
    std::signal(SIGCHLD, SIG_DFL);
    sigset_t awaited;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, SIGTERM);
    signals_ = signalfd(-1, &awaited, SFD_CLOEXEC | SFD_NONBLOCK);
    check(signals_ >= 0, StartStep::kFork);
    if (is_orphan()) leave(1);
    check(setsid() >= 0, StartStep::kSession);
    if (plan_.terminal >= 0) check(ioctl(plan_.terminal, TIOCSCTTY, 0) == 0, StartStep::kTerminal);
    if (plan_.is_init) {
      close_all_but_ours();
      wipe_command_line();
    }
    // Before the keeper can no longer be looked into, also by itself.
    if (plan_.first_to_die) score_file_ = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
    if (plan_.enter != nullptr) enter_surroundings();
  }

  void wipe_command_line() const {
    constexpr std::string_view kName = "muster-init";
    const std::span<char> memory = plan_.command_line;
    std::fill(memory.begin(), memory.end(), '\0');
    if (memory.size() > kName.size()) std::copy(kName.begin(), kName.end(), memory.begin());
  }

  // Pid 1 of a pid namespace sees no parent; the end of file on the socket tells it.
  bool is_orphan() const { return !plan_.is_init && getppid() != plan_.supervisor; }

  // The supervisor has something to do first that only it may do.
  void enter_surroundings() {
    Command command;
    ssize_t size = -1;
    do {
      size = recv(plan_.socket, &command, sizeof command, 0);
    } while (size < 0 && errno == EINTR);
    if (size <= 0 || command.kind != Command::Kind::kEnter) give_way();
    StartFailure failure;
    if (!plan_.enter(plan_.context, failure)) give_up(failure);
    // Whoever changes ids is without a death signal until it is set anew (prctl(2),
    // PR_SET_PDEATHSIG); a supervisor that died in between has left the end of its socket.
    if (supervisor_is_gone()) give_way();
  }

  bool supervisor_is_gone() const {
    pollfd socket{plan_.socket, POLLRDHUP, 0};
    return poll(&socket, 1, 0) == 1;
  }

  // Nothing was started yet.
  [[noreturn]] void give_way() const {
    restore_outer_terminal();
    leave(1);
  }

  void restore_outer_terminal() const {
    if (plan_.outer_terminal < 0) return;
    tcsetattr(plan_.outer_terminal, TCSANOW, &plan_.outer_modes);
  }

  // Other attempts of the same muster may have pipes and terminals open, and none of them may end
  // up behind the wall.
  void close_all_but_ours() {
    std::array<int, 96> kept{};
    std::size_t count = 0;
    const auto keep = [&](int descriptor) {
      if (descriptor >= 0 && count < kept.size()) kept[count++] = descriptor;
    };
    for (const int descriptor : {0, 1, 2, plan_.socket, signals_, plan_.outer_terminal}) {
      keep(descriptor);
    }
    for (const int descriptor : plan_.streams) keep(descriptor);
    for (std::size_t i = 0; i < plan_.kept_count; ++i) keep(plan_.kept[i]);
    std::sort(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(count));
    unsigned next = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto descriptor = static_cast<unsigned>(kept[i]);
      if (descriptor > next) close_range(next, descriptor - 1, 0);
      next = descriptor + 1;
    }
    close_range(next, ~0U, 0);
    // Their numbers are given to others from here on.
    for (int& descriptor : close_later_) {
      const bool is_open = std::binary_search(
          kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(count), descriptor);
      if (!is_open) descriptor = -1;
    }
  }

  void start_payload() {
    int ends[2];
    check(pipe2(ends, O_CLOEXEC) == 0, StartStep::kFork);
    Report report;
    report.kind = Report::Kind::kStarted;
    report.moment = monotonic_now();
    volunteer();
    payload_ = fork_payload(ends[1]);
    check(payload_ >= 0, StartStep::kFork);
    close(ends[1]);
    failure_pipe_ = ends[0];
    close_unneeded();
    step_back();
    StartFailure failure;
    ssize_t size = -1;
    do {
      size = read(ends[0], &failure, sizeof failure);
    } while (size < 0 && errno == EINTR);
    close(ends[0]);
    if (size != 0) give_up(failure);
    send(report);
  }

  // What a copy of this process would cost is more than all the rest of a start, and the command
  // needs none: it only executes, in the memory of the keeper, which waits for it meanwhile
  // (vfork(2)). Sanitizers keep books about memory that cannot be shared like that.
  pid_t fork_payload(int failure_pipe) {
#if MUSTER_SANITIZED
    const pid_t payload = _Fork();
    if (payload == 0) become_payload(plan_, failure_pipe);
    return payload;
#else
    PayloadStart start{&plan_, failure_pipe};
    alignas(64) std::array<char, 65536> stack;
    return clone(start_on_other_stack, stack.data() + stack.size(),
                 CLONE_VM | CLONE_VFORK | SIGCHLD, &start);
#endif
  }

#if !MUSTER_SANITIZED
  struct PayloadStart {
    const LaunchPlan* plan;
    int failure_pipe;
  };
  static int start_on_other_stack(void* argument) {
    const auto* start = static_cast<const PayloadStart*>(argument);
    become_payload(*start->plan, start->failure_pipe);
  }
#endif

  // Where memory runs out the kernel would rather kill the command than the keeper: the command
  // inherits the keeper's number, and the keeper takes its own back. Nobody may go below the lowest
  // that a privileged process has set, so the way back is open (proc(5), oom_score_adj).
  void volunteer() {
    if (score_file_ < 0) return;
    const ssize_t size = pread(score_file_, own_score_.data(), own_score_.size(), 0);
    own_score_size_ = size > 0 ? static_cast<std::size_t>(size) : 0;
    constexpr char kFirst[] = "1000";
    // Where the kernel refuses, the kernel chooses.
    [[maybe_unused]] const ssize_t written = pwrite(score_file_, kFirst, sizeof kFirst - 1, 0);
  }

  void step_back() {
    if (score_file_ < 0) return;
    [[maybe_unused]] const ssize_t written =
        pwrite(score_file_, own_score_.data(), own_score_size_, 0);
    close(score_file_);
  }

  // The pipes of the command must end when the command's tree does, not when the keeper does. And
  // what other threads of muster have open, such as the pipes of other attempts, is none of its
  // business: all of muster's own descriptors are close-on-exec, and this fork executes nothing.
  void close_unneeded() {
    for (const int descriptor : close_later_) {
      if (descriptor >= 0) close(descriptor);
    }
    if (plan_.is_init) return;
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
    leave(1);
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
      // A signal from outside the pid namespace; from inside, SIGTERM is anybody's.
      if (info.ssi_signo == SIGTERM && info.ssi_pid == 0) told_of_death_ = true;
    }
    if (is_orphan() || (plan_.is_init && told_of_death_)) orphaned();
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
      case Command::Kind::kEnter:
        break;
    }
  }

  // Muster is gone without a word: nobody is left to report to, so nothing may be left at all.
  [[noreturn]] void orphaned() {
    restore_outer_terminal();
    const std::int64_t give_up_at = milliseconds(monotonic_now()) + kLastWait;
    for (;;) {
      kill_everything();
      while (waitpid(-1, nullptr, WNOHANG) > 0) {
      }
      if (waitpid(-1, nullptr, WNOHANG) < 0) leave(0);
      if (milliseconds(monotonic_now()) > give_up_at) leave(1);
      poll(nullptr, 0, 1);
    }
  }

  void kill_everything() {
    if (plan_.is_init) {
      kill(-1, SIGKILL);
      return;
    }
    if (!ended_) kill(-payload_, SIGKILL);  // also where there is no /proc to look at
    kill_descendants(getpid());
  }

  // Returns how many there are.
  int signal_everything(int signal) const {
    if (plan_.is_init) return kill(-1, signal) == 0 ? 1 : 0;
    return signal_descendants(getpid(), signal);
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
          finish(signal_everything(0));
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
        signal_everything(SIGTERM);
        signal_everything(SIGCONT);
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
    leave(0);
  }

  void send(const Report& report) {
    while (::send(plan_.socket, &report, sizeof report, MSG_NOSIGNAL) < 0 && errno == EINTR) {
    }
  }

  const LaunchPlan& plan_;
  std::array<int, 6>
      close_later_;  ///< what the command has a copy of, and the keeper must not keep
  int signals_ = -1;
  int failure_pipe_ = -1;
  pid_t payload_ = -1;
  int score_file_ = -1;
  std::array<char, 16> own_score_{};
  std::size_t own_score_size_ = 0;
  bool ended_ = false;
  bool told_of_death_ = false;
  Stage stage_ = Stage::kRunning;
  std::int64_t deadline_ = kNever;  ///< CLOCK_MONOTONIC in milliseconds
  std::int64_t last_moment_ = kNever;
};

}  // namespace

void keep(const LaunchPlan& plan) {
#if defined(MUSTER_THREADS_CHECKED)
  // It keeps books on descriptors by number, and takes those of this process for those that threads
  // of muster have meanwhile opened elsewhere.
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
#endif
  Keeper(plan).live();
}

}  // namespace muster::process
