// SPDX-License-Identifier: Apache-2.0
#include "base/decimal.h"

#include <algorithm>

#include "base/text.h"

namespace muster {

namespace {

std::string_view take_digits(std::string_view& text) {
  const auto length = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

// floor((d * unit + floor(x)) / 10) equals floor((d * unit + x) / 10), so rounding down at every
// digit from the last to the first gives the exact product rounded down once.
std::uint64_t share_of(std::string_view fraction, std::uint64_t unit) {
  std::uint64_t share = 0;
  for (auto digit = fraction.rbegin(); digit != fraction.rend(); ++digit) {
    share = (static_cast<std::uint64_t>(*digit - '0') * unit + share) / 10;
  }
  return share;
}

}  // namespace

std::optional<Decimal> take_decimal(std::string_view& text) {
  auto rest = text;
  Decimal decimal;
  decimal.whole = take_digits(rest);
  if (decimal.whole.empty()) return std::nullopt;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    decimal.fraction = take_digits(rest);
    if (decimal.fraction.empty()) return std::nullopt;
  }
  text = rest;
  return decimal;
}

std::optional<std::uint64_t> times(const Decimal& decimal, std::uint64_t unit) {
  const auto whole = parse_number(decimal.whole);
  std::uint64_t product = 0;
  if (!whole || __builtin_mul_overflow(*whole, unit, &product)) return std::nullopt;
  if (__builtin_add_overflow(product, share_of(decimal.fraction, unit), &product)) {
    return std::nullopt;
  }
  return product;
}

}  // namespace muster
