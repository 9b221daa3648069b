// SPDX-License-Identifier: Apache-2.0
// Sandboxes side by side, each supervised by a thread of its own, as a worker runs them.
#include <atomic>
#include <csignal>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "sandbox/facts.h"
#include "sandbox/sandbox_executor.h"
#include "unit/exec/fakes.h"
#include "unit/exec/processes.h"

namespace muster {

namespace {

constexpr int kThreads = 2;
constexpr int kRounds = 6;

sigset_t no_signals() {
  sigset_t none;
  sigemptyset(&none);
  return none;
}

bool sandboxes_are_possible() {
  if (sandbox::try_user_namespace().yes) return true;
  WARN("skipped: no user namespaces here");
  return false;
}

MarkedSpec sandboxed(const std::string& line) {
  MarkedSpec marked = MarkedSpec::shell(line);
  marked.spec.sandbox.isolation = Isolation::kSandbox;
  marked.spec.sandbox.workspace.mode = WorkspaceMode::kNone;
  marked.spec.workdir = "/tmp";
  return marked;
}

// Calls `body` with every round of every thread; how many rounds were right.
int right_rounds(const std::function<bool(int thread, int round)>& body) {
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int round = 0; round < kRounds; ++round) {
        if (body(thread, round)) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return right;
}

}  // namespace

TEST_CASE("sandboxes at once keep their outcomes, outputs and folders apart", "[threads]") {
  if (!sandboxes_are_possible()) return;
  SandboxExecutor executor(no_signals());
  const int right = right_rounds([&](int thread, int round) {
    const std::string word = std::to_string(thread * 100 + round);
    const MarkedSpec marked =
        sandboxed("test ! -e word && echo " + word + " >word; setsid sleep 600 & cat word; exit " +
                  std::to_string(thread));
    MemorySink sink;
    NoOrders orders;
    const Attempt attempt = executor.execute(marked.spec, sink, orders);
    return attempt.outcome == Outcome(Exited{thread}) && sink.out() == word + "\n" &&
           marked.nothing_left();
  });
  CHECK(right == kThreads * kRounds);
}

TEST_CASE("a plan can be explained while another thread executes one", "[threads]") {
  if (!sandboxes_are_possible()) return;
  SandboxExecutor executor(no_signals());
  const int right = right_rounds([&](int thread, int) {
    const MarkedSpec marked = sandboxed("exit 0");
    if (thread == 0) return !executor.explain(marked.spec).steps.empty();
    MemorySink sink;
    NoOrders orders;
    return succeeded(executor.execute(marked.spec, sink, orders).outcome);
  });
  CHECK(right == kThreads * kRounds);
}

}  // namespace muster
