// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "term/table.h"

namespace muster::cli {

/// A table like Table whose last column is running text: what does not fit goes on in the next line
/// of that column, so nothing is ever cut. For what people read once and in full.
class WrappedTable {
 public:
  /// At least one column.
  explicit WrappedTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// Adds a row. There must be one cell for each column; the text may be untrusted.
  void add_row(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }

  bool empty() const { return rows_.empty(); }

  /// Titles and rows, each line ended by a newline and without trailing spaces; nothing without
  /// rows. A terminal too narrow for the other columns still gives the text 20 columns.
  std::string render(int width, const Painter& painter) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace muster::cli
