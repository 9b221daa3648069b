// SPDX-License-Identifier: Apache-2.0
#pragma once

// A table of text for people, or tab-separated lines for scripts. Filled row by row, rendered any
// number of times; belongs to one thread.

#include <optional>
#include <string>
#include <vector>

#include "term/style.h"

namespace muster {

enum class Align { kLeft, kRight };

/// What is true of every cell below one title.
struct Column {
  std::string title;
  Align align = Align::kLeft;
  Style style = Style::kPlain;
  bool may_shrink = false;  ///< its cells may be cut with '…' when the table is too wide
};

/// One value. The text may be untrusted and of any width; the table makes it printable.
struct Cell {
  std::string text;
  std::optional<Style> style = std::nullopt;  ///< instead of the column's
};

/// What a table without rows renders to.
enum class WhenEmpty { kNothing, kTitles };

class Table {
 public:
  explicit Table(std::vector<Column> columns, WhenEmpty when_empty = WhenEmpty::kNothing);

  /// Adds a row. There must be one cell for each column.
  void add_row(std::vector<Cell> cells);

  bool empty() const { return rows_.empty(); }

  /// Titles and rows, each ended by a newline and without trailing spaces, aligned by display
  /// width. No line is wider than `width`: first the widest columns that may shrink do, down to one
  /// column each; what is then still too wide is cut at the end of the line. With
  /// kUnlimitedColumns nothing is cut.
  std::string render(int width, const Painter& painter) const;

  /// The rows alone, cells separated by tabs, nothing padded, coloured or cut. Tabs and newlines
  /// inside a cell are escaped, so a script can split the lines.
  std::string render_plain() const;

 private:
  std::vector<int> widths_within(int width) const;

  std::vector<Column> columns_;
  WhenEmpty when_empty_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace muster
