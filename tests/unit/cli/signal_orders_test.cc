// SPDX-License-Identifier: Apache-2.0
// Each case runs in a child of its own: signals belong to a whole process.
#include "cli/signal_orders.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <functional>
#include <string>

#include <catch2/catch.hpp>

#include "unit/exec/processes.h"

namespace muster::cli {

namespace {

using std::chrono::milliseconds;
using Time = std::chrono::steady_clock::time_point;

// The orders waiting, as words: "INT TERM kill".
std::string taken(SignalOrders& orders) {
  std::string words;
  while (const std::optional<Order> order = orders.next()) {
    const auto* forwarded = std::get_if<ForwardSignal>(&*order);
    words += forwarded != nullptr ? sigabbrev_np(forwarded->signal) : "kill";
    words += ' ';
  }
  return words;
}

bool is_readable(const SignalOrders& orders) {
  pollfd waiting{orders.descriptor(), POLLIN, 0};
  return poll(&waiting, 1, 0) == 1;
}

std::string with_orders(const std::function<std::string(SignalOrders&, Time&)>& work) {
  return in_child([&] {
    Time now{};
    SignalOrders orders([&] { return now; });
    return work(orders, now);
  });
}

}  // namespace

TEST_CASE("without a signal there is no order") {
  CHECK(with_orders([](SignalOrders& orders, Time&) {
          return taken(orders) + (is_readable(orders) ? "readable" : "quiet") +
                 (orders.end_asked() ? " end" : "");
        }) == "quiet");
}

TEST_CASE("signals that people and shells send are forwarded one by one") {
  for (const int number :
       {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT, SIGWINCH, SIGALRM}) {
    CHECK(with_orders([number](SignalOrders& orders, Time&) {
            raise(number);
            return std::string(is_readable(orders) ? "readable " : "quiet ") + taken(orders);
          }) == std::string("readable ") + sigabbrev_np(number) + " ");
  }
}

TEST_CASE("signals about muster itself are not forwarded") {
  CHECK(with_orders([](SignalOrders& orders, Time&) {
          for (const int number : {SIGCHLD, SIGPIPE, SIGURG}) raise(number);
          return taken(orders) + "none";
        }) == "none");
}

TEST_CASE("a signal that was ignored from the start stays ignored") {
  CHECK(in_child([] {
          std::signal(SIGHUP, SIG_IGN);
          SignalOrders orders([] { return Time(); });
          raise(SIGHUP);
          raise(SIGTERM);
          return taken(orders);
        }) == "TERM ");
}

TEST_CASE("a second Ctrl-C within two seconds kills") {
  const auto two_interrupts = [](milliseconds apart) {
    return with_orders([apart](SignalOrders& orders, Time& now) {
      raise(SIGINT);
      std::string words = taken(orders);
      now += apart;
      raise(SIGINT);
      return words + taken(orders);
    });
  };
  CHECK(two_interrupts(milliseconds(0)) == "INT kill ");
  CHECK(two_interrupts(milliseconds(2000)) == "INT kill ");
  CHECK(two_interrupts(milliseconds(2001)) == "INT INT ");
}

TEST_CASE("the two seconds count from the last Ctrl-C, not from the first") {
  CHECK(with_orders([](SignalOrders& orders, Time& now) {
          std::string words;
          for (int i = 0; i < 3; ++i) {
            raise(SIGINT);
            words += taken(orders);
            now += milliseconds(i == 0 ? 3000 : 1500);
          }
          return words;
        }) == "INT INT kill ");
}

TEST_CASE("two SIGTERMs are no reason to kill") {
  CHECK(with_orders([](SignalOrders& orders, Time&) {
          raise(SIGTERM);
          const std::string first = taken(orders);
          raise(SIGTERM);
          return first + taken(orders);
        }) == "TERM TERM ");
}

TEST_CASE("the last signal that asks for an end is remembered, others are not") {
  CHECK(with_orders([](SignalOrders& orders, Time&) {
          raise(SIGUSR1);
          taken(orders);
          if (orders.end_asked()) return std::string("asked by SIGUSR1");
          for (const int number : {SIGINT, SIGHUP, SIGTERM, SIGWINCH}) {
            raise(number);
            taken(orders);
          }
          return std::to_string(orders.end_asked().value_or(0));
        }) == std::to_string(SIGTERM));
}

TEST_CASE("afterwards the old mask is back and what was pending has ended nothing") {
  CHECK(in_child([] {
          sigset_t before;
          sigset_t after;
          sigprocmask(SIG_BLOCK, nullptr, &before);
          {
            SignalOrders orders([] { return Time(); });
            raise(SIGTERM);
            raise(SIGINT);
          }
          sigprocmask(SIG_BLOCK, nullptr, &after);
          // SIGPIPE stays blocked: one may be pending from output that nobody read.
          sigaddset(&before, SIGPIPE);
          for (int signal = 1; signal <= SIGRTMAX; ++signal) {
            if (sigismember(&before, signal) != sigismember(&after, signal)) return "another mask";
          }
          return "alive";
        }) == "alive");
}

TEST_CASE("to be suspended stops the process itself until somebody continues it") {
  // A group of its own whose parent is outside of it, so that the kernel lets it stop.
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    setpgid(0, 0);
    SignalOrders orders([] { return Time(); });
    orders.suspend(false);
    _exit(taken(orders) == "CONT " ? 0 : 1);
  }
  int status = 0;
  CHECK(wait_until([&] { return waitpid(child, &status, WUNTRACED | WNOHANG) == child; }));
  CHECK(WIFSTOPPED(status));
  kill(child, SIGCONT);
  const bool ended = wait_until([&] { return waitpid(child, &status, WNOHANG) == child; });
  CHECK(ended);
  if (!ended) reap(child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a whole job is suspended with everybody in it") {
  const pid_t leader = fork();
  REQUIRE(leader >= 0);
  if (leader == 0) {
    setpgid(0, 0);
    const pid_t member = fork();
    if (member == 0) {
      for (;;) pause();
    }
    SignalOrders orders([] { return Time(); });
    orders.suspend(true);
    int status = 0;
    const bool stopped =
        wait_until([&] { return waitpid(member, &status, WUNTRACED | WNOHANG) == member; }) &&
        WIFSTOPPED(status);
    reap(member);
    _exit(stopped ? 0 : 1);
  }
  int status = 0;
  CHECK(wait_until([&] { return waitpid(leader, &status, WUNTRACED | WNOHANG) == leader; }));
  CHECK(WIFSTOPPED(status));
  kill(leader, SIGCONT);
  const bool ended = wait_until([&] { return waitpid(leader, &status, WNOHANG) == leader; });
  CHECK(ended);
  if (!ended) reap(leader);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace muster::cli
