// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <cstddef>
#include <optional>

#include "base/decimal.h"
#include "base/error.h"
#include "base/text.h"

namespace muster {

namespace {

// The letter at index n stands for 1024^(n+1).
constexpr std::string_view kLetters = "KMGTP";

constexpr std::uint64_t power_of_1024(std::size_t exponent) {
  return std::uint64_t{1} << (10 * exponent);
}

Error bad_size(std::string_view text, std::string_view fault) {
  return {ErrorCode::kInvalidArgument, concat(in_quotes(text), " ", fault)};
}

Error not_a_size(std::string_view text) {
  return bad_size(text, "is not a size; expected something like 4096, 64K, 512M or 1.5G");
}

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// The n of 1024^n that `suffix`, the end of `text`, stands for.
std::size_t exponent_of(std::string_view suffix, std::string_view text) {
  if (suffix.empty()) return 0;
  const auto letter = kLetters.find(upper(suffix.front()));
  if (letter == std::string_view::npos || suffix.size() > 3) throw not_a_size(text);
  if (suffix.size() == 1) return letter + 1;
  if (suffix.size() == 2 && upper(suffix[1]) == 'B') {
    const auto shorter = text.substr(0, text.size() - 1);
    throw bad_size(
        text, concat("is ambiguous; write ", shorter, " or ", shorter, "iB for powers of 1024"));
  }
  if (suffix.size() == 3 && upper(suffix[1]) == 'I' && upper(suffix[2]) == 'B') return letter + 1;
  throw not_a_size(text);
}

// `count` in tenths of `unit`, rounded.
std::uint64_t tenths(std::uint64_t count, std::uint64_t unit) {
  return count / unit * 10 + (count % unit * 10 + unit / 2) / unit;
}

}  // namespace

Bytes parse_bytes(std::string_view text) {
  auto rest = text;
  const auto amount = take_decimal(rest);
  if (!amount) throw not_a_size(text);
  const auto exponent = exponent_of(rest, text);
  if (exponent == 0 && !amount->fraction.empty()) {
    throw bad_size(text, "has a fraction of a byte; expected a unit, as in 1.5G");
  }
  const auto count = times(*amount, power_of_1024(exponent));
  if (!count) throw bad_size(text, "is too large; the largest size is just below 16384P");
  return {*count};
}

std::string format_bytes(Bytes amount) {
  auto count = amount.count;
  std::size_t exponent = 0;
  while (count != 0 && count % 1024 == 0 && exponent < kLetters.size()) {
    count /= 1024;
    ++exponent;
  }
  return concat(count, exponent == 0 ? "" : kLetters.substr(exponent - 1, 1));
}

std::string format_bytes_rounded(Bytes amount) {
  if (amount.count < 1024) return concat(amount.count, " B");
  // 1023.5 of a unit would round to 1024, which is 1.0 of the next.
  constexpr std::uint64_t kNextUnit = 10235;
  std::size_t exponent = 1;
  while (exponent < kLetters.size() && tenths(amount.count, power_of_1024(exponent)) >= kNextUnit) {
    ++exponent;
  }
  const auto value = tenths(amount.count, power_of_1024(exponent));
  const auto unit = concat(" ", kLetters[exponent - 1], "iB");
  if (value >= 1000) return concat((value + 5) / 10, unit);
  return concat(value / 10, '.', value % 10, unit);
}

}  // namespace muster
