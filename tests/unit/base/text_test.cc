// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <catch2/catch.hpp>

#include "base/error.h"

namespace muster {

namespace {

using Texts = std::vector<std::string>;

const Texts kWords{"run", "status", "timeout", "config", "completions"};

}  // namespace

TEST_CASE("concat writes texts, characters and whole numbers") {
  CHECK(concat("a", 'b', std::string("c"), 12, -3) == "abc12-3");
  CHECK(concat().empty());
}

TEST_CASE("split keeps empty parts and always gives one") {
  CHECK(split("a,b,c", ',') == std::vector<std::string_view>{"a", "b", "c"});
  CHECK(split(",a,", ',') == std::vector<std::string_view>{"", "a", ""});
  CHECK(split("", ',') == std::vector<std::string_view>{""});
}

TEST_CASE("join puts the separator between parts only") {
  CHECK(join(Texts{"a", "b", "c"}, ", ") == "a, b, c");
  CHECK(join(Texts{"a"}, ", ") == "a");
  CHECK(join(Texts{}, ", ").empty());
}

TEST_CASE("trim takes white space off both ends only") {
  CHECK(trim(" \t a b \n") == "a b");
  CHECK(trim("ab") == "ab");
  CHECK(trim(" \n ").empty());
  CHECK(trim("").empty());
}

TEST_CASE("quoted takes the quote that the text does not hold") {
  CHECK(in_quotes("5x") == "'5x'");
  CHECK(in_quotes("") == "''");
  CHECK(in_quotes("it's") == "\"it's\"");
  CHECK(in_quotes("'\"") == "\"'\\\"\"");
}

TEST_CASE("quoted lets no control character through") {
  CHECK(in_quotes("a\nb\tc\rd") == "'a\\nb\\tc\\rd'");
  CHECK(in_quotes("\x1b[31m\x7f") == "'\\x1b[31m\\x7f'");
  CHECK(in_quotes("größe") == "'größe'");
}

TEST_CASE("parse_number reads whole non-negative decimals and nothing else") {
  CHECK(parse_number("0") == 0U);
  CHECK(parse_number("007") == 7U);
  CHECK(parse_number("18446744073709551615") == 18446744073709551615U);
  for (const auto* text : {"", "-1", "+1", " 1", "1 ", "1.0", "0x10", "18446744073709551616"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_number(text));
  }
}

TEST_CASE("nearest finds the word behind a typing error") {
  CHECK(nearest("tiemout", kWords) == "timeout");
  CHECK(nearest("rnu", kWords) == "run");
  CHECK(nearest("statsu", kWords) == "status");
  CHECK(nearest("stat", kWords) == "status");
  CHECK(nearest("cnfig", kWords) == "config");
  CHECK(nearest("confiig", kWords) == "config");
  CHECK(nearest("donfig", kWords) == "config");
  CHECK(nearest("run", kWords) == "run");
}

TEST_CASE("nearest finds nothing for a word that is like none") {
  CHECK_FALSE(nearest("xyz", kWords));
  CHECK_FALSE(nearest("", kWords));
  CHECK_FALSE(nearest("u", kWords));
  CHECK_FALSE(nearest("t", Texts{"m"}));
  CHECK_FALSE(nearest("timeout", Texts{}));
}

TEST_CASE("nearest prefers fewer edits, then the earlier word") {
  CHECK(nearest("abcdef", Texts{"abcxyf", "abcdxf"}) == "abcdxf");
  CHECK(nearest("cat", Texts{"bat", "hat"}) == "bat");
  CHECK(nearest("cat", Texts{"hat", "bat"}) == "hat");
}

TEST_CASE("shell_quote leaves harmless arguments as they are") {
  for (const auto* text : {"make", "-j2", "--env=A", "a/b.c", "user@host:1", "50%", "a,b", "-"}) {
    CHECK(shell_quote(text) == text);
  }
}

TEST_CASE("shell_quote quotes what a shell would read") {
  CHECK(shell_quote("") == "''");
  CHECK(shell_quote("a b") == "'a b'");
  CHECK(shell_quote("it's") == "'it'\\''s'");
  CHECK(shell_quote("$HOME") == "'$HOME'");
  CHECK(shell_quote("~") == "'~'");
  CHECK(shell_quote("a\nb") == "'a\nb'");
}

TEST_CASE("a command line is quoted word by word") {
  CHECK(shell_quote(Texts{"echo", "a b", "", "c"}) == "echo 'a b' '' c");
  CHECK(shell_quote(Texts{}).empty());
}

TEST_CASE("a command named like an assignment or a reserved word is quoted in first place only") {
  CHECK(shell_quote(Texts{"A=1", "B=2"}) == "'A=1' B=2");
  CHECK(shell_quote(Texts{"if", "if"}) == "'if' if");
}

TEST_CASE("split_words follows the quoting rules of POSIX shells") {
  CHECK(split_words("a  b\tc\nd") == Texts{"a", "b", "c", "d"});
  CHECK(split_words("  ").empty());
  CHECK(split_words("").empty());
  CHECK(split_words("'a b'c\"d e\"") == Texts{"a bcd e"});
  CHECK(split_words("'' \"\"") == Texts{"", ""});
  CHECK(split_words(R"(a\ b \' \\)") == Texts{"a b", "'", "\\"});
  CHECK(split_words(R"('a\b')") == Texts{R"(a\b)"});
}

TEST_CASE("in double quotes a backslash escapes only what is special there") {
  CHECK(split_words(R"("\$ \` \" \\")") == Texts{R"($ ` " \)"});
  CHECK(split_words(R"("\a\'")") == Texts{R"(\a\')"});
}

TEST_CASE("a backslash before a new line joins the lines") {
  CHECK(split_words("a\\\nb") == Texts{"ab"});
  CHECK(split_words("\"a\\\nb\"") == Texts{"ab"});
  CHECK(split_words("a \\\n b") == Texts{"a", "b"});
}

TEST_CASE("split_words expands nothing") {
  CHECK(split_words("$HOME * ~ `x` a;b|c >d #e") ==
        Texts{"$HOME", "*", "~", "`x`", "a;b|c", ">d", "#e"});
}

TEST_CASE("split_words refuses what is not closed") {
  CHECK_THROWS_WITH(split_words("a 'b"), "\"a 'b\" has a single quote that is not closed");
  CHECK_THROWS_WITH(split_words("a \"b"), "'a \"b' has a double quote that is not closed");
  CHECK_THROWS_WITH(split_words("\"a\\"), "'\"a\\' has a double quote that is not closed");
  CHECK_THROWS_WITH(split_words("a\\"), "'a\\' ends in a lone backslash");
  CHECK_THROWS_AS(split_words("'"), Error);
}

}  // namespace muster
