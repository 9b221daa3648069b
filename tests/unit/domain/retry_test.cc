// SPDX-License-Identifier: Apache-2.0
#include "domain/retry.h"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <limits>

#include <catch2/catch.hpp>

#include "base/error.h"

namespace muster {

using namespace std::chrono_literals;
using Kind = RetryRule::Kind;

namespace {

constexpr int kMostAttempts = std::numeric_limits<int>::max();

bool retried_on(const char* rules, const Outcome& outcome) {
  return should_retry({3, {}, parse_retry_on(rules)}, 1, outcome);
}

bool retried(const Outcome& outcome) { return should_retry({3, {}, {}}, 1, outcome); }

}  // namespace

TEST_CASE("a backoff is a kind, a pause and perhaps a cap") {
  CHECK(parse_backoff("fixed:50ms") == Backoff{BackoffKind::kFixed, 50ms, 5min});
  CHECK(parse_backoff("linear:1s..1m") == Backoff{BackoffKind::kLinear, 1s, 1min});
  CHECK(parse_backoff("exponential:1s..5m") == Backoff{});
  CHECK(parse_backoff("exponential:2..1.5m") == Backoff{BackoffKind::kExponential, 2s, 90s});
}

TEST_CASE("a backoff without a cap is capped at five minutes or at its base") {
  CHECK(parse_backoff("linear:1s").cap == 5min);
  CHECK(parse_backoff("linear:10m").cap == 10min);
}

TEST_CASE("a bad backoff is refused with what is wrong") {
  CHECK_THROWS_WITH(parse_backoff("slow:1s"),
                    "'slow:1s' is not a backoff; its kind is fixed, linear or exponential");
  CHECK_THROWS_WITH(parse_backoff("fixed"),
                    "'fixed' is not a backoff; expected a pause, as in fixed:1s");
  CHECK_THROWS_WITH(parse_backoff("fixed:"), Catch::Contains("'' is not a duration"));
  CHECK_THROWS_WITH(parse_backoff("fixed:1s.."), Catch::Contains("'' is not a duration"));
  CHECK_THROWS_WITH(parse_backoff("fixed:1s...2s"), Catch::Contains("'.2s' is not a duration"));
  CHECK_THROWS_WITH(parse_backoff("linear:5m..1s"),
                    "'linear:5m..1s' is not a backoff; its cap is below its first pause");
  CHECK_THROWS_AS(parse_backoff(""), Error);
}

TEST_CASE("a cap is written where it is not the usual one") {
  CHECK(format_backoff(Backoff{}) == "exponential:1s");
  CHECK(format_backoff({BackoffKind::kLinear, 1s, 1min}) == "linear:1s..1m");
  CHECK(format_backoff({BackoffKind::kFixed, 10min, 10min}) == "fixed:10m");
}

TEST_CASE("a fixed pause stays") {
  const Backoff fixed{BackoffKind::kFixed, 50ms, 5min};
  CHECK(ceiling(fixed, 1) == 50ms);
  CHECK(ceiling(fixed, kMostAttempts) == 50ms);
}

TEST_CASE("a linear pause grows by its base up to the cap") {
  const Backoff linear{BackoffKind::kLinear, 2s, 7s};
  CHECK(ceiling(linear, 1) == 2s);
  CHECK(ceiling(linear, 3) == 6s);
  CHECK(ceiling(linear, 4) == 7s);
  CHECK(ceiling(linear, kMostAttempts) == 7s);
}

TEST_CASE("an exponential pause doubles up to the cap") {
  const Backoff exponential{BackoffKind::kExponential, 1s, 1min};
  CHECK(ceiling(exponential, 1) == 1s);
  CHECK(ceiling(exponential, 2) == 2s);
  CHECK(ceiling(exponential, 6) == 32s);
  CHECK(ceiling(exponential, 7) == 1min);
}

TEST_CASE("no number of attempts overflows a pause") {
  for (const auto kind : {BackoffKind::kLinear, BackoffKind::kExponential}) {
    const Backoff widest{kind, Duration::max() / 2, Duration::max()};
    for (const int attempts : {3, 62, 63, 64, 65, 1000, kMostAttempts}) {
      CAPTURE(attempts);
      CHECK(ceiling(widest, attempts) == Duration::max());
    }
  }
  const Backoff smallest{BackoffKind::kExponential, 1ns, Duration::max()};
  CHECK(ceiling(smallest, 63) == Duration(std::int64_t{1} << 62));
  CHECK(ceiling(smallest, 64) == Duration::max());
  CHECK(ceiling(smallest, 65) == Duration::max());
  const Backoff none{BackoffKind::kExponential, 0s, 5min};
  CHECK(ceiling(none, kMostAttempts) == 0s);
}

TEST_CASE("the jittered pause lies between zero and the ceiling") {
  const Backoff fixed{BackoffKind::kFixed, 10s, 5min};
  CHECK(pause_before_next(fixed, 1, 0.0) == 0s);
  CHECK(pause_before_next(fixed, 1, 0.25) == 2500ms);
  CHECK(pause_before_next(fixed, 1, 1.0) == 10s);
  const Backoff widest{BackoffKind::kFixed, Duration::max(), Duration::max()};
  CHECK(pause_before_next(widest, 1, 1.0) == Duration::max());
  CHECK(pause_before_next(widest, 1, 0.9999999999999999) < Duration::max());
}

TEST_CASE("every kind of failure can be named") {
  CHECK(parse_retry_on("exit:75,signal,signal:KILL,timeout,oom,lost,exit") ==
        std::vector<RetryRule>{{Kind::kExit, 75},
                               {Kind::kAnySignal, 0},
                               {Kind::kSignal, SIGKILL},
                               {Kind::kTimeout, 0},
                               {Kind::kOutOfMemory, 0},
                               {Kind::kLost, 0},
                               {Kind::kAnyExit, 0}});
  CHECK(parse_retry_on("exit:1, signal:9") ==
        std::vector<RetryRule>{{Kind::kExit, 1}, {Kind::kSignal, SIGKILL}});
}

TEST_CASE("a bad rule is refused with what was expected or meant") {
  CHECK_THROWS_WITH(parse_retry_on("exit,tiemout"),
                    "'tiemout' is nothing to retry on; did you mean timeout?");
  CHECK_THROWS_WITH(parse_retry_on("rain"),
                    "'rain' is nothing to retry on; expected exit, exit:CODE, signal, "
                    "signal:NAME, timeout, oom or lost");
  CHECK_THROWS_WITH(parse_retry_on("exit:0"),
                    "'exit:0' names no failure; expected an exit code from 1 to 255");
  CHECK_THROWS_WITH(parse_retry_on("signal:NOPE"),
                    "'signal:NOPE' names no signal; expected as in signal:KILL or signal:9");
  for (const auto* text : {"", ",", "exit,", "exit:", "exit:256", "exit:x", "signal:", "lost:1"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_retry_on(text), Error);
  }
}

TEST_CASE("rules are written as they are read") {
  CHECK(format_retry_on({{Kind::kExit, 75}, {Kind::kSignal, SIGKILL}, {Kind::kOutOfMemory, 0}}) ==
        "exit:75,signal:KILL,oom");
  CHECK(format_retry_on({{Kind::kSignal, 32}}) == "signal:32");
}

TEST_CASE("there are as many attempts as the policy says") {
  const RetryPolicy three{3, {}, {}};
  CHECK(should_retry(three, 1, Exited{1}));
  CHECK(should_retry(three, 2, Exited{1}));
  CHECK_FALSE(should_retry(three, 3, Exited{1}));
  CHECK_FALSE(should_retry(three, 4, Exited{1}));
  CHECK_FALSE(should_retry(RetryPolicy{}, 1, Exited{1}));
}

TEST_CASE("without rules every failure that may go better is tried again") {
  CHECK(retried(Exited{1}));
  CHECK(retried(Signaled{SIGSEGV}));
  CHECK(retried(TimedOut{2s, Exited{0}}));
  CHECK(retried(OutOfMemory{}));
  CHECK(retried(Lost{}));
  CHECK(retried(NotStarted{StartStep::kFork, EAGAIN, ""}));
  CHECK(retried(NotStarted{StartStep::kFork, ENOMEM, ""}));
}

TEST_CASE("a success, a cancel, a denial and a hopeless start are never tried again") {
  const std::vector<Outcome> final_ones{Exited{0},
                                        Cancelled{"ann", Exited{1}},
                                        Denied{},
                                        NotStarted{StartStep::kExec, ENOENT, ""},
                                        NotStarted{StartStep::kExec, EAGAIN, ""},
                                        NotStarted{StartStep::kFork, EPERM, ""}};
  for (const auto& outcome : final_ones) {
    CAPTURE(describe(outcome));
    CHECK_FALSE(retried(outcome));
    CHECK_FALSE(retried_on("exit,signal,timeout,oom,lost", outcome));
  }
}

TEST_CASE("with rules only what one names is tried again") {
  CHECK(retried_on("exit", Exited{1}));
  CHECK(retried_on("exit:75", Exited{75}));
  CHECK_FALSE(retried_on("exit:75", Exited{74}));
  CHECK(retried_on("signal", Signaled{SIGSEGV}));
  CHECK(retried_on("signal:SEGV", Signaled{SIGSEGV, true}));
  CHECK_FALSE(retried_on("signal:SEGV", Signaled{SIGKILL}));
  CHECK_FALSE(retried_on("exit", Signaled{SIGKILL}));
  CHECK(retried_on("oom", OutOfMemory{}));
  CHECK_FALSE(retried_on("signal", OutOfMemory{}));
  CHECK(retried_on("lost", Lost{}));
  CHECK_FALSE(retried_on("exit,signal,timeout,oom", Lost{}));
  CHECK(retried_on("oom,exit:3", Exited{3}));
  CHECK_FALSE(retried_on("exit,lost", NotStarted{StartStep::kFork, EAGAIN, ""}));
}

TEST_CASE("a timeout is retried as a timeout alone, however the command then went") {
  CHECK(retried_on("timeout", TimedOut{2s, Signaled{SIGTERM}}));
  CHECK(retried_on("timeout", TimedOut{2s, Exited{0}}));
  CHECK_FALSE(retried_on("exit,signal", TimedOut{2s, Signaled{SIGTERM}}));
  CHECK_FALSE(retried_on("exit,signal", TimedOut{2s, Exited{1}}));
}

}  // namespace muster
