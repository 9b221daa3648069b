// SPDX-License-Identifier: Apache-2.0
#include "domain/retry.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>
#include <variant>

#include "base/error.h"
#include "base/text.h"

namespace muster {

namespace {

using Kind = RetryRule::Kind;

Error bad_value(std::string_view text, std::string_view fault) {
  return {ErrorCode::kInvalidArgument, concat(in_quotes(text), " ", fault)};
}

std::string_view name_of(BackoffKind kind) {
  switch (kind) {
    case BackoffKind::kFixed:
      return "fixed";
    case BackoffKind::kLinear:
      return "linear";
    case BackoffKind::kExponential:
      return "exponential";
  }
  __builtin_unreachable();
}

BackoffKind parse_kind(std::string_view name, std::string_view text) {
  for (const auto kind : {BackoffKind::kFixed, BackoffKind::kLinear, BackoffKind::kExponential}) {
    if (name == name_of(kind)) return kind;
  }
  throw bad_value(text, "is not a backoff; its kind is fixed, linear or exponential");
}

// The cap where none is written.
Duration usual_cap(Duration base) { return std::max(base, Backoff{}.cap); }

constexpr auto kLongest = std::numeric_limits<std::int64_t>::max();

std::int64_t saturating_product(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  const bool overflow = __builtin_mul_overflow(a, b, &product);
  return overflow ? kLongest : product;
}

const std::array<std::string, 5>& rule_words() {
  static const std::array<std::string, 5> all{"exit", "signal", "timeout", "oom", "lost"};
  return all;
}

Error not_a_rule(std::string_view rule) {
  const auto meant = nearest(rule, rule_words());
  if (meant) return bad_value(rule, concat("is nothing to retry on; did you mean ", *meant, "?"));
  return bad_value(rule,
                   "is nothing to retry on; expected exit, exit:CODE, signal, signal:NAME, "
                   "timeout, oom or lost");
}

RetryRule parse_rule(std::string_view rule) {
  if (rule == "exit") return {Kind::kAnyExit, 0};
  if (rule == "signal") return {Kind::kAnySignal, 0};
  if (rule == "timeout") return {Kind::kTimeout, 0};
  if (rule == "oom") return {Kind::kOutOfMemory, 0};
  if (rule == "lost") return {Kind::kLost, 0};
  if (rule.starts_with("exit:")) {
    const auto code = parse_number(rule.substr(5));
    if (code && *code >= 1 && *code <= 255) return {Kind::kExit, static_cast<int>(*code)};
    throw bad_value(rule, "names no failure; expected an exit code from 1 to 255");
  }
  if (rule.starts_with("signal:")) {
    const auto signal = parse_signal(rule.substr(7));
    if (signal) return {Kind::kSignal, *signal};
    throw bad_value(rule, "names no signal; expected as in signal:KILL or signal:9");
  }
  throw not_a_rule(rule);
}

// The shortest word that parse_signal reads back: "KILL", or a number without a name.
std::string short_signal(int signal) {
  const auto name = signal_name(signal);
  return name.starts_with("SIG") ? name.substr(3) : std::to_string(signal);
}

std::string format_rule(const RetryRule& rule) {
  switch (rule.kind) {
    case Kind::kExit:
      return concat("exit:", rule.number);
    case Kind::kAnyExit:
      return "exit";
    case Kind::kSignal:
      return concat("signal:", short_signal(rule.number));
    case Kind::kAnySignal:
      return "signal";
    case Kind::kTimeout:
      return "timeout";
    case Kind::kOutOfMemory:
      return "oom";
    case Kind::kLost:
      return "lost";
  }
  __builtin_unreachable();
}

bool matches(const RetryRule& rule, const Outcome& outcome) {
  switch (rule.kind) {
    case Kind::kExit:
      return outcome == Outcome(Exited{rule.number});
    case Kind::kAnyExit:
      return std::holds_alternative<Exited>(outcome);
    case Kind::kSignal: {
      const auto* signaled = std::get_if<Signaled>(&outcome);
      return signaled != nullptr && signaled->signal == rule.number;
    }
    case Kind::kAnySignal:
      return std::holds_alternative<Signaled>(outcome);
    case Kind::kTimeout:
      return std::holds_alternative<TimedOut>(outcome);
    case Kind::kOutOfMemory:
      return std::holds_alternative<OutOfMemory>(outcome);
    case Kind::kLost:
      return std::holds_alternative<Lost>(outcome);
  }
  __builtin_unreachable();
}

// Whether another attempt could go better at all, whatever the policy says.
struct MayGoBetter {
  bool operator()(const Exited& exited) const { return exited.code != 0; }
  bool operator()(const Signaled&) const { return true; }
  bool operator()(const TimedOut&) const { return true; }
  bool operator()(const OutOfMemory&) const { return true; }
  bool operator()(const Cancelled&) const { return false; }
  bool operator()(const Denied&) const { return false; }
  bool operator()(const NotStarted& start) const {
    return start.step == StartStep::kFork &&
           (start.error_number == EAGAIN || start.error_number == ENOMEM);
  }
  bool operator()(const Lost&) const { return true; }
};

}  // namespace

Backoff parse_backoff(std::string_view text) {
  const auto colon = text.find(':');
  const auto kind = parse_kind(text.substr(0, colon), text);
  if (colon == std::string_view::npos) {
    throw bad_value(text, concat("is not a backoff; expected a pause, as in ", text, ":1s"));
  }
  const auto pauses = text.substr(colon + 1);
  const auto dots = pauses.find("..");
  const auto base = parse_duration(pauses.substr(0, dots));
  if (dots == std::string_view::npos) return {kind, base, usual_cap(base)};
  const auto cap = parse_duration(pauses.substr(dots + 2));
  if (cap < base) throw bad_value(text, "is not a backoff; its cap is below its first pause");
  return {kind, base, cap};
}

std::string format_backoff(const Backoff& backoff) {
  auto out = concat(name_of(backoff.kind), ':', format_duration(backoff.base));
  if (backoff.cap != usual_cap(backoff.base)) out += concat("..", format_duration(backoff.cap));
  return out;
}

Duration ceiling(const Backoff& backoff, int failed_attempts) {
  const auto base = backoff.base.count();
  auto pause = base;
  switch (backoff.kind) {
    case BackoffKind::kFixed:
      break;
    case BackoffKind::kLinear:
      pause = saturating_product(base, std::max(failed_attempts, 1));
      break;
    case BackoffKind::kExponential: {
      const int doublings = std::max(failed_attempts, 1) - 1;
      pause = saturating_product(base, doublings < 63 ? std::int64_t{1} << doublings : kLongest);
      break;
    }
  }
  return std::min(Duration(pause), backoff.cap);
}

Duration pause_before_next(const Backoff& backoff, int failed_attempts, double fraction) {
  const auto longest = ceiling(backoff, failed_attempts);
  if (fraction >= 1) return longest;
  return Duration(static_cast<Duration::rep>(static_cast<double>(longest.count()) * fraction));
}

std::vector<RetryRule> parse_retry_on(std::string_view text) {
  std::vector<RetryRule> rules;
  for (const auto rule : split(text, ',')) rules.push_back(parse_rule(trim(rule)));
  return rules;
}

std::string format_retry_on(const std::vector<RetryRule>& rules) {
  std::vector<std::string> words;
  words.reserve(rules.size());
  for (const RetryRule& rule : rules) words.push_back(format_rule(rule));
  return join(words, ",");
}

bool should_retry(const RetryPolicy& policy, int attempt, const Outcome& outcome) {
  if (attempt >= policy.attempts || !std::visit(MayGoBetter{}, outcome)) return false;
  if (policy.retry_on.empty()) return true;
  return std::any_of(policy.retry_on.begin(), policy.retry_on.end(),
                     [&](const RetryRule& rule) { return matches(rule, outcome); });
}

}  // namespace muster
