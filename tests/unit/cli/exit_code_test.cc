// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.h"

#include <cerrno>
#include <csignal>

#include <catch2/catch.hpp>

namespace muster::cli {

namespace {

const Duration kLimit = std::chrono::seconds(1);

Outcome not_started(StartStep step, int error, bool found) {
  return NotStarted{step, error, "x", found};
}

}  // namespace

TEST_CASE("the command's own exit code passes through") {
  for (const int code : {0, 1, 7, 124, 125, 255}) CHECK(exit_code(Exited{code}, false) == code);
}

TEST_CASE("a signal is 128 and its number") {
  CHECK(exit_code(Signaled{SIGTERM, false}, false) == 143);
  CHECK(exit_code(Signaled{SIGSEGV, true}, false) == 139);
}

TEST_CASE("a timeout is 124 whatever the command then did") {
  CHECK(exit_code(TimedOut{kLimit, Exited{0}}, false) == 124);
  CHECK(exit_code(TimedOut{kLimit, Exited{3}}, false) == 124);
  CHECK(exit_code(TimedOut{kLimit, Signaled{SIGKILL, false}}, false) == 124);
}

TEST_CASE("with the status preserved a timeout is what the command then did") {
  CHECK(exit_code(TimedOut{kLimit, Exited{0}}, true) == 0);
  CHECK(exit_code(TimedOut{kLimit, Exited{3}}, true) == 3);
  CHECK(exit_code(TimedOut{kLimit, Signaled{SIGTERM, false}}, true) == 143);
}

TEST_CASE("preserving the status changes nothing but a timeout") {
  CHECK(exit_code(Exited{7}, true) == 7);
  CHECK(exit_code(not_started(StartStep::kExec, ENOENT, false), true) == 127);
  CHECK(exit_code(Lost{"why"}, true) == 125);
}

TEST_CASE("out of memory is 137") {
  CHECK(exit_code(OutOfMemory{Bytes{1}, Bytes{}}, false) == 137);
}

TEST_CASE("a cancelled command is what its end was") {
  CHECK(exit_code(Cancelled{"a test", Signaled{SIGKILL, false}}, false) == 137);
  CHECK(exit_code(Cancelled{"a test", Exited{5}}, false) == 5);
}

TEST_CASE("what was found and may not run is 126") {
  CHECK(exit_code(Denied{"rule", "reason"}, false) == 126);
  CHECK(exit_code(not_started(StartStep::kExec, EACCES, true), false) == 126);
  CHECK(exit_code(not_started(StartStep::kExec, EISDIR, true), false) == 126);
  CHECK(exit_code(not_started(StartStep::kExec, ENOENT, true), false) == 126);  // the interpreter
  CHECK(exit_code(not_started(StartStep::kExec, E2BIG, true), false) == 126);
}

TEST_CASE("what was not found is 127") {
  CHECK(exit_code(not_started(StartStep::kExec, ENOENT, false), false) == 127);
}

TEST_CASE("a start that failed before the command was tried is muster's own fault") {
  for (const StartStep step :
       {StartStep::kFork, StartStep::kSession, StartStep::kTerminal, StartStep::kStreams,
        StartStep::kNice, StartStep::kUmask, StartStep::kLimits, StartStep::kWorkdir}) {
    CHECK(exit_code(not_started(step, ENOENT, false), false) == 125);
  }
}

TEST_CASE("an attempt that nobody can tell the end of is muster's own fault") {
  CHECK(exit_code(Lost{"why"}, false) == 125);
}

TEST_CASE("a wrong command line is 2, for every command") {
  const Error error(ErrorCode::kUsage, "unknown flag");
  CHECK(exit_code(error, true) == 2);
  CHECK(exit_code(error, false) == 2);
}

TEST_CASE("any other fault is 125 where a command's codes pass through, and 1 elsewhere") {
  for (const ErrorCode code : {ErrorCode::kInvalidArgument, ErrorCode::kNotFound,
                               ErrorCode::kUnavailable, ErrorCode::kIo}) {
    CHECK(exit_code(Error(code, "fault"), true) == 125);
    CHECK(exit_code(Error(code, "fault"), false) == 1);
  }
}

}  // namespace muster::cli
