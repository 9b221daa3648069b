// SPDX-License-Identifier: Apache-2.0

// Properties over random values: what is written is read back, and a real shell agrees.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>

#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "base/duration.h"
#include "base/text.h"

namespace muster {

namespace {

constexpr int kRounds = 10'000;

class Random {
 public:
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }

  // Every order of magnitude is as likely as any other.
  std::uint64_t number() { return engine_() >> below(64); }

  std::string argument() {
    static const std::vector<std::string> pieces{
        "a", "Z",    "0", " ", "  ",   "\n",   "\t",   "'",  "\"", "\\", "\\\n", "$",
        "`", "$(x)", "*", "~", "=",    "#",    ";",    "&",  "|",  "<",  ">",    "(",
        "{", "!",    "-", "ß", "日本", "\xff", "\x01", "if", "%",  "\r"};
    std::string out;
    for (auto left = below(8); left > 0; --left) out += pieces[below(pieces.size())];
    return out;
  }

  std::vector<std::string> argv() {
    std::vector<std::string> out;
    for (auto left = 1 + below(5); left > 0; --left) out.push_back(argument());
    return out;
  }

 private:
  std::mt19937_64 engine_{20261121};
};

struct ClosePipe {
  void operator()(FILE* pipe) const { pclose(pipe); }
};

std::string output_of(const std::string& shell_command) {
  const std::unique_ptr<FILE, ClosePipe> pipe(popen(shell_command.c_str(), "r"));
  REQUIRE(pipe);
  std::string out;
  for (int c = fgetc(pipe.get()); c != EOF; c = fgetc(pipe.get())) out += static_cast<char>(c);
  return out;
}

}  // namespace

TEST_CASE("every duration is read back as it was written") {
  Random random;
  for (int round = 0; round < kRounds; ++round) {
    const Duration duration(static_cast<Duration::rep>(random.number() >> 1U));
    const auto text = format_duration(duration);
    if (parse_duration(text) != duration) FAIL(text);
  }
  SUCCEED();
}

TEST_CASE("every size is read back as it was written") {
  Random random;
  for (int round = 0; round < kRounds; ++round) {
    const Bytes amount{random.number() << random.below(40)};
    const auto text = format_bytes(amount);
    if (parse_bytes(text) != amount) FAIL(text);
  }
  SUCCEED();
}

TEST_CASE("every elapsed time below a minute has at most three digits") {
  Random random;
  for (int round = 0; round < kRounds; ++round) {
    const Duration elapsed(static_cast<Duration::rep>(random.number() % 60'000'000'000U));
    const auto text = format_elapsed(elapsed);
    const auto digits =
        std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (digits > 3) FAIL(text);
    const auto error = std::abs((parse_duration(text) - elapsed).count());
    if (error > elapsed.count() / 200 + 1) FAIL(text << " for " << elapsed.count() << "ns");
  }
  SUCCEED();
}

TEST_CASE("every quoted command line splits into the arguments it was made of") {
  Random random;
  for (int round = 0; round < kRounds; ++round) {
    const auto argv = random.argv();
    const auto line = shell_quote(argv);
    if (split_words(line) != argv) FAIL(line);
  }
  SUCCEED();
}

TEST_CASE("a real shell splits a quoted command line into the arguments it was made of") {
  Random random;
  for (int round = 0; round < 300; ++round) {
    const auto argv = random.argv();
    std::string expected;
    for (const auto& argument : argv) expected += argument + '\0';
    const auto line = shell_quote(argv);
    if (output_of("printf '%s\\0' " + line) != expected) FAIL(line);
  }
  SUCCEED();
}

TEST_CASE("a real shell takes the first word of a quoted command line for the command") {
  const std::vector<std::string> names{"A=1",     "if", "while", "case", "do",
                                       "_x2=a b", "{",  "!",     "~"};
  for (const auto& name : names) {
    const auto line = shell_quote(std::vector<std::string>{name, "argument"});
    CAPTURE(line);
    // A shell that looks for a command of that name says 127; syntax errors and assignments do not.
    CHECK(output_of("PATH=/nowhere; " + line + " 2>/dev/null; printf %s $?") == "127");
  }
}

TEST_CASE("split_words reads quoting as a real shell does") {
  const std::vector<std::string> pieces{"a",  " ",       "'b c'", "\"d\\\"e\"", "\\ ",  "\\\\",
                                        "''", "\"\\f\"", "\\\n",  "\"\\\n\"",   "'\\'", "\"\\$\""};
  Random random;
  for (int round = 0; round < 300; ++round) {
    std::string line;
    for (auto left = 1 + random.below(10); left > 0; --left) {
      line += pieces[random.below(pieces.size())];
    }
    std::string expected;
    for (const auto& word : split_words(line)) expected += word + '\0';
    const auto script = "set -- x " + line + "\nshift; [ $# = 0 ] || printf '%s\\0' \"$@\"";
    if (output_of(script) != expected) FAIL(line);
  }
  SUCCEED();
}

}  // namespace muster
