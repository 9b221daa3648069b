// SPDX-License-Identifier: Apache-2.0
// Attempts side by side, each on a thread of its own, as a worker runs them.
#include <atomic>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "exec/process/process_executor.h"
#include "unit/exec/fakes.h"
#include "unit/exec/processes.h"

namespace muster {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

sigset_t no_signals() {
  sigset_t none;
  sigemptyset(&none);
  return none;
}

// One attempt that runs in the background until it is told to stop.
class Neighbour {
 public:
  explicit Neighbour(ProcessExecutor& executor)
      : marked_(MarkedSpec::shell("exec sleep 600")), thread_([this, &executor] {
          executor.execute(marked_.spec, sink_, orders_);
          ended_ = true;
        }) {}
  Neighbour(const Neighbour&) = delete;
  Neighbour& operator=(const Neighbour&) = delete;
  ~Neighbour() {
    orders_.give(KillNow{"the test"});
    thread_.join();
  }

  bool wait_until_it_runs() const {
    return wait_until([&] { return !marked_.nothing_left(); });
  }
  bool has_ended() const { return ended_; }

 private:
  MarkedSpec marked_;
  MemorySink sink_;
  GivenOrders orders_;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

}  // namespace

TEST_CASE("many attempts at once keep their outcomes and outputs apart") {
  ProcessExecutor executor(no_signals());
  constexpr int kThreads = 4;
  constexpr int kRounds = 8;
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int number = 0; number < kThreads; ++number) {
    threads.emplace_back([&, number] {
      for (int round = 0; round < kRounds; ++round) {
        const std::string word = std::to_string(number * 100 + round);
        const MarkedSpec marked = MarkedSpec::shell("setsid sleep 600 & echo " + word + "; exit " +
                                                    std::to_string(number));
        MemorySink sink;
        NoOrders orders;
        const Attempt attempt = executor.execute(marked.spec, sink, orders);
        const bool same = attempt.outcome == Outcome(Exited{number}) && sink.out() == word + "\n";
        if (same && marked.nothing_left()) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(right == kThreads * kRounds);
}

TEST_CASE("an attempt whose sink fails does not wait for its neighbour") {
  ProcessExecutor executor(no_signals());
  std::optional<Neighbour> neighbour;
  MemorySink sink;
  sink.before_take = [&] {
    neighbour.emplace(executor);
    CHECK(neighbour->wait_until_it_runs());
    throw Error(ErrorCode::kIo, "the disk is full");
  };
  const MarkedSpec marked = MarkedSpec::shell("echo x; exec sleep 600");
  std::atomic<bool> thrown = false;
  GivenOrders orders;
  std::thread failing([&] {
    try {
      executor.execute(marked.spec, sink, orders);
    } catch (const Error&) {
      thrown = true;
    }
  });
  CHECK(wait_until([&] { return thrown.load(); }));
  CHECK(neighbour.has_value());
  if (neighbour) CHECK_FALSE(neighbour->has_ended());
  for (const pid_t pid : marked.processes()) kill(pid, SIGKILL);
  failing.join();
}

TEST_CASE("a command whose reader went away gets SIGPIPE also beside a neighbour") {
  ProcessExecutor executor(no_signals());
  std::optional<Neighbour> neighbour;
  MemorySink sink;
  sink.before_take = [&] {
    if (neighbour) return;
    neighbour.emplace(executor);
    CHECK(neighbour->wait_until_it_runs());
    sink.gone = true;
  };
  MarkedSpec marked({"yes"});
  marked.spec.limits.timeout = seconds(10);
  NoOrders orders;
  CHECK(executor.execute(marked.spec, sink, orders).outcome == Outcome(Signaled{SIGPIPE}));
}

TEST_CASE("a keeper that is killed takes nothing of its neighbour along") {
  ProcessExecutor executor(no_signals());
  Neighbour neighbour(executor);
  REQUIRE(neighbour.wait_until_it_runs());
  const MarkedSpec marked = MarkedSpec::shell("kill -KILL $PPID; sleep 600");
  MemorySink sink;
  NoOrders orders;
  CHECK(std::holds_alternative<Lost>(executor.execute(marked.spec, sink, orders).outcome));
  CHECK_FALSE(neighbour.has_ended());
}

}  // namespace muster
