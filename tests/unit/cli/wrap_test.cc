// SPDX-License-Identifier: Apache-2.0
#include "cli/wrap.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "base/text.h"
#include "cli/command.h"
#include "term/width.h"

using namespace muster;
using namespace muster::cli;

using Lines = std::vector<std::string>;

TEST_CASE("words go on the line as long as they fit") {
  CHECK(wrap("one two three", 7) == Lines{"one two", "three"});
  CHECK(wrap("one two three", 6) == Lines{"one", "two", "three"});
  CHECK(wrap("  spaces \n and  lines  ", 80) == Lines{"spaces and lines"});
  CHECK(wrap("", 80).empty());
}

TEST_CASE("a word wider than the line is cut, never inside a character") {
  CHECK(wrap("abcdefgh ij", 3) == Lines{"abc", "def", "gh", "ij"});
  CHECK(wrap("日本語", 4) == Lines{"日本", "語"});
  CHECK(wrap("日本", 1) == Lines{"日", "本"});
}

TEST_CASE("a piece stays on one line unless it is wider than that") {
  const Lines pieces = {"[a b]", "[c d]", "[e f g h]"};
  CHECK(wrap_pieces(pieces, 11) == Lines{"[a b] [c d]", "[e f g h]"});
  CHECK(wrap_pieces(pieces, 6) == Lines{"[a b]", "[c d]", "[e f g", "h]"});
}

TEST_CASE("a command line is broken between words, not inside of quotes") {
  CHECK(wrap_command("muster run -c 'a b | c' x", 18) == Lines{"muster run -c \\", "'a b | c' x"});
  CHECK(wrap_command("ls -l", 80) == Lines{"ls -l"});
}

TEST_CASE("a broken command line still is the same command") {
  for (const Command& command : all_commands()) {
    for (const Example& example : command.examples) {
      for (int width = 50; width <= 80; ++width) {
        std::string joined;
        for (const std::string& line : wrap_command(example.line, width)) {
          CHECK(display_width(line) <= width);
          joined += line + '\n';
        }
        for (auto at = joined.find("\\\n"); at != std::string::npos; at = joined.find("\\\n")) {
          joined.erase(at, 2);
        }
        CHECK(split_words(joined) == split_words(example.line));
      }
    }
  }
}
