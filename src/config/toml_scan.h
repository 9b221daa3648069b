// SPDX-License-Identifier: Apache-2.0
#pragma once

// What must be known of a TOML text before it can be parsed. Pure.

#include <cstddef>
#include <optional>
#include <string_view>

namespace muster {

/// What some editors put in front of UTF-8. Strip it first: the functions here do not expect it.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Where the statement `profile = ...` stands in a config text, as offsets.
struct ProfileStatement {
  std::size_t begin = 0;        ///< the first character of the key
  std::size_t value_begin = 0;  ///< the first character of the value
  std::size_t value_end = 0;    ///< behind the value
  std::size_t end = 0;          ///< behind a comment on the same line, before the line's end
};

/// The first `profile = ...` before the first section, or nothing. Strings, comments and arrays
/// that go over several lines are passed over as a whole.
std::optional<ProfileStatement> find_profile_statement(std::string_view text);

/// The line (from 1) of the first key with more than `most` parts (`a.b.c` has three), or nothing.
std::optional<int> find_deep_key(std::string_view text, int most);

/// The line (from 1) that the offset is on.
int line_of(std::string_view text, std::size_t offset);

}  // namespace muster
