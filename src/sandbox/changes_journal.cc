// SPDX-License-Identifier: Apache-2.0
#include "sandbox/changes_journal.h"

#include <array>
#include <charconv>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace muster::sandbox {

namespace {

constexpr std::string_view kHead = "muster-apply 1\n";
constexpr std::string_view kEnd = "end\n";
constexpr std::string_view kHexDigits = "0123456789abcdef";

constexpr std::array<std::pair<Move, std::string_view>, 3> kMoves = {
    {{Move::kPut, "put"}, {Move::kReplace, "replace"}, {Move::kRemove, "remove"}}};

bool is_harmless(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
         c == '.' || c == '_' || c == '-';
}

void append_path(std::string& out, std::string_view path) {
  out += "./";
  for (const char c : path) {
    if (is_harmless(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHexDigits[byte >> 4];
      out += kHexDigits[byte & 15];
    }
  }
  out += '\n';
}

Error bad(std::string_view line) {
  return {ErrorCode::kInvalidArgument, concat("not a line of a journal: ", in_quotes(line))};
}

template <typename Number>
Number number_of(std::string_view text, int base, std::string_view line) {
  Number value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) throw bad(line);
  return value;
}

std::string path_of(std::string_view text, std::string_view line) {
  if (!text.starts_with("./")) throw bad(line);
  text.remove_prefix(2);
  std::string path;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      path += text[at];
      continue;
    }
    if (text.size() - at < 3) throw bad(line);
    path += static_cast<char>(number_of<unsigned char>(text.substr(at + 1, 2), 16, line));
    at += 2;
  }
  if (path.empty()) return path;
  for (const std::string_view name : split(path, '/')) {
    if (name.empty() || name == "." || name == "..") throw bad(line);
  }
  return path;
}

std::string mode_text(const std::optional<mode_t>& mode) {
  if (!mode) return "-";
  std::array<char, 16> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), *mode, 8).ptr;
  return {text.data(), end};
}

std::optional<mode_t> mode_of(std::string_view text, std::string_view line) {
  if (text == "-") return std::nullopt;
  const auto mode = number_of<mode_t>(text, 8, line);
  if (mode > 07777) throw bad(line);
  return mode;
}

void read_line(Journal& journal, std::string_view line) {
  const auto words = split(line, ' ');
  if (words[0] == "mode" && words.size() == 4) {
    journal.modes.push_back(
        {path_of(words[3], line), mode_of(words[1], line), mode_of(words[2], line)});
    return;
  }
  for (const auto& [move, name] : kMoves) {
    if (words[0] != name || words.size() != 3) continue;
    Operation operation{move, number_of<std::uint64_t>(words[1], 10, line),
                        path_of(words[2], line)};
    if (operation.path.empty()) throw bad(line);
    journal.operations.push_back(std::move(operation));
    return;
  }
  throw bad(line);
}

}  // namespace

std::string encode(const Journal& journal) {
  std::string out(kHead);
  for (const Operation& operation : journal.operations) {
    out +=
        concat(kMoves[static_cast<std::size_t>(operation.move)].second, ' ', operation.slot, ' ');
    append_path(out, operation.path);
  }
  for (const FolderMode& mode : journal.modes) {
    out += concat("mode ", mode_text(mode.before), ' ', mode_text(mode.after), ' ');
    append_path(out, mode.path);
  }
  out += kEnd;
  return out;
}

Journal decode_journal(std::string_view text) {
  if (!text.starts_with(kHead)) {
    throw Error(ErrorCode::kInvalidArgument, "not a journal that this version of muster can read");
  }
  text.remove_prefix(kHead.size());
  Journal journal;
  while (text != kEnd) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) {
      throw Error(ErrorCode::kInvalidArgument, "a journal without its end");
    }
    read_line(journal, text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return journal;
}

}  // namespace muster::sandbox
