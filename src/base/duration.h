// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace muster {

/// A span of time; counts nanoseconds, so it reaches 292 years.
using Duration = std::chrono::nanoseconds;

/// Reads `90s`, `5m`, `1h30m`, `1.5s`, `250ms`, `2d`; a bare number is seconds. Units: d h m s ms
/// us ns, each at most once and from large to small; the last may have a fraction, rounded down to
/// 1ns. Throws Error(kInvalidArgument).
Duration parse_duration(std::string_view text);

/// The exact spelling in whole units that parse_duration reads back: `1h30m`, `1s500ms`, `0s`.
std::string format_duration(Duration duration);

/// For people: three significant digits at most: `3.2ms`, `1.50s`, `12m34s`.
std::string format_elapsed(Duration duration);

/// Seconds with their fraction, as records carry them.
inline double to_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

/// A moment as RFC 3339 in UTC with milliseconds: `2026-11-21T03:39:26.123Z`.
std::string format_rfc3339(std::chrono::system_clock::time_point moment);

}  // namespace muster
