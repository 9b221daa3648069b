// SPDX-License-Identifier: Apache-2.0
#include "exec/process/supervision.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace muster::process {

namespace {

Deadline to_deadline(const timespec& moment) {
  // steady_clock is CLOCK_MONOTONIC in libstdc++ on Linux.
  return Deadline(std::chrono::seconds(moment.tv_sec) + std::chrono::nanoseconds(moment.tv_nsec));
}

Duration to_duration(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

std::uint64_t count(long number) { return number < 0 ? 0 : static_cast<std::uint64_t>(number); }

Usage to_usage(const rusage& used) {
  constexpr std::uint64_t kBlock = 512;  // getrusage(2): the unit of ru_inblock and ru_oublock
  constexpr std::uint64_t kKilobyte = 1024;
  Usage usage;
  usage.user = to_duration(used.ru_utime);
  usage.system = to_duration(used.ru_stime);
  usage.peak_memory = Bytes{count(used.ru_maxrss) * kKilobyte};
  usage.read = Bytes{count(used.ru_inblock) * kBlock};
  usage.written = Bytes{count(used.ru_oublock) * kBlock};
  usage.voluntary_switches = count(used.ru_nvcsw);
  usage.involuntary_switches = count(used.ru_nivcsw);
  usage.major_faults = count(used.ru_majflt);
  return usage;
}

// In the background of a shell (`muster run ... &`). The command is in a session of its own, so the
// kernel would not stop it with SIGTTIN; it would take the keys that are typed for the shell.
bool stdin_is_for_another_job() {
  const pid_t foreground = tcgetpgrp(STDIN_FILENO);
  return foreground >= 0 && foreground != getpgrp();
}

}  // namespace

bool KeeperProcess::start(LaunchPlan& plan, Confinement& confinement) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return false;
  socket_.reset(ends[0]);
  const UniqueFd keepers_end(ends[1]);
  plan.socket = keepers_end.get();
  plan.close_in_keeper[0] = socket_.get();
  plan.supervisor = getpid();
  // No handler of muster's may run in the keeper; it takes its signals by descriptor.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  pid_ = confinement.fork_keeper();
  if (pid_ == 0) {
    close(socket_.release());
    plan.close_in_keeper[0] = -1;
    keep(plan);
  }
  const int error = errno;
  sigprocmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid_ > 0;
}

void KeeperProcess::end() {
  // Closing alone would not reach a keeper while another fork still has a copy of this end.
  if (socket_) shutdown(socket_.get(), SHUT_RDWR);
  socket_.reset();
  if (pid_ <= 0) return;
  while (waitpid(std::exchange(pid_, -1), nullptr, 0) < 0 && errno == EINTR) {
  }
}

Supervision::Supervision(const Spec& spec, Sink& sink, Orders& orders, Confinement& confinement,
                         const sigset_t& inherited_mask)
    : spec_(spec),
      orders_(orders),
      confinement_(confinement),
      launch_(spec, inherited_mask),
      output_(spec.limits, sink) {}

Attempt Supervision::run() {
  LaunchPlan& plan = launch_.plan();
  if (spec_.tty) terminal_ = std::make_unique<CommandTerminal>();
  open_input(plan);
  output_.prepare(plan, terminal_.get());
  if (terminal_) enter_terminal();
  confinement_.prepare(plan);
  launch_.add_limits(confinement_.limits());
  attempt_.started = std::chrono::system_clock::now();
  if (keeper_.start(plan, confinement_)) {
    output_.close_handed();
    if (terminal_) terminal_->close_slave();
    if (admit_keeper()) {
      while (!done_) turn();
    }
    keeper_.end();
  } else {
    failure_ = StartFailure{confinement_.fork_step(), errno, 0, true};
    output_.close_handed();
  }
  if (forced_ && !ended_) end_by_force();
  attempt_.ended = std::chrono::system_clock::now();
  confinement_.account(attempt_, accounted_);
  attempt_.outcome = outcome();
  confinement_.conclude(attempt_);
  const bool ended_by_us = !std::holds_alternative<Exited>(attempt_.outcome) &&
                           !std::holds_alternative<Signaled>(attempt_.outcome);
  std::optional<Deadline> patience;
  if (ended_by_us) patience = std::chrono::steady_clock::now() + spec_.limits.grace;
  attempt_.output = output_.finish(orders_, patience);
  if (terminal_) terminal_->restore();
  return std::move(attempt_);
}

bool Supervision::admit_keeper() {
  if (!confinement_.admit(keeper_.pid())) {
    failure_ = StartFailure{StartStep::kSandbox, errno, 0, true};
    return false;
  }
  if (launch_.plan().enter != nullptr) send({Command::Kind::kEnter, 0});
  return true;
}

void Supervision::open_input(LaunchPlan& plan) {
  if (terminal_) {
    plan.streams[0] = plan.terminal = terminal_->slave();
    plan.close_in_keeper[5] = terminal_->master();
    keys_open_ = spec_.stdin_source == StdinSource::kInherit;
    if (!keys_open_) keys_.assign(1, terminal_->end_of_input());
  } else if (spec_.stdin_source == StdinSource::kNull || stdin_is_for_another_job()) {
    null_input_.reset(open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!null_input_) throw Error::from_errno(errno, "opening /dev/null for the command's input");
    plan.streams[0] = null_input_.get();
  }
}

void Supervision::enter_terminal() {
  if (terminal_->outer() < 0 || !keys_open_) return;
  // From the background a terminal must not be touched; a shell's `fg` brings it back.
  if (tcgetpgrp(terminal_->outer()) != getpgrp()) orders_.suspend(true);
  if (tcgetpgrp(terminal_->outer()) != getpgrp()) {
    keys_open_ = false;
    return;
  }
  LaunchPlan& plan = launch_.plan();
  plan.outer_terminal = terminal_->outer();
  plan.outer_modes = *terminal_->outer_modes();
  terminal_->make_outer_raw();
}

void Supervision::turn() {
  polls_.clear();
  polls_.push_back({keeper_.socket(), POLLIN, 0});
  polls_.push_back({orders_.descriptor(), POLLIN, 0});
  const bool reads_keys = keys_open_ && keys_.empty();
  polls_.push_back({reads_keys ? STDIN_FILENO : -1, POLLIN, 0});
  polls_.push_back({keys_.empty() ? -1 : terminal_->master(), POLLOUT, 0});
  polls_.push_back({confinement_.alarm(), POLLIN | POLLPRI, 0});
  output_.add_polls(polls_);
  timespec left{};
  const std::optional<Deadline> deadline = next_deadline();
  if (deadline) {
    const Duration wait = *deadline - std::chrono::steady_clock::now();
    left = to_timespec(std::max(wait, Duration(0)));
  }
  const int ready = ppoll(polls_.data(), polls_.size(), deadline ? &left : nullptr, nullptr);
  if (ready < 0 && errno != EINTR) throw Error::from_errno(errno, "waiting for the command");
  if (ready > 0) {
    if (polls_[3].revents != 0) type_keys();
    if (polls_[2].revents != 0) read_keys();
    output_.pump();
    if (polls_[1].revents != 0) take_orders();
    if (polls_[0].revents != 0) take_reports();
  }
  check_confinement();
  check_clock();
}

std::optional<Deadline> Supervision::next_deadline() const {
  std::optional<Deadline> next = confinement_.next_look();
  const auto also = [&](std::optional<Deadline> deadline) {
    if (deadline && (!next || *deadline < *next)) next = deadline;
  };
  also(kill_at_);
  also(force_at_);
  if (started_ && !ended_ && !timed_out_ && spec_.limits.timeout) {
    also(*started_ + *spec_.limits.timeout);
  }
  return next;
}

void Supervision::check_clock() {
  const Deadline now = std::chrono::steady_clock::now();
  if (force_at_ && now >= *force_at_) {
    force_at_.reset();
    forced_ = true;
    confinement_.kill_all();
  }
  if (kill_at_ && now >= *kill_at_) kill_tree();
  if (!started_ || ended_ || timed_out_ || !spec_.limits.timeout) return;
  if (now >= *started_ + *spec_.limits.timeout) time_out(now);
}

void Supervision::check_confinement() {
  if (exhausted_) return;
  exhausted_ = confinement_.look();
  if (exhausted_ == Exhausted::kMemory) kill_tree();
  if (exhausted_ == Exhausted::kCpuTime) time_out(std::chrono::steady_clock::now());
}

void Supervision::time_out(Deadline now) {
  timed_out_ = now;
  kill_at_ = now + spec_.limits.grace;
  send({Command::Kind::kSignal, SIGTERM});
  send({Command::Kind::kSignal, SIGCONT});  // a stopped command could not act on it
}

void Supervision::kill_tree() {
  // Somewhat longer than the keeper itself goes on trying.
  constexpr std::chrono::milliseconds kPatience{2500};
  kill_at_.reset();
  if (!force_at_) force_at_ = std::chrono::steady_clock::now() + kPatience;
  send({Command::Kind::kKillTree, 0});
}

// The keeper went with its tree, so nobody has told how the command ended; but it is known.
void Supervision::end_by_force() {
  ended_ = std::chrono::steady_clock::now();
  status_ = SIGKILL;
  attempt_.usage.wall = *ended_ - started_.value_or(*ended_);
}

void Supervision::take_reports() {
  for (;;) {
    Report report;
    const ssize_t size = recv(keeper_.socket(), &report, sizeof report, MSG_DONTWAIT);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) {
      done_ = true;
      return;
    }
    take(report);
  }
}

void Supervision::take(const Report& report) {
  switch (report.kind) {
    case Report::Kind::kFailed:
      failure_ = report.failure;
      break;
    case Report::Kind::kStarted:
      started_ = to_deadline(report.moment);
      confinement_.started();
      break;
    case Report::Kind::kStopped:
      stopped();
      break;
    case Report::Kind::kEnded:
      ended_ = to_deadline(report.moment);
      status_ = report.status;
      attempt_.usage.wall = *ended_ - started_.value_or(*ended_);
      break;
    case Report::Kind::kDone: {
      const Duration wall = attempt_.usage.wall;
      attempt_.usage = to_usage(report.usage);
      attempt_.usage.wall = wall;
      attempt_.survivors = report.survivors;
      accounted_ = done_ = true;
      break;
    }
  }
}

void Supervision::take_orders() {
  while (const std::optional<Order> order = orders_.next()) {
    if (const auto* forwarded = std::get_if<ForwardSignal>(&*order)) {
      forward(forwarded->signal);
    } else {
      if (!ended_) killed_by_ = std::get<KillNow>(*order).by;
      kill_tree();
    }
  }
}

void Supervision::forward(int signal) {
  if (signal == SIGWINCH && terminal_) {
    terminal_->copy_size();
    return;
  }
  if (signal == SIGTSTP) stop_ordered_ = true;
  if (signal == SIGCONT) stop_ordered_ = false;
  send({Command::Kind::kSignal, signal});
}

void Supervision::stopped() {
  if (terminal_ && keys_open_ && terminal_->outer() >= 0) {
    terminal_->restore();
    orders_.suspend(true);
    terminal_->make_outer_raw();
    terminal_->copy_size();
  } else if (stop_ordered_) {
    orders_.suspend(false);
  } else {
    return;  // stopped by somebody else, who may also continue it
  }
  stop_ordered_ = false;
  send({Command::Kind::kResume, 0});
}

void Supervision::read_keys() {
  char buffer[4096];
  const ssize_t size = read(STDIN_FILENO, buffer, sizeof buffer);
  if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (size > 0) {
    keys_.assign(buffer, static_cast<std::size_t>(size));
    last_key_ = keys_.back();
    type_keys();
    return;
  }
  keys_open_ = false;
  if (terminal_->outer() >= 0) {
    send({Command::Kind::kSignal, SIGHUP});  // the terminal has gone away
    return;
  }
  // On a line that has begun, the first one only ends the line (termios(3), VEOF).
  keys_.assign(last_key_ == '\n' ? 1 : 2, terminal_->end_of_input());
  type_keys();
}

void Supervision::type_keys() { keys_.erase(0, terminal_->type(keys_.data(), keys_.size())); }

void Supervision::send(Command command) {
  // A keeper that is gone is noticed by the end of file on the socket.
  while (::send(keeper_.socket(), &command, sizeof command, MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
}

Ending Supervision::ending() const {
  if (WIFSIGNALED(status_)) return Signaled{WTERMSIG(status_), WCOREDUMP(status_) != 0};
  return Exited{WEXITSTATUS(status_)};
}

Outcome Supervision::outcome() const {
  if (failure_ && failure_->step == StartStep::kSandbox) return confinement_.explain(*failure_);
  if (failure_) {
    return NotStarted{failure_->step, failure_->error_number, launch_.subject(*failure_),
                      failure_->found};
  }
  if (killed_by_ && ended_) return Cancelled{*killed_by_, ending()};
  if (const auto out_of_memory = confinement_.out_of_memory()) return *out_of_memory;
  if (!ended_) return Lost{"the process that kept watch over it was killed"};
  // What ended before the limit struck ended by itself, however close the two were.
  if (timed_out_ && *ended_ >= *timed_out_) {
    const bool cpu_time = exhausted_ == Exhausted::kCpuTime;
    return TimedOut{cpu_time ? *spec_.limits.cpu_time : *spec_.limits.timeout, ending(), cpu_time};
  }
  return std::visit([](const auto& plain) -> Outcome { return plain; }, ending());
}

}  // namespace muster::process
