// SPDX-License-Identifier: Apache-2.0
#pragma once

// Exact decimals with a unit, as durations and sizes are typed: `1.5h`, `0.25G`. Pure.

#include <cstdint>
#include <optional>
#include <string_view>

namespace muster {

/// A non-negative decimal as it was typed, seen in the text it was taken from.
struct Decimal {
  std::string_view whole;     ///< digits, one or more
  std::string_view fraction;  ///< the digits behind the point; empty when there is no point
};

/// Takes the decimal that `text` begins with off its front. Nothing is taken where `text` does not
/// begin with a digit or a point has no digit behind it.
std::optional<Decimal> take_decimal(std::string_view& text);

/// `decimal` times `unit` (at most 10^18), rounded down; nothing when 64 bits cannot hold it.
std::optional<std::uint64_t> times(const Decimal& decimal, std::uint64_t unit);

}  // namespace muster
