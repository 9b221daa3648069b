// SPDX-License-Identifier: Apache-2.0
#include "term/table.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <numeric>
#include <string_view>
#include <utility>

#include "term/width.h"

namespace muster {
namespace {

constexpr int kGap = 2;

std::string_view without_trailing_spaces(std::string_view text) {
  const std::size_t last = text.find_last_not_of(' ');
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

/// Builds one line; holds padding back until something follows it.
class LineBuilder {
 public:
  explicit LineBuilder(const Painter& painter) : painter_(painter) {}

  void add(std::string_view cell, const Column& column, Style style, int width) {
    const std::string text = cut_to_width(without_trailing_spaces(cell), width);
    const int padding = width - display_width(text);
    if (column.align == Align::kRight) pending_ += padding;
    if (!text.empty()) {
      line_.append(static_cast<std::size_t>(pending_), ' ');
      line_ += painter_.paint(style, text);
      pending_ = 0;
    }
    if (column.align == Align::kLeft) pending_ += padding;
    pending_ += kGap;
  }

  std::string finish(int width) const { return cut_to_width(line_, width) + '\n'; }

 private:
  const Painter& painter_;
  std::string line_;
  int pending_ = 0;
};

}  // namespace

Table::Table(std::vector<Column> columns, WhenEmpty when_empty)
    : columns_(std::move(columns)), when_empty_(when_empty) {}

void Table::add_row(std::vector<Cell> cells) {
  assert(cells.size() == columns_.size());
  for (Cell& cell : cells) cell.text = printable(cell.text);
  rows_.push_back(std::move(cells));
}

std::vector<int> Table::widths_within(int width) const {
  std::vector<int> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    int widest = display_width(columns_[i].title);
    for (const auto& row : rows_) {
      widest = std::max(widest, display_width(without_trailing_spaces(row[i].text)));
    }
    widths.push_back(columns_[i].may_shrink ? std::min(widest, std::max(width, 1)) : widest);
  }
  const int gaps = kGap * (static_cast<int>(columns_.size()) - 1);
  int excess = std::accumulate(widths.begin(), widths.end(), gaps) - width;
  for (; excess > 0; --excess) {
    int* widest = nullptr;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (!columns_[i].may_shrink || widths[i] <= 1) continue;
      if (widest == nullptr || widths[i] > *widest) widest = &widths[i];
    }
    if (widest == nullptr) break;
    --*widest;
  }
  return widths;
}

std::string Table::render(int width, const Painter& painter) const {
  if (columns_.empty() || (rows_.empty() && when_empty_ == WhenEmpty::kNothing)) return {};
  const std::vector<int> widths = widths_within(width);
  LineBuilder titles(painter);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    titles.add(columns_[i].title, columns_[i], Style::kBold, widths[i]);
  }
  std::string out = titles.finish(width);
  for (const auto& row : rows_) {
    LineBuilder line(painter);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      line.add(row[i].text, columns_[i], row[i].style.value_or(columns_[i].style), widths[i]);
    }
    out += line.finish(width);
  }
  return out;
}

std::string Table::render_plain() const {
  std::string out;
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) out += '\t';
      out += row[i].text;
    }
    out += '\n';
  }
  return out;
}

}  // namespace muster
