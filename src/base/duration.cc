// SPDX-License-Identifier: Apache-2.0
#include "base/duration.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/decimal.h"
#include "base/error.h"
#include "base/text.h"

namespace muster {

namespace {

struct Unit {
  std::string_view name;
  std::uint64_t nanoseconds;
};

constexpr std::uint64_t kMicrosecond = 1'000;
constexpr std::uint64_t kMillisecond = 1'000 * kMicrosecond;
constexpr std::uint64_t kSecond = 1'000 * kMillisecond;
constexpr std::uint64_t kMinute = 60 * kSecond;
constexpr std::uint64_t kHour = 60 * kMinute;
constexpr std::uint64_t kDay = 24 * kHour;
constexpr std::uint64_t kLongest = std::numeric_limits<Duration::rep>::max();

// From large to small: the order that parse_duration demands and format_duration writes.
constexpr std::array<Unit, 7> kUnits{{
    {"d", kDay},
    {"h", kHour},
    {"m", kMinute},
    {"s", kSecond},
    {"ms", kMillisecond},
    {"us", kMicrosecond},
    {"ns", 1},
}};

Error bad_duration(std::string_view text, std::string_view fault) {
  return {ErrorCode::kInvalidArgument, concat(in_quotes(text), " ", fault)};
}

Error not_a_duration(std::string_view text) {
  return bad_duration(text, "is not a duration; expected something like 90s, 5m or 1h30m");
}

std::string_view take_letters(std::string_view& text) {
  const auto end =
      std::find_if(text.begin(), text.end(), [](char c) { return c < 'a' || c > 'z'; });
  const auto letters = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(letters.size());
  return letters;
}

// Adds `amount` units of `unit` to `total`, refusing what a Duration cannot count.
void add(std::uint64_t& total, const Decimal& amount, const Unit& unit, std::string_view text) {
  const auto part = times(amount, unit.nanoseconds);
  if (!part || *part > kLongest - total) {
    throw bad_duration(text, "is too long; the longest duration is 292 years");
  }
  total += *part;
}

// The unit called `name`, which must come behind the first `used` ones of kUnits.
std::size_t unit_index(std::string_view name, std::size_t used, std::string_view text) {
  for (std::size_t index = 0; index < kUnits.size(); ++index) {
    if (kUnits[index].name != name) continue;
    if (index >= used) return index;
    throw bad_duration(text, "has its units out of order; expected each once, as in 1h30m");
  }
  throw not_a_duration(text);
}

std::uint64_t magnitude(Duration duration) {
  const auto count = static_cast<std::uint64_t>(duration.count());
  return duration.count() < 0 ? 0 - count : count;
}

std::string format_whole_units(std::uint64_t nanoseconds) {
  if (nanoseconds == 0) return "0s";
  std::string out;
  for (const Unit& unit : kUnits) {
    const auto count = nanoseconds / unit.nanoseconds;
    if (count > 0) out += concat(count, unit.name);
    nanoseconds %= unit.nanoseconds;
  }
  return out;
}

std::uint64_t round_to_three_digits(std::uint64_t value) {
  std::uint64_t step = 1;
  while (value / step >= 1000) step *= 10;
  return (value + step / 2) / step * step;
}

std::string padded(std::uint64_t number, std::size_t width) {
  auto digits = std::to_string(number);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

// `nanoseconds` has at most three digits other than trailing zeros and is less than a minute.
std::string format_below_a_minute(std::uint64_t nanoseconds) {
  const auto unit = *std::find_if(kUnits.begin() + 3, kUnits.end() - 1, [&](const Unit& candidate) {
    return nanoseconds >= candidate.nanoseconds;
  });
  const auto whole = nanoseconds / unit.nanoseconds;
  if (unit.nanoseconds == 1) return concat(whole, unit.name);
  auto decimals = padded(nanoseconds % unit.nanoseconds * 100 / unit.nanoseconds, 2);
  decimals.resize(whole < 10 ? 2 : whole < 100 ? 1 : 0);
  if (unit.nanoseconds < kSecond) {
    while (decimals.ends_with('0')) decimals.pop_back();
  }
  return concat(whole, decimals.empty() ? "" : ".", decimals, unit.name);
}

std::string format_rounded(std::uint64_t nanoseconds) {
  if (nanoseconds < kMinute) {
    const auto rounded = round_to_three_digits(nanoseconds);
    return rounded < kMinute ? format_below_a_minute(rounded) : format_whole_units(rounded);
  }
  const auto step = nanoseconds < kHour ? kSecond : nanoseconds < kDay ? kMinute : kHour;
  return format_whole_units(nanoseconds / step * step);
}

}  // namespace

Duration parse_duration(std::string_view text) {
  if (text.starts_with('-')) throw bad_duration(text, "is negative; expected zero or more");
  auto rest = text;
  std::uint64_t total = 0;
  std::size_t used = 0;
  do {
    const auto amount = take_decimal(rest);
    if (!amount) throw not_a_duration(text);
    const bool bare = used == 0 && rest.empty();
    const auto index = unit_index(bare ? "s" : take_letters(rest), used, text);
    if (!amount->fraction.empty() && !rest.empty()) {
      throw bad_duration(text, "has a fraction before its last unit; expected as in 1h30.5m");
    }
    add(total, *amount, kUnits[index], text);
    used = index + 1;
  } while (!rest.empty());
  return Duration(static_cast<Duration::rep>(total));
}

std::string format_duration(Duration duration) {
  return concat(duration.count() < 0 ? "-" : "", format_whole_units(magnitude(duration)));
}

std::string format_elapsed(Duration duration) {
  return concat(duration.count() < 0 ? "-" : "", format_rounded(magnitude(duration)));
}

std::string format_rfc3339(std::chrono::system_clock::time_point moment) {
  using std::chrono::days;
  using std::chrono::milliseconds;
  const auto exact = std::chrono::floor<milliseconds>(moment);
  const auto midnight = std::chrono::floor<days>(exact);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss<milliseconds> clock(exact - midnight);
  const auto part = [](auto number, std::size_t width) {
    return padded(static_cast<std::uint64_t>(number), width);
  };
  return concat(part(int{date.year()}, 4), '-', part(unsigned{date.month()}, 2), '-',
                part(unsigned{date.day()}, 2), 'T', part(clock.hours().count(), 2), ':',
                part(clock.minutes().count(), 2), ':', part(clock.seconds().count(), 2), '.',
                part(clock.subseconds().count(), 3), 'Z');
}

}  // namespace muster
