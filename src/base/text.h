// SPDX-License-Identifier: Apache-2.0
#pragma once

// Small text functions that the standard library of C++20 lacks. Pure; safe from any thread.

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

inline void append_piece(std::string& out, std::string_view piece) { out += piece; }
inline void append_piece(std::string& out, char piece) { out += piece; }
template <std::integral Number>
void append_piece(std::string& out, Number number) {
  out += std::to_string(number);
}

/// The pieces (texts, characters, whole numbers) one after the other.
template <typename... Pieces>
std::string concat(const Pieces&... pieces) {
  std::string out;
  (append_piece(out, pieces), ...);
  return out;
}

/// The parts of `text` between `separator`s; one part, perhaps empty, when there is none.
std::vector<std::string_view> split(std::string_view text, char separator);

/// The parts with `separator` between them.
std::string join(std::span<const std::string> parts, std::string_view separator);

/// `text` without white space at either end.
std::string_view trim(std::string_view text);

/// `text` in single quotes for a message, or in double ones when it holds a single one. Control
/// characters are escaped, so that one line stays one and nothing reaches a terminal.
std::string in_quotes(std::string_view text);

/// The non-negative decimal number that `text` spells whole, or nothing.
std::optional<std::uint64_t> parse_number(std::string_view text);

/// The one of `known` that is nearest to `typed` by edits (insert, delete, replace, swap), when it
/// is near enough to be a likely typing error; otherwise nothing.
std::optional<std::string> nearest(std::string_view typed, std::span<const std::string> known);

/// One argument as a POSIX shell would need it typed: unchanged when harmless, else quoted.
std::string shell_quote(std::string_view argument);

/// A whole command line that a POSIX shell would split into exactly `argv`.
std::string shell_quote(std::span<const std::string> argv);

/// Splits `line` into words by the quoting rules of POSIX shells (XCU 2.2), without any expansion.
/// Throws Error(kInvalidArgument) on a quote that is not closed or a trailing backslash.
std::vector<std::string> split_words(std::string_view line);

}  // namespace muster
