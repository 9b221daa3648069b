// SPDX-License-Identifier: Apache-2.0
#pragma once

// When a failed attempt is tried again, and how long to wait before that. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "base/duration.h"
#include "domain/outcome.h"

namespace muster {

/// How the pause grows from attempt to attempt.
enum class BackoffKind { kFixed, kLinear, kExponential };

/// A pause before attempt n+1: base, n*base or base*2^(n-1), at most `cap`, then full jitter.
struct Backoff {
  BackoffKind kind = BackoffKind::kExponential;
  Duration base = std::chrono::seconds(1);
  Duration cap = std::chrono::minutes(5);
  bool operator==(const Backoff&) const = default;
};

/// Reads `fixed:50ms`, `linear:1s..1m`, `exponential:1s..5m`; without a cap it is 5m, or the base
/// if that is longer. Throws Error(kInvalidArgument).
Backoff parse_backoff(std::string_view text);
std::string format_backoff(const Backoff& backoff);

/// The longest pause after `failed_attempts` (1 or more) failures; the jittered one lies between
/// zero and it.
Duration ceiling(const Backoff& backoff, int failed_attempts);

/// The pause itself: `ceiling` times `fraction`, a random number in [0, 1].
Duration pause_before_next(const Backoff& backoff, int failed_attempts, double fraction);

/// One kind of failure worth another attempt.
struct RetryRule {
  enum class Kind { kExit, kAnyExit, kSignal, kAnySignal, kTimeout, kOutOfMemory, kLost };
  Kind kind = Kind::kAnyExit;
  int number = 0;  ///< the exit code of kExit, the signal of kSignal
  bool operator==(const RetryRule&) const = default;
};

/// Reads `exit:75,signal,signal:KILL,timeout,oom,lost,exit`. Throws Error(kInvalidArgument).
std::vector<RetryRule> parse_retry_on(std::string_view text);
std::string format_retry_on(const std::vector<RetryRule>& rules);

/// How often to try. Without rules every failure but a cancel, a denial and a start that can never
/// work is worth another attempt.
struct RetryPolicy {
  int attempts = 1;  ///< executions in all, 1 or more
  Backoff backoff;
  std::vector<RetryRule> retry_on;
};

/// Whether an attempt that ended in `outcome` as number `attempt` (from 1) is followed by another.
bool should_retry(const RetryPolicy& policy, int attempt, const Outcome& outcome);

}  // namespace muster
