// SPDX-License-Identifier: Apache-2.0
#include "cli/mdoc.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <vector>

#include "base/text.h"
#include "cli/wrap.h"

namespace muster::cli {

namespace {

constexpr int kSourceWidth = 78;

std::string_view escape_of(char c, bool is_literal) {
  switch (c) {
    case '\\':
      return "\\e";
    case '~':
      return "\\(ti";
    case '^':
      return "\\(ha";
    case '"':
      return "\\(dq";
    case '-':
      return is_literal ? "\\-" : "";
    case '\'':
      return is_literal ? "\\(aq" : "";
    case '`':
      return "\\(ga";
    default:
      return "";
  }
}

std::string escaped(std::string_view text, bool is_literal) {
  std::string out;
  for (const char c : text) {
    const std::string_view escape = escape_of(c, is_literal);
    if (escape.empty()) {
      out += c;
    } else {
      out += escape;
    }
  }
  return out;
}

std::string bold(std::string_view text) { return concat("\\fB", roff_literal(text), "\\fR"); }

// Whether a flag such as -h or --help, or a lone hyphen, starts at `at`.
bool flag_starts(std::string_view text, std::size_t at) {
  if (text[at] != '-') return false;
  const bool starts_word = at == 0 || text[at - 1] == ' ' || text[at - 1] == '(';
  const std::string_view rest = text.substr(at + 1);
  return starts_word && (rest.empty() || rest[0] == ' ' || rest[0] == '-' ||
                         std::isalpha(static_cast<unsigned char>(rest[0])) != 0);
}

// The length of the flag at the front, without the punctuation behind it.
std::size_t flag_length(std::string_view text) {
  const auto is_part = [](char c) {
    return c == '-' || std::isalnum(static_cast<unsigned char>(c)) != 0;
  };
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_part) - text.begin());
}

std::string prose_escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t close = text[i] == '`' ? text.find('`', i + 1) : std::string_view::npos;
    if (close != std::string_view::npos) {
      out += bold(text.substr(i + 1, close - i - 1));
      i = close + 1;
    } else if (flag_starts(text, i)) {
      const std::size_t length = flag_length(text.substr(i));
      out += bold(text.substr(i, length));
      i += length;
    } else {
      out += escaped(text.substr(i, 1), false);
      ++i;
    }
  }
  return out;
}

bool starts_sentence(std::string_view text) {
  if (text.empty()) return false;
  const auto first = static_cast<unsigned char>(text.front());
  return std::isupper(first) != 0 || std::isdigit(first) != 0 || text.starts_with("\\fB");
}

// mdoc(7) wants each sentence on a line of its own, so that the formatter spaces them.
std::vector<std::string_view> sentences(std::string_view escaped_text) {
  std::vector<std::string_view> found;
  std::size_t begin = 0;
  for (std::size_t i = 0; i + 2 < escaped_text.size(); ++i) {
    const bool ends = escaped_text[i] == '.' && escaped_text[i + 1] == ' ' &&
                      (i == 0 || escaped_text[i - 1] != ' ');
    if (!ends || !starts_sentence(escaped_text.substr(i + 2))) continue;
    found.push_back(escaped_text.substr(begin, i + 1 - begin));
    begin = i + 2;
  }
  found.push_back(escaped_text.substr(begin));
  return found;
}

// "It", "Brq", "D1": short enough, and written the way macros are.
bool looks_like_macro(std::string_view text) {
  if (text.size() < 2 || text.size() > 3) return false;
  const auto second = static_cast<unsigned char>(text[1]);
  return std::isupper(static_cast<unsigned char>(text[0])) != 0 && std::isupper(second) == 0;
}

bool is_delimiter(std::string_view text) {
  return text.size() == 1 &&
         std::string_view("([.,:;)]?!|").find(text[0]) != std::string_view::npos;
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  return out;
}

}  // namespace

std::string roff_literal(std::string_view text) { return escaped(text, true); }

std::string guarded(std::string_view line) {
  const bool is_request = !line.empty() && (line.front() == '.' || line.front() == '\'');
  return is_request ? concat("\\&", line) : std::string(line);
}

std::string macro_argument(std::string_view text) {
  if (text.empty()) return "\"\"";
  const std::string literal = roff_literal(text);
  if (text.find(' ') != std::string_view::npos) return concat('"', literal, '"');
  const bool is_special = looks_like_macro(text) || is_delimiter(text);
  return is_special ? concat("\\&", literal) : literal;
}

MdocPage::MdocPage(const Head& head) {
  macro(".\\\" SPDX-License-Identifier: Apache-2.0");
  macro(concat(".Dd ", head.date));
  macro(concat(".Dt ", upper(head.name), ' ', head.section));
  macro(".Os muster");
  section("NAME");
  macro(concat(".Nm ", head.name));
  macro(concat(".Nd ", prose_escaped(head.about)));
}

void MdocPage::section(std::string_view title) { macro(concat(".Sh ", title)); }

void MdocPage::subsection(std::string_view title) { macro(concat(".Ss ", macro_argument(title))); }

void MdocPage::prose(std::string_view text) {
  text = trim(text);
  if (text.empty()) return;
  const std::string escaped_text = prose_escaped(text);
  for (const std::string_view sentence : sentences(escaped_text)) {
    for (const std::string& line : wrap(sentence, kSourceWidth)) macro(guarded(line));
  }
}

void MdocPage::paragraphs(std::string_view text) {
  bool is_first = true;
  while (!text.empty()) {
    const std::size_t end = text.find("\n\n");
    if (!is_first) paragraph_break();
    is_first = false;
    prose(text.substr(0, end));
    text = end == std::string_view::npos ? "" : text.substr(end + 2);
  }
}

void MdocPage::paragraph_break() { macro(".Pp"); }

void MdocPage::macro(std::string_view line) { text_ += concat(line, '\n'); }

void MdocPage::display(std::string_view line) { macro(concat(".Dl \"", roff_literal(line), '"')); }

void MdocPage::literal_block(std::string_view text) {
  macro(".Bd -literal -offset indent");
  if (text.ends_with('\n')) text.remove_suffix(1);
  for (const std::string_view line : split(text, '\n')) macro(guarded(roff_literal(line)));
  macro(".Ed");
}

void MdocPage::begin_list() { macro(".Bl -tag -width Ds"); }

void MdocPage::begin_compact_list(std::string_view widest_term) {
  macro(concat(".Bl -tag -compact -width ", macro_argument(widest_term)));
}

void MdocPage::item(std::string_view mdoc) { macro(mdoc.empty() ? ".It" : concat(".It ", mdoc)); }

void MdocPage::end_list() { macro(".El"); }

}  // namespace muster::cli
