// SPDX-License-Identifier: Apache-2.0
// That nothing of the tree outlives the attempt, whoever is killed on the way.
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include <catch2/catch.hpp>

#include "exec/process/supervision.h"
#include "unit/exec/fakes.h"
#include "unit/exec/processes.h"

namespace muster {

namespace {

using std::chrono::milliseconds;

// Surroundings that take so long, without a death signal, that muster is killed meanwhile.
class DeadlySurroundings : public process::Confinement {
 public:
  /// A byte comes out of `told` when a command is about to run.
  explicit DeadlySurroundings(int told) : told_(told) {}

  void prepare(process::LaunchPlan& plan) override {
    plan.enter = [](void*, process::StartFailure&) {
      const pid_t muster = getppid();
      prctl(PR_SET_PDEATHSIG, 0);
      kill(muster, SIGKILL);
      while (getppid() == muster) poll(nullptr, 0, 1);
      return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
    };
    plan.last = [](void* context) { return write(*static_cast<int*>(context), "x", 1) == 1; };
    plan.context = &told_;
  }

 private:
  int told_;
};

Attempt run(const MarkedSpec& marked) {
  MemorySink sink;
  return execute(marked.spec, sink);
}

}  // namespace

TEST_CASE("a daemon that forked twice and left the session is ended") {
  const MarkedSpec marked = MarkedSpec::shell("setsid sh -c 'sleep 600 & exit 0' & wait; exit 3");
  CHECK(run(marked).outcome == Outcome(Exited{3}));
  CHECK(marked.nothing_left());
}

TEST_CASE("what is left gets SIGTERM and the grace to clean up") {
  const ScratchFolder folder;
  const MarkedSpec marked =
      MarkedSpec::shell("setsid sh -c 'trap \"echo clean > " + folder.path("done") +
                        "; exit\" TERM; echo > " + folder.path("up") +
                        "; while :; do sleep 0.01; done' & "
                        "while ! [ -e " +
                        folder.path("up") + " ]; do sleep 0.01; done");
  CHECK(run(marked).outcome == Outcome(Exited{0}));
  CHECK(folder.read("done") == "clean\n");
  CHECK(marked.nothing_left());
}

TEST_CASE("what is left and ignores SIGTERM is killed after the grace") {
  MarkedSpec marked = MarkedSpec::shell("trap '' TERM; setsid sleep 600 & exit 0");
  marked.spec.limits.grace = milliseconds(100);
  CHECK(run(marked).outcome == Outcome(Exited{0}));
  CHECK(marked.nothing_left());
}

TEST_CASE("what is left and stopped is ended as well") {
  const MarkedSpec marked = MarkedSpec::shell(
      "setsid sh -c 'kill -STOP $$' & while ! grep -q ') T' /proc/$!/stat; do :; done; exit 0");
  CHECK(run(marked).outcome == Outcome(Exited{0}));
  CHECK(marked.nothing_left());
}

TEST_CASE("a process that hops from child to child is ended") {
  const ScratchFolder folder;
  const std::string hop = folder.write("hop", "trap '' TERM\nsh \"$0\" &\nexit 0\n");
  MarkedSpec marked = MarkedSpec::shell("setsid sh " + hop + " & exit 0");
  marked.spec.limits.grace = milliseconds(50);
  const Attempt attempt = run(marked);
  CHECK(attempt.outcome == Outcome(Exited{0}));
  CHECK(attempt.survivors == 0);
  CHECK(marked.nothing_left());
}

TEST_CASE("when the keeper is killed the attempt is lost and nothing is left") {
  const MarkedSpec marked = MarkedSpec::shell(
      "setsid sh -c 'sleep 600 & exit 0' & wait; trap '' TERM; kill -KILL $PPID; sleep 600");
  CHECK(std::holds_alternative<Lost>(run(marked).outcome));
  CHECK(wait_until([&] { return marked.nothing_left(); }));
}

TEST_CASE("when the keeper is killed while something still writes nothing is left") {
  const MarkedSpec marked =
      MarkedSpec::shell("for i in 1 2 3; do setsid yes & done; kill -KILL $PPID; sleep 600");
  MemorySink sink;
  sink.before_take = [&] { sink.out().clear(), sink.order.clear(); };
  CHECK(std::holds_alternative<Lost>(execute(marked.spec, sink).outcome));
  CHECK(wait_until([&] { return marked.nothing_left(); }));
}

TEST_CASE("when the keeper is killed after the command has ended nothing is left either") {
  // The daemon outlives the command, ignores SIGTERM and kills the keeper during the grace.
  const MarkedSpec marked = MarkedSpec::shell(
      "trap '' TERM; keeper=$PPID command=$$; export keeper command; "
      "setsid sh -c 'while kill -0 $command; do sleep 0.01; done; kill -KILL $keeper; sleep 600' & "
      "exit 0");
  CHECK(run(marked).outcome == Outcome(Exited{0}));
  CHECK(wait_until([&] { return marked.nothing_left(); }));
  for (const pid_t pid : marked.processes()) kill(pid, SIGKILL);
}

TEST_CASE("when muster is killed nothing of the tree is left") {
  const MarkedSpec marked =
      MarkedSpec::shell("trap '' TERM; setsid sh -c 'sleep 600 & exit 0' & sleep 600");
  const pid_t muster = fork();
  if (muster == 0) {
    run(marked);
    _exit(0);
  }
  CHECK(wait_until([&] { return marked.processes().size() >= 3; }));
  reap(muster);
  CHECK(wait_until([&] { return marked.nothing_left(); }));
}

TEST_CASE("when muster is killed while the surroundings are made no command is started") {
  const MarkedSpec marked = MarkedSpec::shell("sleep 600");
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);  // also the keeper's, until it is gone
  const pid_t muster = fork();
  if (muster == 0) {
    close(ends[0]);
    DeadlySurroundings surroundings(ends[1]);
    MemorySink sink;
    NoOrders orders;
    sigset_t mask;
    sigemptyset(&mask);
    process::Supervision(marked.spec, sink, orders, surroundings, mask).run();
    _exit(0);
  }
  close(ends[1]);
  char told = 0;
  CHECK(read(ends[0], &told, 1) == 0);
  close(ends[0]);
  reap(muster);
  CHECK(wait_until([&] { return marked.nothing_left(); }));
}

}  // namespace muster
