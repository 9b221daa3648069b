// SPDX-License-Identifier: Apache-2.0
#include "cli/wrapped_table.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "cli/wrap.h"
#include "term/width.h"

namespace muster::cli {

namespace {

constexpr int kGap = 2;
constexpr int kLeastTextColumns = 20;

std::string spaces(int count) { return std::string(static_cast<std::size_t>(count), ' '); }

std::string padded(const std::string& text, const Column& column, Style style, int width,
                   const Painter& painter) {
  const std::string space = spaces(std::max(0, width - display_width(text)));
  const std::string painted = painter.paint(style, text);
  return column.align == Align::kRight ? concat(space, painted) : concat(painted, space);
}

void append_line(std::string& out, const std::string& line) {
  out += line.substr(0, line.find_last_not_of(' ') + 1);
  out += '\n';
}

}  // namespace

std::string WrappedTable::render(int width, const Painter& painter) const {
  if (rows_.empty()) return {};
  const std::size_t last = columns_.size() - 1;
  std::vector<int> widths;
  int indent = 0;
  for (std::size_t i = 0; i < last; ++i) {
    widths.push_back(display_width(columns_[i].title));
    for (const auto& row : rows_) {
      widths[i] = std::max(widths[i], display_width(printable(row[i].text)));
    }
    indent += widths[i] + kGap;
  }
  const int text_columns = std::max(kLeastTextColumns, width - indent);

  std::string out;
  const auto front_of = [&](const auto& cell_at) {
    std::string front;
    for (std::size_t i = 0; i < last; ++i) {
      const auto [text, style] = cell_at(i);
      front += concat(padded(text, columns_[i], style, widths[i], painter), spaces(kGap));
    }
    return front;
  };
  const auto title = [&](std::size_t i) { return std::pair(columns_[i].title, Style::kBold); };
  append_line(out, concat(front_of(title), painter.paint(Style::kBold, columns_[last].title)));
  for (const auto& row : rows_) {
    const auto cell = [&](std::size_t i) {
      return std::pair(printable(row[i].text), row[i].style.value_or(columns_[i].style));
    };
    std::string front = front_of(cell);
    std::vector<std::string> lines = wrap(printable(row[last].text), text_columns);
    if (lines.empty()) lines.emplace_back();
    for (const std::string& line : lines) {
      append_line(out, front + painter.paint(row[last].style.value_or(columns_[last].style), line));
      front = spaces(indent);
    }
  }
  return out;
}

}  // namespace muster::cli
