// SPDX-License-Identifier: Apache-2.0
#include "term/width.h"

#include <cstddef>
#include <cstdio>

#include "base/utf8.h"
#include "term/width_table.h"

namespace muster {
namespace {

constexpr std::string_view kEllipsis = "…";
constexpr char32_t kZeroWidthJoiner = 0x200D;

bool is_control(char32_t character) {
  return character < 0x20 || (character >= 0x7F && character < 0xA0);
}

/// Would let a text break its line, or show later text in another order than it has.
bool rearranges_text(char32_t character) {
  return (character >= 0x2028 && character <= 0x202E) ||
         (character >= 0x2066 && character <= 0x2069);
}

bool is_skin_tone(char32_t character) { return character >= 0x1F3FB && character <= 0x1F3FF; }

bool is_regional_indicator(char32_t character) {
  return character >= 0x1F1E6 && character <= 0x1F1FF;
}

int width_of(const Utf8Unit& unit) {
  if (!unit.valid) return 1;
  if (unit.value < 0x7F) return unit.value < 0x20 ? 0 : 1;
  if (is_control(unit.value) || is_zero_width(unit.value)) return 0;
  return is_wide(unit.value) ? 2 : 1;
}

/// The length of the colour sequence at the front of `text`; 0 when none stands there.
std::size_t colour_sequence_length(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const std::size_t end = text.find_first_not_of("0123456789;:", 2);
  return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

/// What a cut must keep together, and its width.
struct Cluster {
  std::size_t length = 0;
  int width = 0;
};

Cluster first_cluster(std::string_view text) {
  const Utf8Unit base = decode_utf8(text);
  Cluster cluster{base.length, width_of(base)};
  if (!base.valid || is_control(base.value)) return cluster;
  bool flag_is_open = is_regional_indicator(base.value);
  char32_t previous = base.value;
  while (cluster.length < text.size()) {
    const Utf8Unit next = decode_utf8(text.substr(cluster.length));
    if (!next.valid || is_control(next.value)) break;
    const bool ends_flag = flag_is_open && is_regional_indicator(next.value);
    const bool joins = is_zero_width(next.value) || is_spacing_mark(next.value) ||
                       is_skin_tone(next.value) || previous == kZeroWidthJoiner || ends_flag;
    if (!joins) break;
    cluster.length += next.length;
    cluster.width += width_of(next);
    flag_is_open = false;
    previous = next.value;
  }
  return cluster;
}

std::string escaped(const Utf8Unit& unit) {
  if (unit.valid && unit.value == '\n') return "\\n";
  if (unit.valid && unit.value == '\r') return "\\r";
  if (unit.valid && unit.value == '\t') return "\\t";
  const bool is_byte = !unit.valid || unit.value < 0x80;
  char text[16];
  std::snprintf(text, sizeof text, is_byte ? "\\x%02x" : "\\u%04x",
                static_cast<unsigned>(unit.value));
  return text;
}

}  // namespace

int display_width(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    if (const std::size_t length = colour_sequence_length(text)) {
      text.remove_prefix(length);
      continue;
    }
    const Utf8Unit unit = decode_utf8(text);
    width += width_of(unit);
    text.remove_prefix(unit.length);
  }
  return width;
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Utf8Unit unit = decode_utf8(text);
    if (!unit.valid || is_control(unit.value) || rearranges_text(unit.value)) {
      out += escaped(unit);
    } else {
      out += text.substr(0, unit.length);
    }
    text.remove_prefix(unit.length);
  }
  return out;
}

std::string pad_right(std::string_view text, int columns) {
  std::string out(text);
  const int missing = columns - display_width(text);
  if (missing > 0) out.append(static_cast<std::size_t>(missing), ' ');
  return out;
}

std::string cut_to_width(std::string_view text, int columns) {
  if (columns <= 0) return {};
  if (display_width(text) <= columns) return std::string(text);
  std::string out;
  int room = columns - 1;
  bool is_full = false;
  while (!text.empty()) {
    std::size_t length = colour_sequence_length(text);
    if (length > 0) {
      out += text.substr(0, length);
    } else {
      const Cluster cluster = first_cluster(text);
      length = cluster.length;
      if (!is_full && cluster.width <= room) {
        out += text.substr(0, length);
        room -= cluster.width;
      } else if (!is_full) {
        out += kEllipsis;
        is_full = true;
      }
    }
    text.remove_prefix(length);
  }
  return out;
}

}  // namespace muster
