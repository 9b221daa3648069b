// SPDX-License-Identifier: Apache-2.0
#include "config/toml_scan.h"

#include <algorithm>
#include <array>
#include <string>

namespace muster {
namespace {

std::size_t line_end(std::string_view text, std::size_t at) {
  return std::min(text.find('\n', at), text.size());
}

// Three quotes open a text that only three more close; up to two right behind belong to it.
std::size_t skip_long_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string_view fence = text.substr(at, 3);
  at += 3;
  while (at < text.size() && text.substr(at, 3) != fence) {
    at += quote == '"' && text[at] == '\\' ? 2 : 1;
  }
  at = std::min(at + 3, text.size());
  for (int extra = 0; extra < 2 && at < text.size() && text[at] == quote; ++extra) ++at;
  return at;
}

// Behind the string that begins at `at`; at the line's end when it is not closed.
std::size_t skip_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  if (text.substr(at, 3) == std::string(3, quote)) return skip_long_string(text, at);
  ++at;
  while (at < text.size() && text[at] != quote && text[at] != '\n') {
    const bool escape = quote == '"' && text[at] == '\\' && text.substr(at + 1, 1) != "\n";
    at += escape ? 2 : 1;
  }
  at = std::min(at, text.size());
  return at < text.size() && text[at] == quote ? at + 1 : at;
}

// Behind the string, comment or single character at `at`.
std::size_t skip_piece(std::string_view text, std::size_t at) {
  if (text[at] == '#') return line_end(text, at);
  if (text[at] == '"' || text[at] == '\'') return skip_string(text, at);
  return at + 1;
}

// The statement that begins at `begin`: up to the end of its line, or of the line on which the
// arrays and strings opened in it are closed.
ProfileStatement walk_statement(std::string_view text, std::size_t begin) {
  ProfileStatement statement{.begin = begin, .value_end = begin};
  int open = 0;
  std::size_t at = begin;
  while (at < text.size() && !(text[at] == '\n' && open <= 0)) {
    const char c = text[at];
    if (c == '[' || c == '{') ++open;
    if (c == ']' || c == '}') --open;
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '#';
    at = skip_piece(text, at);
    if (!blank) statement.value_end = at;
  }
  statement.end = at > begin && text[at - 1] == '\r' ? at - 1 : at;
  return statement;
}

// Where the value begins when the statement at `begin` sets `profile`; nothing for other keys.
std::optional<std::size_t> profile_value(std::string_view text, std::size_t begin) {
  constexpr std::array<std::string_view, 3> kSpellings{"profile", "\"profile\"", "'profile'"};
  const auto rest = text.substr(begin);
  for (const std::string_view spelling : kSpellings) {
    if (!rest.starts_with(spelling)) continue;
    const auto equals = rest.find_first_not_of(" \t", spelling.size());
    if (equals == std::string_view::npos || rest[equals] != '=') continue;
    return begin + std::min(rest.find_first_not_of(" \t", equals + 1), rest.size());
  }
  return std::nullopt;
}

}  // namespace

std::optional<ProfileStatement> find_profile_statement(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == '[') return std::nullopt;
    if (text[at] == '#') {
      at = line_end(text, at);
    } else if (std::string_view(" \t\r\n").find(text[at]) != std::string_view::npos) {
      ++at;
    } else {
      ProfileStatement statement = walk_statement(text, at);
      const auto value = profile_value(text, at);
      if (value && *value <= statement.value_end) {
        statement.value_begin = *value;
        return statement;
      }
      at = statement.end;
    }
  }
  return std::nullopt;
}

std::optional<int> find_deep_key(std::string_view text, int most) {
  constexpr std::string_view kEndsKey = "=\n[]{},";
  int parts = 1;
  for (std::size_t at = 0; at < text.size(); at = skip_piece(text, at)) {
    if (kEndsKey.find(text[at]) != std::string_view::npos) parts = 1;
    if (text[at] == '.' && ++parts > most) return line_of(text, at);
  }
  return std::nullopt;
}

int line_of(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  return 1 + static_cast<int>(std::ranges::count(before, '\n'));
}

}  // namespace muster
