// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace muster {

/// What stands at the front of a text: one character, or one byte that is not UTF-8.
struct Utf8Unit {
  char32_t value = 0;      ///< the character, or the byte when `valid` is false
  std::size_t length = 1;  ///< in bytes
  bool valid = false;      ///< false for overlong forms, surrogates and values past U+10FFFF too
};

/// Reads the front of `text`, which must not be empty.
Utf8Unit decode_utf8(std::string_view text);

/// `text` with U+FFFD in place of every byte that is not UTF-8.
std::string valid_utf8(std::string_view text);

}  // namespace muster
