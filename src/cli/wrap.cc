// SPDX-License-Identifier: Apache-2.0
#include "cli/wrap.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "base/text.h"
#include "base/utf8.h"
#include "term/width.h"

namespace muster::cli {

namespace {

constexpr std::string_view kSpaces = " \n";

// The front of `word` that fits into `width`, at least one character.
std::size_t fitting(std::string_view word, int width) {
  std::size_t length = decode_utf8(word).length;
  while (length < word.size()) {
    const std::size_t next = length + decode_utf8(word.substr(length)).length;
    if (display_width(word.substr(0, next)) > width) break;
    length = next;
  }
  return length;
}

std::vector<std::string> fill(const std::vector<std::string_view>& words, int width) {
  std::vector<std::string> lines;
  int used = 0;
  for (std::string_view word : words) {
    if (!lines.empty() && used + 1 + display_width(word) <= width) {
      lines.back() += concat(' ', word);
      used += 1 + display_width(word);
      continue;
    }
    while (display_width(word) > width && fitting(word, width) < word.size()) {
      const std::size_t length = fitting(word, width);
      lines.emplace_back(word.substr(0, length));
      word.remove_prefix(length);
    }
    lines.emplace_back(word);
    used = display_width(word);
  }
  return lines;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t begin = text.find_first_not_of(kSpaces);
    if (begin == std::string_view::npos) return words;
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(kSpaces), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

// The words as they were typed, quotes included.
std::vector<std::string_view> shell_words(std::string_view line) {
  std::vector<std::string_view> words;
  char quote = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= line.size(); ++i) {
    const bool at_end = i == line.size();
    if (at_end || (quote == 0 && line[i] == ' ')) {
      if (i > begin) words.push_back(line.substr(begin, i - begin));
      begin = i + 1;
    } else if (quote != 0) {
      if (line[i] == quote) quote = 0;
    } else if (line[i] == '\'' || line[i] == '"') {
      quote = line[i];
    }
  }
  return words;
}

}  // namespace

std::vector<std::string> wrap(std::string_view text, int width) {
  return fill(words_of(text), width);
}

std::vector<std::string> wrap_pieces(std::span<const std::string> pieces, int width) {
  std::vector<std::string_view> words;
  for (const std::string& piece : pieces) {
    if (display_width(piece) <= width) {
      words.emplace_back(piece);
    } else {
      std::ranges::copy(words_of(piece), std::back_inserter(words));
    }
  }
  return fill(words, width);
}

std::vector<std::string> wrap_command(std::string_view line, int width) {
  constexpr std::string_view kContinued = " \\";
  const auto words = shell_words(line);
  std::vector<std::string> lines = fill(words, width);
  if (lines.size() == 1) return lines;
  lines = fill(words, width - static_cast<int>(kContinued.size()));
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) lines[i] += kContinued;
  return lines;
}

}  // namespace muster::cli
