// SPDX-License-Identifier: Apache-2.0

// Properties over random values: what is written is read back as the same value.

#include <algorithm>
#include <random>
#include <utility>

#include <catch2/catch.hpp>

#include "domain/retry.h"
#include "domain/selector.h"

namespace muster {

namespace {

constexpr int kRounds = 10'000;

class Random {
 public:
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }

  // Every order of magnitude is as likely as any other.
  std::uint64_t number() { return engine_() >> below(64); }

  Duration duration() { return Duration(static_cast<Duration::rep>(number() >> 1U)); }

  // Any bytes, one or more, but none of `without`.
  std::string text(std::string_view without = {}) {
    std::string out;
    for (auto left = 1 + below(12); left > 0;) {
      const auto byte = static_cast<char>(below(256));
      if (without.find(byte) != std::string_view::npos) continue;
      out += byte;
      --left;
    }
    return out;
  }

  Selector selector() {
    static const std::vector<std::string> states{"waiting", "ready",     "running", "succeeded",
                                                 "failed",  "cancelled", "expired"};
    switch (below(5)) {
      case 0: {
        const auto a = number() | 1U;
        const auto b = number() | 1U;
        return IdRange{std::min(a, b), std::max(a, b)};
      }
      case 1:
        return LastTask{};
      case 2:
        return ByName{text()};
      case 3: {
        auto key = text("=");
        return ByLabel{std::move(key), text()};
      }
      default:
        return ByState{states[below(states.size())]};
    }
  }

  Backoff backoff() {
    const auto a = duration();
    const auto b = duration();
    return {static_cast<BackoffKind>(below(3)), std::min(a, b), std::max(a, b)};
  }

  RetryRule rule() {
    const auto kind = static_cast<RetryRule::Kind>(below(7));
    if (kind == RetryRule::Kind::kExit) return {kind, static_cast<int>(1 + below(255))};
    if (kind == RetryRule::Kind::kSignal) return {kind, static_cast<int>(1 + below(64))};
    return {kind, 0};
  }

 private:
  std::mt19937_64 engine_{20261121};
};

}  // namespace

TEST_CASE("every selector is read back as it was written") {
  Random random;
  for (int round = 0; round < kRounds; ++round) {
    const auto selector = random.selector();
    const auto text = format_selector(selector);
    if (parse_selector(text) != selector) FAIL(text);
  }
  SUCCEED();
}

TEST_CASE("every backoff is read back as it was written") {
  Random random;
  for (int round = 0; round < kRounds; ++round) {
    const auto backoff = random.backoff();
    const auto text = format_backoff(backoff);
    if (parse_backoff(text) != backoff) FAIL(text);
  }
  SUCCEED();
}

TEST_CASE("every list of retry rules is read back as it was written") {
  Random random;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<RetryRule> rules;
    for (auto left = 1 + random.below(6); left > 0; --left) rules.push_back(random.rule());
    const auto text = format_retry_on(rules);
    if (parse_retry_on(text) != rules) FAIL(text);
  }
  SUCCEED();
}

TEST_CASE("every pause lies between zero and its ceiling, which never passes the cap") {
  Random random;
  for (int round = 0; round < kRounds; ++round) {
    const auto backoff = random.backoff();
    const auto attempts = static_cast<int>(1 + (random.number() >> 33U));
    const auto fraction = static_cast<double>(random.below(1001)) / 1000;
    const auto longest = ceiling(backoff, attempts);
    const auto pause = pause_before_next(backoff, attempts, fraction);
    const bool bounded = longest >= backoff.base && longest <= backoff.cap;
    const bool within = pause >= Duration::zero() && pause <= longest;
    if (!bounded || !within) FAIL(format_backoff(backoff) << " after " << attempts);
  }
  SUCCEED();
}

}  // namespace muster
