// SPDX-License-Identifier: Apache-2.0
// How an attempt ends, and what it says of the time and memory it took.
#include <csignal>

#include <catch2/catch.hpp>

#include "unit/exec/fakes.h"
#include "unit/exec/processes.h"

namespace muster {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Ended {
  Attempt attempt;
  std::string out;
  bool clean = false;
};

Ended run(const MarkedSpec& marked, Orders& orders) {
  MemorySink sink;
  Ended ended;
  ended.attempt = execute(marked.spec, sink, orders);
  ended.out = sink.out();
  ended.clean = marked.nothing_left();
  return ended;
}

Ended run(const MarkedSpec& marked) {
  NoOrders orders;
  return run(marked, orders);
}

// Gives `order` as soon as the command has written something.
Ended run_and_order(const MarkedSpec& marked, const Order& order) {
  GivenOrders orders;
  MemorySink sink;
  bool given = false;
  sink.before_take = [&] {
    if (!given) orders.give(order);
    given = true;
  };
  Ended ended;
  ended.attempt = execute(marked.spec, sink, orders);
  ended.out = sink.out();
  ended.clean = marked.nothing_left();
  return ended;
}

}  // namespace

TEST_CASE("a command that exits has exited with its code") {
  for (const int code : {0, 1, 7, 124, 255}) {
    CHECK(run(MarkedSpec::shell("exit " + std::to_string(code))).attempt.outcome ==
          Outcome(Exited{code}));
  }
}

TEST_CASE("a command that a signal ends was ended by that signal") {
  for (const int number : {SIGHUP, SIGKILL, SIGTERM, SIGUSR1, SIGRTMIN + 1}) {
    const Ended ended = run(MarkedSpec::shell("kill -" + std::to_string(number) + " $$"));
    CHECK(ended.attempt.outcome == Outcome(Signaled{number, false}));
  }
}

TEST_CASE("a timeout ends the command with SIGTERM and says so") {
  MarkedSpec marked({"sleep", "600"});
  marked.spec.limits.timeout = milliseconds(50);
  const Ended ended = run(marked);
  CHECK(ended.attempt.outcome == Outcome(TimedOut{milliseconds(50), Signaled{SIGTERM}}));
  CHECK(ended.attempt.usage.wall >= milliseconds(50));
  CHECK(ended.clean);
}

TEST_CASE("a command that ignores SIGTERM is killed when the grace is over") {
  MarkedSpec marked = MarkedSpec::shell("trap '' TERM; while :; do sleep 600; done");
  marked.spec.limits.timeout = milliseconds(100);
  marked.spec.limits.grace = milliseconds(200);
  const Ended ended = run(marked);
  CHECK(ended.attempt.outcome == Outcome(TimedOut{milliseconds(100), Signaled{SIGKILL}}));
  CHECK(ended.attempt.usage.wall >= milliseconds(300));
  CHECK(ended.clean);
}

TEST_CASE("a command that exits 0 after the timeout's SIGTERM has still timed out") {
  MarkedSpec marked = MarkedSpec::shell("trap 'exit 0' TERM; while :; do sleep 0.01; done");
  marked.spec.limits.timeout = milliseconds(300);
  CHECK(run(marked).attempt.outcome == Outcome(TimedOut{milliseconds(300), Exited{0}}));
}

TEST_CASE("a stopped command times out like any other") {
  MarkedSpec marked = MarkedSpec::shell("kill -STOP $$");
  marked.spec.limits.timeout = milliseconds(100);
  CHECK(run(marked).attempt.outcome == Outcome(TimedOut{milliseconds(100), Signaled{SIGTERM}}));
}

TEST_CASE("a command that ends in time has not timed out") {
  MarkedSpec marked = MarkedSpec::shell("exit 3");
  marked.spec.limits.timeout = seconds(600);
  CHECK(run(marked).attempt.outcome == Outcome(Exited{3}));
}

TEST_CASE("the timeout covers what a shell started, too") {
  MarkedSpec marked = MarkedSpec::shell("sleep 600 | sleep 600; exit 0");
  marked.spec.limits.timeout = milliseconds(100);
  CHECK(std::holds_alternative<TimedOut>(run(marked).attempt.outcome));
  CHECK(marked.nothing_left());
}

TEST_CASE("an order to kill cancels the command and names who asked") {
  const Ended ended = run_and_order(
      MarkedSpec::shell("trap '' TERM INT; echo up; setsid sleep 600 & wait; sleep 600"),
      KillNow{"a test"});
  CHECK(ended.attempt.outcome == Outcome(Cancelled{"a test", Signaled{SIGKILL}}));
  CHECK(ended.clean);
}

TEST_CASE("a forwarded signal reaches the whole process group") {
  const ScratchFolder folder;
  const std::string up = folder.path("up");
  const Ended ended = run_and_order(
      MarkedSpec::shell("(trap 'echo got; exit 0' USR1; echo > " + up +
                        "; while :; do :; done) & trap 'wait; echo got; exit 4' USR1; "
                        "while ! [ -e " +
                        up + " ]; do :; done; echo up; while :; do :; done"),
      ForwardSignal{SIGUSR1});
  CHECK(ended.attempt.outcome == Outcome(Exited{4}));
  CHECK(ended.out == "up\ngot\ngot\n");
}

TEST_CASE("a forwarded SIGTERM that ends the command is no timeout and no cancel") {
  const Ended ended =
      run_and_order(MarkedSpec::shell("echo up; exec sleep 600"), ForwardSignal{SIGTERM});
  CHECK(ended.attempt.outcome == Outcome(Signaled{SIGTERM}));
}

TEST_CASE("a forwarded SIGTSTP suspends the caller and then lets the command go on") {
  const ScratchFolder folder;
  GivenOrders orders;
  orders.on_suspend = [&] { folder.write("back", ""); };
  MemorySink sink;
  sink.before_take = [&] {
    if (sink.out().empty()) orders.give(ForwardSignal{SIGTSTP});
  };
  const MarkedSpec marked = MarkedSpec::shell("echo up; while ! [ -e " + folder.path("back") +
                                              " ]; do :; done; echo on; exit 5");
  CHECK(execute(marked.spec, sink, orders).outcome == Outcome(Exited{5}));
  CHECK(orders.suspends == 1);
  CHECK(orders.job_suspends == 0);
  CHECK(sink.out() == "up\non\n");
}

TEST_CASE("a signal behind a SIGTSTP does not keep the caller from being suspended") {
  const ScratchFolder folder;
  GivenOrders orders;
  orders.on_suspend = [&] { folder.write("back", ""); };
  MemorySink sink;
  sink.before_take = [&] {
    if (!sink.out().empty()) return;
    orders.give(ForwardSignal{SIGTSTP});
    orders.give(ForwardSignal{SIGWINCH});
  };
  MarkedSpec marked =
      MarkedSpec::shell("echo up; while ! [ -e " + folder.path("back") + " ]; do :; done; exit 5");
  marked.spec.limits.timeout = seconds(10);
  CHECK(execute(marked.spec, sink, orders).outcome == Outcome(Exited{5}));
  CHECK(orders.suspends == 1);
}

TEST_CASE("a command that somebody else stops does not suspend the caller") {
  GivenOrders orders;
  const MarkedSpec marked = MarkedSpec::shell(
      "(while ! grep -q ') T' /proc/$$/stat; do :; done; kill -CONT $$) & kill -STOP $$; exit 6");
  CHECK(run(marked, orders).attempt.outcome == Outcome(Exited{6}));
  CHECK(orders.suspends == 0);
}

TEST_CASE("wall time runs from the start to the end of the command") {
  const auto before = std::chrono::system_clock::now();
  const Attempt attempt = run(MarkedSpec({"sleep", "0.2"})).attempt;
  CHECK(attempt.usage.wall >= milliseconds(200));
  CHECK(attempt.usage.wall < seconds(20));
  CHECK(attempt.started >= before);
  CHECK(attempt.ended - attempt.started >= attempt.usage.wall);
}

TEST_CASE("CPU time of the command and of its children is counted") {
  const std::string burn = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done";
  const Usage one = run(MarkedSpec::shell(burn)).attempt.usage;
  CHECK(one.user + one.system >= milliseconds(100));
  CHECK(one.user <= one.wall + milliseconds(20));
  const Usage child = run(MarkedSpec::shell("sh -c '" + burn + "'; exit 0")).attempt.usage;
  CHECK(child.user + child.system >= milliseconds(100));
  const Usage idle = run(MarkedSpec({"sleep", "0.3"})).attempt.usage;
  CHECK(idle.user + idle.system < milliseconds(100));
}

TEST_CASE("peak memory is at least what the command held") {
  const Usage usage =
      run(MarkedSpec({"dd", "if=/dev/zero", "of=/dev/null", "bs=64M", "count=1"})).attempt.usage;
  CHECK(usage.peak_memory.count >= 64U * 1024 * 1024);
  CHECK(usage.peak_memory.count < 256U * 1024 * 1024);
}

TEST_CASE("waiting counts as voluntary switches") {
  const MarkedSpec marked = MarkedSpec::shell("for i in 1 2 3 4 5; do sleep 0.01; done");
  CHECK(run(marked).attempt.usage.voluntary_switches >= 5);
}

}  // namespace muster
