// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

namespace muster {
namespace {

struct Lead {
  std::size_t length;
  char32_t bits;
  char32_t smallest;  // what a shorter form could already spell is overlong
};

Lead lead_of(unsigned char byte) {
  if (byte < 0x80) return {1, byte, 0};
  if (byte >= 0xC2 && byte < 0xE0) return {2, byte & 0x1Fu, 0x80};
  if (byte >= 0xE0 && byte < 0xF0) return {3, byte & 0x0Fu, 0x800};
  if (byte >= 0xF0 && byte < 0xF5) return {4, byte & 0x07u, 0x10000};
  return {0, 0, 0};
}

}  // namespace

Utf8Unit decode_utf8(std::string_view text) {
  const auto byte_at = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const Utf8Unit broken{byte_at(0), 1, false};
  const Lead lead = lead_of(byte_at(0));
  if (lead.length == 0 || lead.length > text.size()) return broken;
  char32_t value = lead.bits;
  for (std::size_t i = 1; i < lead.length; ++i) {
    if ((byte_at(i) & 0xC0u) != 0x80u) return broken;
    value = (value << 6) | (byte_at(i) & 0x3Fu);
  }
  const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < lead.smallest || value > 0x10FFFF || is_surrogate) return broken;
  return {value, lead.length, true};
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Utf8Unit unit = decode_utf8(text);
    out += unit.valid ? text.substr(0, unit.length) : std::string_view("\xEF\xBF\xBD");
    text.remove_prefix(unit.length);
  }
  return out;
}

}  // namespace muster
