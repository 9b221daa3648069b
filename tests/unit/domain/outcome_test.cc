// SPDX-License-Identifier: Apache-2.0
#include "domain/outcome.h"

#include <cerrno>
#include <csignal>
#include <vector>

#include <catch2/catch.hpp>

namespace muster {

using namespace std::chrono_literals;

namespace {

std::string describe_exec(int error_number, bool found = true) {
  return describe(NotStarted{StartStep::kExec, error_number, "./x", found});
}

const std::vector<StartStep> kSteps{StartStep::kFork,    StartStep::kSession, StartStep::kTerminal,
                                    StartStep::kStreams, StartStep::kNice,    StartStep::kUmask,
                                    StartStep::kLimits,  StartStep::kWorkdir, StartStep::kExec};

}  // namespace

TEST_CASE("success is exit code 0 alone") {
  CHECK(succeeded(Exited{0}));
  CHECK_FALSE(succeeded(Exited{1}));
  CHECK_FALSE(succeeded(Signaled{SIGTERM}));
  CHECK_FALSE(succeeded(TimedOut{2s, Exited{0}}));
  CHECK_FALSE(succeeded(OutOfMemory{}));
  CHECK_FALSE(succeeded(Cancelled{"ann", Exited{0}}));
  CHECK_FALSE(succeeded(Denied{}));
  CHECK_FALSE(succeeded(NotStarted{}));
  CHECK_FALSE(succeeded(Lost{}));
}

TEST_CASE("every outcome has its word") {
  CHECK(kind_of(Exited{}) == "exited");
  CHECK(kind_of(Signaled{}) == "signaled");
  CHECK(kind_of(TimedOut{}) == "timed_out");
  CHECK(kind_of(OutOfMemory{}) == "out_of_memory");
  CHECK(kind_of(Cancelled{}) == "cancelled");
  CHECK(kind_of(Denied{}) == "denied");
  CHECK(kind_of(NotStarted{}) == "not_started");
  CHECK(kind_of(Lost{}) == "lost");
}

TEST_CASE("an end by itself or by a signal is told in words") {
  CHECK(describe(Exited{7}) == "exited with code 7");
  CHECK(describe(Signaled{SIGKILL}) == "was killed by SIGKILL (signal 9)");
  CHECK(describe(Signaled{SIGSEGV, true}) == "was killed by SIGSEGV (signal 11), core dumped");
  CHECK(describe(Signaled{77}) == "was killed by signal 77");
}

TEST_CASE("a timeout and a cancel tell how the command then went") {
  CHECK(describe(TimedOut{2s, Exited{0}}) == "timed out after 2s; it then exited with code 0");
  CHECK(describe(TimedOut{90s, Signaled{SIGTERM}}) ==
        "timed out after 1m30s; it was then killed by SIGTERM (signal 15)");
  CHECK(describe(Cancelled{"second Ctrl-C", Signaled{SIGKILL}}) ==
        "was cancelled by second Ctrl-C; it was then killed by SIGKILL (signal 9)");
}

TEST_CASE("limits, rules and losses are told in words") {
  CHECK(describe(OutOfMemory{Bytes{512U << 20U}, Bytes{}}) ==
        "ran out of memory at its limit of 512M");
  CHECK(describe(Denied{"no-root", "uid 0 is not allowed"}) ==
        "was denied by rule no-root: uid 0 is not allowed");
  CHECK(describe(Lost{"worker w1 vanished"}) == "was lost: worker w1 vanished");
}

TEST_CASE("a command that cannot be executed says what is wrong with it") {
  CHECK(describe(NotStarted{StartStep::kExec, ENOENT, "foo", false}) ==
        "could not start: command 'foo' not found");
  CHECK(describe_exec(ENOENT) ==
        "could not start: the interpreter named on the first line of './x' does not exist");
  CHECK(describe_exec(EACCES) == "could not start: './x' is not executable: Permission denied");
  CHECK(describe_exec(EISDIR) == "could not start: './x' is a directory");
  CHECK(describe_exec(ENOEXEC) ==
        "could not start: './x' has no '#!' line and is not a binary this kernel can run");
  CHECK(describe_exec(E2BIG) ==
        "could not start: the arguments and environment together are too long");
  CHECK(describe_exec(ETXTBSY) == "could not start: executing './x' failed: Text file busy");
}

TEST_CASE("a start that failed before exec names the step") {
  CHECK(describe(NotStarted{StartStep::kWorkdir, ENOENT, "/x"}) ==
        "could not start: changing to the working directory '/x' failed: "
        "No such file or directory");
  CHECK(describe(NotStarted{StartStep::kFork, EAGAIN, ""}) ==
        "could not start: no more processes can be created (ulimit -u or the pids limit): "
        "Resource temporarily unavailable");
  CHECK(describe(NotStarted{StartStep::kFork, ENOMEM, ""}) ==
        "could not start: creating a process failed: Cannot allocate memory");
  CHECK(describe(NotStarted{StartStep::kLimits, EPERM, "open files"}) ==
        "could not start: setting the limit 'open files' failed: Operation not permitted");
}

TEST_CASE("every step has its own words") {
  for (const auto step : kSteps) {
    for (const auto other : kSteps) {
      CHECK((describe(step) == describe(other)) == (step == other));
      CHECK((name_of(step) == name_of(other)) == (step == other));
    }
  }
  CHECK(name_of(StartStep::kWorkdir) == "workdir");
  CHECK(name_of(StartStep::kExec) == "exec");
}

TEST_CASE("signals have their names") {
  CHECK(signal_name(SIGTERM) == "SIGTERM");
  CHECK(signal_name(SIGHUP) == "SIGHUP");
  CHECK(signal_name(SIGRTMIN) == "SIGRTMIN");
  CHECK(signal_name(SIGRTMIN + 3) == "SIGRTMIN+3");
  CHECK(signal_name(77) == "signal 77");
  CHECK(signal_name(0) == "signal 0");
  CHECK(signal_name(-1) == "signal -1");
}

TEST_CASE("a signal is read by its name with and without SIG, and by its number") {
  CHECK(parse_signal("TERM") == SIGTERM);
  CHECK(parse_signal("SIGTERM") == SIGTERM);
  CHECK(parse_signal("15") == SIGTERM);
  CHECK(parse_signal("RTMIN+3") == SIGRTMIN + 3);
  for (const auto* text : {"", "SIG", "SIGSIGTERM", "NOPE", "0", "65", "-9", "9 ", "signal 9",
                           "18446744073709551615"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_signal(text));
  }
}

TEST_CASE("every signal with a name is read back") {
  for (int signal = 1; signal <= SIGRTMAX; ++signal) {
    const auto name = signal_name(signal);
    CAPTURE(name);
    if (name.starts_with("SIG")) CHECK(parse_signal(name) == signal);
    CHECK(parse_signal(std::to_string(signal)) == signal);
  }
}

}  // namespace muster
