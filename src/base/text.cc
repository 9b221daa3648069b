// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>

#include "base/error.h"

namespace muster {

namespace {

constexpr std::string_view kBlanks = " \t\n\v\f\r";

bool is_control(char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\r':
      out += "\\r";
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  out += concat("\\x", kHex[byte >> 4U], kHex[byte & 15U]);
}

// The edits from `a` to `b`, where swapping two neighbours counts as one and no part is edited
// twice (the optimal string alignment distance).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, above);
    std::swap(above, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::size_t difference(std::size_t a, std::size_t b) { return a > b ? a - b : b - a; }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_harmless(char c) {
  return is_letter(c) || is_digit(c) || std::string_view("_@%+=:,./-").find(c) != std::string::npos;
}

std::string in_single_quotes(std::string_view argument) {
  std::string out = "'";
  for (const char c : argument) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  out += '\'';
  return out;
}

// Whether a shell takes an unquoted `word` in the place of the command for an assignment (XCU
// 2.9.1) or a reserved word (XCU 2.4, with the ones that shells add).
bool is_shell_syntax(std::string_view word) {
  constexpr std::string_view kReserved[] = {
      "case",     "coproc", "do", "done",   "elif", "else", "esac",  "fi",    "for",
      "function", "if",     "in", "select", "then", "time", "until", "while",
  };
  if (std::find(std::begin(kReserved), std::end(kReserved), word) != std::end(kReserved))
    return true;
  return word.find('=') != std::string_view::npos;
}

// Reads one word after the other; stands on the next unread character.
class WordReader {
 public:
  explicit WordReader(std::string_view line) : line_(line) {}

  std::vector<std::string> read_all() {
    while (at_ < line_.size()) {
      const char c = line_[at_++];
      switch (c) {
        case ' ':
        case '\t':
        case '\n':
          finish_word();
          break;
        case '\\':
          read_escaped();
          break;
        case '\'':
          read_single_quoted();
          break;
        case '"':
          read_double_quoted();
          break;
        default:
          append(c);
      }
    }
    finish_word();
    return std::move(words_);
  }

 private:
  void append(char c) {
    word_ += c;
    in_word_ = true;
  }

  void finish_word() {
    if (in_word_) words_.push_back(std::move(word_));
    word_.clear();
    in_word_ = false;
  }

  // A backslash before a new line joins the lines and adds nothing (XCU 2.2.1).
  void read_escaped() {
    if (at_ == line_.size()) {
      throw Error(ErrorCode::kInvalidArgument,
                  concat(in_quotes(line_), " ends in a lone backslash"));
    }
    const char c = line_[at_++];
    if (c != '\n') append(c);
  }

  void read_single_quoted() {
    const auto end = line_.find('\'', at_);
    if (end == std::string_view::npos) throw not_closed("single");
    word_ += line_.substr(at_, end - at_);
    in_word_ = true;
    at_ = end + 1;
  }

  void read_double_quoted() {
    in_word_ = true;
    while (at_ < line_.size()) {
      const char c = line_[at_++];
      if (c == '"') return;
      // Before any other character the backslash stands for itself (XCU 2.2.3).
      const bool escapes = c == '\\' && at_ < line_.size() &&
                           std::string_view("$`\"\\\n").find(line_[at_]) != std::string_view::npos;
      if (escapes) {
        read_escaped();
      } else {
        word_ += c;
      }
    }
    throw not_closed("double");
  }

  Error not_closed(std::string_view kind) const {
    return {ErrorCode::kInvalidArgument,
            concat(in_quotes(line_), " has a ", kind, " quote that is not closed")};
  }

  std::string_view line_;
  std::size_t at_ = 0;
  std::vector<std::string> words_;
  std::string word_;
  bool in_word_ = false;  // tells an empty quoted word from no word
};

}  // namespace

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  std::string out;
  for (std::size_t index = 0; index < parts.size(); ++index) {
    if (index > 0) out += separator;
    out += parts[index];
  }
  return out;
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string in_quotes(std::string_view text) {
  const char quote = text.find('\'') == std::string_view::npos ? '\'' : '"';
  std::string out(1, quote);
  for (const char c : text) {
    if (is_control(c)) {
      append_escaped(out, c);
    } else {
      if (c == quote) out += '\\';
      out += c;
    }
  }
  out += quote;
  return out;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, number);
  if (fault != std::errc() || stop != end) return std::nullopt;
  return number;
}

std::optional<std::string> nearest(std::string_view typed, std::span<const std::string> known) {
  std::optional<std::string> best;
  std::size_t best_distance = typed.size();  // something of what was typed must remain
  for (const std::string& candidate : known) {
    const auto longer = std::max(typed.size(), candidate.size());
    const auto limit = std::max<std::size_t>(1, longer / 3);
    if (difference(typed.size(), candidate.size()) > limit) continue;
    const auto distance = edit_distance(typed, candidate);
    if (distance > limit || distance >= best_distance) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

std::string shell_quote(std::string_view argument) {
  const bool harmless =
      !argument.empty() && std::all_of(argument.begin(), argument.end(), is_harmless);
  return harmless ? std::string(argument) : in_single_quotes(argument);
}

std::string shell_quote(std::span<const std::string> argv) {
  std::string out;
  for (const std::string& argument : argv) {
    const bool is_command = out.empty();
    if (!is_command) out += ' ';
    out += is_command && is_shell_syntax(argument) ? in_single_quotes(argument)
                                                   : shell_quote(argument);
  }
  return out;
}

std::vector<std::string> split_words(std::string_view line) { return WordReader(line).read_all(); }

}  // namespace muster
