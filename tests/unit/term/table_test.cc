// SPDX-License-Identifier: Apache-2.0
#include "term/table.h"

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "base/text.h"
#include "term/width.h"

using namespace muster;

namespace {

const Painter kNoColour(false);

Table tasks() {
  Table table({{.title = "ID", .align = Align::kRight},
               {.title = "NAME", .may_shrink = true},
               {.title = "STATE"}});
  table.add_row({{"7"}, {"build"}, {"ready"}});
  table.add_row({{"42"}, {"integration tests"}, {"running"}});
  return table;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (const std::string_view line : split(text, '\n')) lines.emplace_back(line);
  REQUIRE(lines.back().empty());
  lines.pop_back();
  return lines;
}

}  // namespace

TEST_CASE("a table aligns its columns and leaves no trailing spaces") {
  CHECK(tasks().render(kUnlimitedColumns, kNoColour) ==
        "ID  NAME               STATE\n"
        " 7  build              ready\n"
        "42  integration tests  running\n");
}

TEST_CASE("a table that fits exactly is not shortened and one column less shortens it") {
  CHECK(tasks().render(30, kNoColour) == tasks().render(kUnlimitedColumns, kNoColour));
  CHECK(tasks().render(29, kNoColour) ==
        "ID  NAME              STATE\n"
        " 7  build             ready\n"
        "42  integration tes…  running\n");
}

TEST_CASE("the column that may shrink does so down to one column") {
  CHECK(tasks().render(14, kNoColour) ==
        "ID  …  STATE\n"
        " 7  …  ready\n"
        "42  …  running\n");
}

TEST_CASE("what is still too wide is cut at the end of the line") {
  CHECK(tasks().render(10, kNoColour) ==
        "ID  …  ST…\n"
        " 7  …  re…\n"
        "42  …  ru…\n");
}

TEST_CASE("the widest of the columns that may shrink gives way first") {
  Table table({{.title = "A", .may_shrink = true}, {.title = "B", .may_shrink = true}});
  table.add_row({{"1234567890"}, {"abcd"}});
  CHECK(table.render(12, kNoColour) ==
        "A       B\n"
        "12345…  abcd\n");
  CHECK(table.render(8, kNoColour) ==
        "A    B\n"
        "12…  ab…\n");
}

TEST_CASE("a later column gives way first when it is the widest") {
  Table table({{.title = "A", .may_shrink = true}, {.title = "B", .may_shrink = true}});
  table.add_row({{"abcd"}, {"1234567890"}});
  CHECK(table.render(12, kNoColour) ==
        "A     B\n"
        "abcd  12345…\n");
}

TEST_CASE("wide characters and combining marks keep the columns aligned") {
  Table table({{.title = "NAME"}, {.title = "N", .align = Align::kRight}});
  table.add_row({{"日本語"}, {"1"}});
  table.add_row({{"cafe\u0301"}, {"22"}});
  CHECK(table.render(kUnlimitedColumns, kNoColour) ==
        "NAME     N\n"
        "日本語   1\n"
        "cafe\u0301    22\n");
}

TEST_CASE("a shrunken column stays aligned when a wide character does not fill it") {
  Table table({{.title = "NAME", .may_shrink = true}, {.title = "N"}});
  table.add_row({{"日本語日本語"}, {"1"}});
  table.add_row({{"abcdefghijkl"}, {"2"}});
  CHECK(table.render(9, kNoColour) ==
        "NAME    N\n"
        "日本…   1\n"
        "abcde…  2\n");
}

TEST_CASE("nothing is cut when the width is unlimited") {
  Table table({{.title = "NAME", .may_shrink = true}});
  const std::string name(5000, 'x');
  table.add_row({{name}});
  CHECK(table.render(kUnlimitedColumns, kNoColour) == "NAME\n" + name + "\n");
}

TEST_CASE("a cell cannot break its line or reach the terminal") {
  Table table({{.title = "NAME"}});
  table.add_row({{"a\nb\x1b[2J\xff"}});
  CHECK(table.render(kUnlimitedColumns, kNoColour) == "NAME\na\\nb\\x1b[2J\\xff\n");
}

TEST_CASE("empty cells at the end leave no trailing spaces") {
  Table table({{.title = "A"}, {.title = "B"}, {.title = ""}});
  table.add_row({{"1"}, {""}, {""}});
  table.add_row({{""}, {"2 "}, {""}});
  CHECK(table.render(kUnlimitedColumns, kNoColour) == "A  B\n1\n   2\n");
}

TEST_CASE("an empty table renders to nothing, or to its titles when asked") {
  CHECK(Table({{.title = "A"}}).render(80, kNoColour).empty());
  CHECK(Table({{.title = "A"}}, WhenEmpty::kTitles).render(80, kNoColour) == "A\n");
  CHECK(Table({{.title = "A"}}, WhenEmpty::kTitles).render_plain().empty());
  CHECK(Table({}, WhenEmpty::kTitles).render(80, kNoColour).empty());
}

TEST_CASE("colour goes around the text of a cell and never around padding") {
  Table table({{.title = "A", .style = Style::kDim}, {.title = "B"}});
  table.add_row({{"x"}, {"no", Style::kRed}});
  table.add_row({{"yy"}, {""}});
  CHECK(table.render(kUnlimitedColumns, Painter(true)) ==
        "\x1b[1mA\x1b[0m   \x1b[1mB\x1b[0m\n"
        "\x1b[2mx\x1b[0m   \x1b[31mno\x1b[0m\n"
        "\x1b[2myy\x1b[0m\n");
}

TEST_CASE("a line cut in a coloured cell ends its colour") {
  Table table({{.title = "A"}});
  table.add_row({{"abcdef", Style::kRed}});
  CHECK(table.render(3, Painter(true)).ends_with("\x1b[31mab…\x1b[0m\n"));
}

TEST_CASE("the plain form is tab-separated rows without titles, colour or cuts") {
  Table table({{.title = "ID", .align = Align::kRight}, {.title = "NAME", .may_shrink = true}});
  table.add_row({{"7", Style::kRed}, {"tab\there"}});
  table.add_row({{"42"}, {""}});
  CHECK(table.render_plain() == "7\ttab\\there\n42\t\n");
}

TEST_CASE(
    "no rendered line exceeds the width or ends in a space, and columns start at one offset") {
  static const std::vector<std::string> kPieces = {
      "a", "bc", " ", "日", "語", "e\u0301", "🚀", "👨\u200D👩", "\n", "\xff", "\x1b[31m"};
  std::mt19937 random(3);
  const auto below = [&random](int limit) {
    return std::uniform_int_distribution<int>(0, limit - 1)(random);
  };
  for (int round = 0; round < 400; ++round) {
    const int columns = 1 + below(4);
    std::vector<Column> head;
    // Every cell of a column starts with the column's own capital, which no piece holds.
    const auto random_cell = [&](int column, int pieces) {
      std::string text(1, static_cast<char>('A' + column));
      for (int i = 0; i < pieces; ++i) {
        text += kPieces[static_cast<std::size_t>(below(static_cast<int>(kPieces.size())))];
      }
      return text;
    };
    for (int i = 0; i < columns; ++i) {
      head.push_back(
          {.title = std::string(1, static_cast<char>('A' + i)), .may_shrink = below(2) == 0});
    }
    Table table(head);
    for (int row = 0; row < 4; ++row) {
      std::vector<Cell> cells;
      for (int i = 0; i < columns; ++i) cells.push_back({random_cell(i, below(12))});
      table.add_row(std::move(cells));
    }
    const int width = round % 8 == 0 ? kUnlimitedColumns : 1 + below(60);
    const Painter painter(below(2) == 0);
    const std::vector<std::string> lines = lines_of(table.render(width, painter));
    REQUIRE(lines.size() == 5);
    for (const std::string& line : lines) {
      CAPTURE(width, line);
      CHECK(display_width(line) <= width);
      CHECK_FALSE(line.ends_with(' '));
    }
    for (int i = 0; i < columns; ++i) {
      std::vector<int> offsets;
      for (const std::string& line : lines) {
        const std::size_t at = line.find(static_cast<char>('A' + i));
        if (at != std::string::npos) offsets.push_back(display_width(line.substr(0, at)));
      }
      CAPTURE(width, i, offsets);
      CHECK(std::ranges::adjacent_find(offsets, std::not_equal_to<>()) == offsets.end());
      if (width == kUnlimitedColumns) CHECK(offsets.size() == lines.size());
    }
  }
}
