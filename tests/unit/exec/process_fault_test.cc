// SPDX-License-Identifier: Apache-2.0
// Attempts while the world around them misbehaves.
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <thread>

#include <catch2/catch.hpp>

#include "app/process_setup.h"
#include "base/text.h"
#include "exec/descriptor_sink.h"
#include "exec/process/confinement.h"
#include "exec/process/process_executor.h"
#include "exec/process/supervision.h"
#include "unit/exec/fakes.h"
#include "unit/exec/processes.h"

namespace muster {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Interrupts every slow system call of the thread it was made on, as fast as it can.
class SignalStorm {
 public:
  SignalStorm() {
    struct sigaction action{};
    action.sa_handler = [](int) { ++caught_; };
    sigaction(SIGUSR1, &action, &before_);
    thread_ = std::thread([this, target = pthread_self()] {
      while (!over_) {
        pthread_kill(target, SIGUSR1);
        sched_yield();
      }
    });
  }
  SignalStorm(const SignalStorm&) = delete;
  SignalStorm& operator=(const SignalStorm&) = delete;
  ~SignalStorm() {
    over_ = true;
    thread_.join();
    sigaction(SIGUSR1, &before_, nullptr);
  }
  static int caught() { return caught_; }

 private:
  static inline std::atomic<int> caught_ = 0;
  struct sigaction before_{};
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

std::string run_and_describe(const Spec& spec, Sink& sink) {
  return describe(execute(spec, sink).outcome);
}

// A keeper that is stopped as soon as the command runs, so that it can only be killed.
class StoppedKeeper : public process::Confinement {
 public:
  bool admit(pid_t keeper) override {
    keeper_ = keeper;
    return true;
  }
  void started() override { kill(keeper_, SIGSTOP); }
  void kill_all() override { kill(keeper_, SIGKILL); }

 private:
  pid_t keeper_ = -1;
};

}  // namespace

TEST_CASE("a limit on time is the outcome also where the keeper had to be killed with the tree") {
  MarkedSpec marked({"sleep", "100"});
  marked.spec.limits.timeout = milliseconds(20);
  marked.spec.limits.grace = seconds(0);
  MemorySink sink;
  NoOrders orders;
  StoppedKeeper confinement;
  sigset_t mask;
  sigemptyset(&mask);
  const Attempt attempt = process::Supervision(marked.spec, sink, orders, confinement, mask).run();
  CHECK(attempt.outcome == Outcome(TimedOut{milliseconds(20), Signaled{SIGKILL}}));
  CHECK(attempt.usage.wall >= milliseconds(20));
  // Here nobody else ends what a killed keeper leaves.
  for (const pid_t left : marked.processes()) kill(left, SIGKILL);
  CHECK(wait_until([&] { return marked.nothing_left(); }));
}

TEST_CASE("a storm of signals changes neither outcome nor output") {
  const SignalStorm storm;
  for (int round = 0; round < 5; ++round) {
    MemorySink sink;
    const MarkedSpec marked =
        MarkedSpec::shell("seq 1 20000; echo err >&2; setsid sleep 600 & exit 9");
    const Attempt attempt = execute(marked.spec, sink);
    CHECK(attempt.outcome == Outcome(Exited{9}));
    CHECK(sink.out().size() == 108'894);
    CHECK(sink.err() == "err\n");
    CHECK(marked.nothing_left());
  }
  CHECK(SignalStorm::caught() > 100);
}

TEST_CASE("a storm of signals delays no timeout and shortens none") {
  const SignalStorm storm;
  MarkedSpec marked({"sleep", "600"});
  marked.spec.limits.timeout = milliseconds(200);
  MemorySink sink;
  const Attempt attempt = execute(marked.spec, sink);
  CHECK(attempt.outcome == Outcome(TimedOut{milliseconds(200), Signaled{SIGTERM}}));
  CHECK(attempt.usage.wall >= milliseconds(200));
}

TEST_CASE("where no process can be created the attempt says so") {
  if (geteuid() != 0) return skip("becoming a user with a process limit needs root");
  const std::string said = in_child([]() -> std::string {
    const rlimit none{1, 1};
    if (setrlimit(RLIMIT_NPROC, &none) != 0 || setresuid(65534, 65534, 65534) != 0)
      return "no limit";
    MemorySink sink;
    return run_and_describe(MarkedSpec({"true"}).spec, sink);
  });
  CHECK_THAT(said, Catch::Contains("no more processes can be created"));
}

TEST_CASE("where only the keeper can be created the attempt says so too") {
  if (geteuid() != 0) return skip("becoming a user with a process limit needs root");
  constexpr uid_t kUnused = 64123;  // so that no other process counts against the limit
  const std::string said = in_child([]() -> std::string {
    const rlimit two{2, 2};
    if (setrlimit(RLIMIT_NPROC, &two) != 0 || setresuid(kUnused, kUnused, kUnused) != 0) {
      return "no limit";
    }
    MemorySink sink;
    return run_and_describe(MarkedSpec({"true"}).spec, sink);
  });
  CHECK_THAT(said, Catch::Contains("no more processes can be created"));
}

TEST_CASE("where no descriptor is left the attempt fails and starts nothing") {
  const MarkedSpec marked({"sleep", "600"});
  const std::string said = in_child([&]() -> std::string {
    MemorySink sink;
    const rlimit low{16, 16};
    setrlimit(RLIMIT_NOFILE, &low);
    // UBSan needs descriptors to look at what is caught: these are closed on the way there.
    const UniqueFd spare(open("/dev/null", O_RDONLY | O_CLOEXEC));
    const UniqueFd another(open("/dev/null", O_RDONLY | O_CLOEXEC));
    while (open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0) {
    }
    return run_and_describe(marked.spec, sink);
  });
  CHECK_THAT(said, Catch::Contains("Too many open files"));
  CHECK(marked.nothing_left());
}

TEST_CASE("a reader that never reads does not keep a timeout from ending the attempt") {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const UniqueFd reader(ends[0]);
  const UniqueFd writer(ends[1]);
  DescriptorSink sink(writer.get(), writer.get(), true);
  MarkedSpec marked({"yes"});
  marked.spec.limits.timeout = milliseconds(100);
  marked.spec.limits.grace = milliseconds(200);
  const Attempt attempt = execute(marked.spec, sink);
  CHECK(attempt.outcome == Outcome(TimedOut{milliseconds(100), Signaled{SIGTERM}}));
  CHECK(attempt.output.unread.count > 0);
  CHECK(marked.nothing_left());
}

TEST_CASE("a reader that never reads does not keep a kill from ending the attempt") {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const UniqueFd reader(ends[0]);
  const UniqueFd writer(ends[1]);
  DescriptorSink sink(writer.get(), writer.get(), true);
  MarkedSpec marked({"yes"});
  marked.spec.limits.grace = milliseconds(100);
  GivenOrders orders;
  std::thread user([&] {
    wait_until([&] { return !marked.nothing_left(); });
    orders.give(KillNow{"a test"});
  });
  CHECK(execute(marked.spec, sink, orders).outcome ==
        Outcome(Cancelled{"a test", Signaled{SIGKILL}}));
  user.join();
}

TEST_CASE("a full disk under stdout ends a command that writes on, and is told") {
  const UniqueFd full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  DescriptorSink sink(full.get(), full.get(), true);
  const MarkedSpec marked({"yes"});
  const Attempt attempt = execute(marked.spec, sink);
  CHECK(attempt.outcome == Outcome(Signaled{SIGPIPE}));
  CHECK(attempt.output.error_number == ENOSPC);
  CHECK(marked.nothing_left());
}

TEST_CASE("a disk that is full only for the tail is told as well") {
  MemorySink sink;
  sink.before_take = [&] { sink.gone = !sink.out().empty(), sink.error_number = ENOSPC; };
  MarkedSpec marked({"seq", "1", "2000"});
  marked.spec.limits.output = Bytes{1};
  const Attempt attempt = execute(marked.spec, sink);
  CHECK(sink.out() == "1");
  CHECK(attempt.outcome == Outcome(Exited{0}));
  CHECK(attempt.output.error_number == ENOSPC);
}

TEST_CASE("with all standard streams closed a command still runs to its true end") {
  for (const bool relay : {false, true}) {
    INFO((relay ? "relayed" : "direct"));
    const std::string said = in_child([relay]() -> std::string {
      for (const int descriptor : {0, 1, 2}) close(descriptor);
      const sigset_t mask = app::set_up_process();
      ProcessExecutor executor(mask);
      DescriptorSink sink(STDOUT_FILENO, STDERR_FILENO, relay);
      NoOrders orders;
      MarkedSpec marked = MarkedSpec::shell("cat; exit 8");
      marked.spec.stdin_source = StdinSource::kInherit;
      const Attempt quiet = executor.execute(marked.spec, sink, orders);
      MarkedSpec loud({"yes"});
      loud.spec.limits.timeout = seconds(20);
      const Attempt noisy = executor.execute(loud.spec, sink, orders);
      return describe(quiet.outcome) + ", " + std::string(kind_of(noisy.outcome));
    });
    // Nobody reads, so `yes` fails: by EBADF when it writes itself, by SIGPIPE behind a relay.
    CHECK(said == (relay ? "exited with code 8, signaled" : "exited with code 8, exited"));
  }
}

TEST_CASE("a caller that ignores SIGCHLD learns how the command ended") {
  const std::string said = in_child([] {
    std::signal(SIGCHLD, SIG_IGN);
    MarkedSpec marked = MarkedSpec::shell("exit 3");
    marked.spec.limits.timeout = seconds(10);
    MemorySink sink;
    return run_and_describe(marked.spec, sink);
  });
  CHECK(said == "exited with code 3");
}

TEST_CASE("when the terminal goes away the command gets SIGHUP and the attempt ends") {
  UniqueFd master(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  REQUIRE(master);
  REQUIRE(unlockpt(master.get()) == 0);
  MarkedSpec marked = MarkedSpec::shell("echo up; exec sleep 600");
  marked.spec.tty = true;
  marked.spec.stdin_source = StdinSource::kInherit;
  const ScratchFolder folder;
  const pid_t child = fork();
  if (child == 0) {
    setsid();
    const int slave = ioctl(master.get(), TIOCGPTPEER, O_RDWR);
    ioctl(slave, TIOCSCTTY, 0);
    for (const int descriptor : {0, 1, 2}) dup2(slave, descriptor);
    close(slave);
    close(master.get());
    sigset_t
        hangup;  // blocked as the command line does, not ignored: the command would inherit that
    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    sigprocmask(SIG_BLOCK, &hangup, nullptr);
    DescriptorSink sink(STDOUT_FILENO, STDERR_FILENO, true);
    folder.write("said", run_and_describe(marked.spec, sink));
    _exit(0);
  }
  char text[16] = {};
  REQUIRE(read(master.get(), text, 2) == 2);
  CHECK(std::string(text) == "up");
  master.reset();
  int status = 0;
  const bool ended = wait_until([&] { return waitpid(child, &status, WNOHANG) == child; });
  CHECK(ended);
  if (!ended) reap(child);
  CHECK(folder.read("said") == "was killed by SIGHUP (signal 1)");
  CHECK(marked.nothing_left());
}

}  // namespace muster
