// SPDX-License-Identifier: Apache-2.0
#include "term/width.h"

#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "base/utf8.h"

using namespace muster;

namespace {

const std::string kFamily = "👨\u200D👩\u200D👧";  // man, woman and girl joined to one picture
const std::string kEAcute = "e\u0301";             // e and a combining accent

/// A text of `pieces` random pieces: letters, wide and combining characters, emoji, colour, junk.
std::string random_text(std::mt19937& random, int pieces) {
  static const std::vector<std::string> kPieces = {
      "a",     " ",        "Z",  "日",           "本",     "ｱ",        kEAcute,
      kFamily, "👍🏽",     "🇯🇵", "\u0915\u093F", "é",      "\x1b[31m", "\x1b[0m",
      "\xff",  "\xe6\x97", "\n", "\x1b",         "\u200D", "\u0301",   "\u202E"};
  std::uniform_int_distribution<std::size_t> pick(0, kPieces.size() - 1);
  std::string text;
  for (int i = 0; i < pieces; ++i) text += kPieces[pick(random)];
  return text;
}

}  // namespace

TEST_CASE("plain letters take one column each") {
  CHECK(display_width("") == 0);
  CHECK(display_width("muster") == 6);
  CHECK(display_width("Grüße") == 5);
}

TEST_CASE("Japanese, Chinese and Korean characters take two columns") {
  CHECK(display_width("日本語") == 6);
  CHECK(display_width("中文") == 4);
  CHECK(display_width("한국") == 4);
  CHECK(display_width("Ａ") == 2);
  CHECK(display_width("ｱ") == 1);
  CHECK(display_width("\U00020BB7") == 2);
}

TEST_CASE("combining marks, joiners and variation selectors take no column") {
  CHECK(display_width(kEAcute) == 1);
  CHECK(display_width("\u200D\uFE0F\u200B\uFEFF") == 0);
  CHECK(display_width("か\u3099") == 2);
  CHECK(display_width("\u1112\u1161\u11AB") == 2);
}

TEST_CASE("an emoji takes two columns and a joined one the sum of its parts") {
  CHECK(display_width("🚀") == 2);
  CHECK(display_width(kFamily) == 6);
  CHECK(display_width("🇯🇵") == 2);
}

TEST_CASE("the edges of the wide and zero-width ranges are exact") {
  CHECK(display_width("\u10FF") == 1);
  CHECK(display_width("\u1100") == 2);
  CHECK(display_width("\u115F") == 2);
  CHECK(display_width("\u1160") == 0);
  CHECK(display_width("\u02FF") == 1);
  CHECK(display_width("\u0300") == 0);
  CHECK(display_width("\u036F") == 0);
  CHECK(display_width("\u0370") == 1);
  CHECK(display_width("\u00AD") == 1);
}

TEST_CASE("colour sequences and control characters take no column") {
  CHECK(display_width("\x1b[1;31mred\x1b[0m") == 3);
  CHECK(display_width("\x1b[38:5:208mx\x1b[m") == 1);
  CHECK(display_width("a\tb\n\x7f") == 2);
  CHECK(display_width("\u0085") == 0);
}

TEST_CASE("an escape sequence other than colour counts as the text it would leave") {
  CHECK(display_width("\x1b[2J") == 3);
  CHECK(display_width("\x1b[31") == 3);
}

TEST_CASE("a byte that is not UTF-8 takes one column") {
  CHECK(display_width("\xff\xfe") == 2);
  CHECK(display_width("\xe6\x97") == 2);
  CHECK(display_width("a\xc3") == 2);
}

TEST_CASE("UTF-8 is read strictly") {
  CHECK(decode_utf8("日").value == 0x65E5);
  CHECK(decode_utf8("日").length == 3);
  CHECK(decode_utf8("\xF4\x8F\xBF\xBF").value == 0x10FFFF);
  CHECK_FALSE(decode_utf8("\xC0\xAF").valid);          // overlong '/'
  CHECK_FALSE(decode_utf8("\xE0\x80\xAF").valid);      // overlong '/'
  CHECK_FALSE(decode_utf8("\xF0\x8F\xBF\xBF").valid);  // overlong U+FFFF
  CHECK_FALSE(decode_utf8("\xED\xA0\x80").valid);      // a surrogate
  CHECK_FALSE(decode_utf8("\xF4\x90\x80\x80").valid);  // past U+10FFFF
  CHECK_FALSE(decode_utf8("\x80").valid);
  CHECK(decode_utf8("\xE6\x41").length == 1);
}

TEST_CASE("printable text shows control characters instead of obeying them") {
  CHECK(printable("a\nb\tc\r") == "a\\nb\\tc\\r");
  CHECK(printable("\x1b[2J\x1b]0;owned\a") == "\\x1b[2J\\x1b]0;owned\\x07");
  CHECK(printable("\x7f") == "\\x7f");
  CHECK(printable("\u009B31m") == "\\u009b31m");
  CHECK(printable(std::string("a\0b", 3)) == "a\\x00b");
}

TEST_CASE("printable text shows marks that reverse or break the line") {
  CHECK(printable("a\u202Eb") == "a\\u202eb");
  CHECK(printable("\u2066\u2069") == "\\u2066\\u2069");
  CHECK(printable("\u2028") == "\\u2028");
}

TEST_CASE("printable text shows bytes that are not UTF-8") {
  CHECK(printable("\xff") == "\\xff");
  CHECK(printable("日\xe6\x97x") == "日\\xe6\\x97x");
}

TEST_CASE("printable leaves harmless text as it is") {
  const std::string text = "C:\\temp 日本語 " + kFamily + " " + kEAcute;
  CHECK(printable(text) == text);
}

TEST_CASE("printable of any text holds no control character and is stable") {
  std::mt19937 random(1);
  for (int i = 0; i < 500; ++i) {
    const std::string text = printable(random_text(random, 12));
    CAPTURE(text);
    CHECK(text.find_first_of("\x1b\n\xff") == std::string::npos);
    CHECK(printable(text) == text);
  }
}

TEST_CASE("padding fills up to the display width") {
  CHECK(pad_right("ab", 4) == "ab  ");
  CHECK(pad_right("日", 4) == "日  ");
  CHECK(pad_right("abcd", 4) == "abcd");
  CHECK(pad_right("abcde", 4) == "abcde");
  CHECK(pad_right("a", -1) == "a");
}

TEST_CASE("a text that fits exactly is not cut and one column less cuts it") {
  CHECK(cut_to_width("muster", 6) == "muster");
  CHECK(cut_to_width("muster", 5) == "must…");
  CHECK(cut_to_width("日本語", 6) == "日本語");
  CHECK(cut_to_width("日本語", 5) == "日本…");
  CHECK(cut_to_width("muster", kUnlimitedColumns) == "muster");
}

TEST_CASE("a wide character that would cross the edge is left out") {
  CHECK(cut_to_width("日本語", 4) == "日…");
  CHECK(cut_to_width("日本語", 3) == "日…");
  CHECK(cut_to_width("日本語", 2) == "…");
}

TEST_CASE("very narrow widths cut to almost nothing") {
  CHECK(cut_to_width("muster", 2) == "m…");
  CHECK(cut_to_width("muster", 1) == "…");
  CHECK(cut_to_width("muster", 0).empty());
  CHECK(cut_to_width("muster", -3).empty());
}

TEST_CASE("a cut never parts a character from its marks") {
  CHECK(cut_to_width("caf" + kEAcute + "teria", 5) == "caf" + kEAcute + "…");
  CHECK(cut_to_width("a\u0301b\u0301c\u0301", 2) == "a\u0301…");
  CHECK(cut_to_width(kFamily + "xyz", 5) == "…");
  CHECK(cut_to_width(kFamily + "xyz", 7) == kFamily + "…");
  CHECK(cut_to_width("🇯🇵🇩🇪🇫🇷", 5) == "🇯🇵🇩🇪…");
  CHECK(cut_to_width("🇯🇵🇩🇪🇫🇷", 4) == "🇯🇵…");
  CHECK(cut_to_width("👍🏽👍🏽", 4) == "…");
  CHECK(cut_to_width("\u0915\u093F\u0915\u093F", 3) == "\u0915\u093F…");
  CHECK(cut_to_width("\u0915\u093F\u0915\u093F", 2) == "…");
}

TEST_CASE("a cut keeps all colour sequences so that colour ends where it should") {
  CHECK(cut_to_width("\x1b[31mmuster\x1b[0m", 3) == "\x1b[31mmu…\x1b[0m");
}

TEST_CASE("a cut text is never wider than asked and a prefix of the original") {
  std::mt19937 random(2);
  std::uniform_int_distribution<int> widths(0, 20);
  for (int i = 0; i < 2000; ++i) {
    const std::string text = printable(random_text(random, 10));
    const int width = widths(random);
    const std::string cut = cut_to_width(text, width);
    CAPTURE(text, width, cut);
    CHECK(display_width(cut) <= width);
    if (cut == text || cut.empty()) continue;
    REQUIRE(cut.ends_with("…"));
    CHECK(text.starts_with(cut.substr(0, cut.size() - std::string("…").size())));
  }
}
