// SPDX-License-Identifier: Apache-2.0
#include "cli/signal_orders.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/error.h"

namespace muster::cli {

namespace {

// Not forwarded: what cannot be caught, what the kernel sends for a fault of this process itself,
// and what is about this process alone (its children, its pipes, its access to the terminal).
constexpr std::array kOwnSignals = {SIGKILL, SIGSTOP, SIGSEGV, SIGBUS,  SIGILL,  SIGFPE,  SIGTRAP,
                                    SIGSYS,  SIGABRT, SIGCHLD, SIGPIPE, SIGTTIN, SIGTTOU, SIGURG};

bool is_ignored(int signal) {
  struct sigaction action{};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

// What was ignored when muster was started (nohup, a background job) stays ignored.
sigset_t forwarded_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal = 1; signal <= SIGRTMAX; ++signal) {
    const bool own = std::find(kOwnSignals.begin(), kOwnSignals.end(), signal) != kOwnSignals.end();
    if (!own && !is_ignored(signal)) sigaddset(&set, signal);
  }
  return set;
}

}  // namespace

SignalOrders::SignalOrders(Now now) : now_(std::move(now)) {
  const sigset_t forwarded = forwarded_signals();
  descriptor_.reset(signalfd(-1, &forwarded, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!descriptor_) throw Error::from_errno(errno, "making a descriptor for signals");
  sigset_t blocked = forwarded;
  sigaddset(&blocked, SIGPIPE);  // a write then fails with EPIPE
  sigaddset(&blocked, SIGTTOU);  // the modes of the terminal may be put back from the background
  sigaddset(&blocked, SIGTTIN);
  sigprocmask(SIG_BLOCK, &blocked, &before_);
}

SignalOrders::~SignalOrders() {
  // What is still pending was meant for a command that has ended; it must not end muster before it
  // has told how that command ended.
  while (SignalOrders::next()) {
  }
  sigset_t pending = before_;
  sigaddset(&pending, SIGPIPE);  // may be pending from a write nobody read
  sigprocmask(SIG_SETMASK, &pending, nullptr);
}

std::optional<Order> SignalOrders::next() {
  signalfd_siginfo info{};
  ssize_t size = -1;
  do {
    size = read(descriptor_.get(), &info, sizeof info);
  } while (size < 0 && errno == EINTR);
  if (size != sizeof info) return std::nullopt;
  return order_for(static_cast<int>(info.ssi_signo));
}

Order SignalOrders::order_for(int signal) {
  if (signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT) {
    end_asked_ = signal;
  }
  if (signal != SIGINT) return ForwardSignal{signal};
  const auto now = now_();
  const bool second = last_interrupt_ && now - *last_interrupt_ <= kSecondInterrupt;
  last_interrupt_ = now;
  if (second) return KillNow{"a second Ctrl-C"};
  return ForwardSignal{signal};
}

void SignalOrders::suspend(bool whole_job) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  kill(whole_job ? 0 : getpid(), SIGTSTP);
  sigprocmask(SIG_UNBLOCK, &stop, nullptr);  // stops here, unless no shell could continue the job
  sigprocmask(SIG_BLOCK, &stop, nullptr);
}

}  // namespace muster::cli
