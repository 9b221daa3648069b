// SPDX-License-Identifier: Apache-2.0
#include "term/progress.h"

#include <unistd.h>

#include <chrono>
#include <limits>
#include <stdexcept>
#include <string>

#include <catch2/catch.hpp>

#include "base/unique_fd.h"

using namespace muster;
using namespace std::chrono_literals;

namespace {

TerminalFacts terminal(int columns) {
  TerminalFacts facts;
  facts.is_terminal = true;
  facts.can_overprint = true;
  facts.columns = columns;
  return facts;
}

WriteText into(std::string& out) {
  return [&out](std::string_view text) { out += text; };
}

}  // namespace

TEST_CASE("on a terminal the status line is overprinted and cleared at the end") {
  std::string out;
  {
    StatusLine line(into(out), terminal(80));
    line.show("| building", "building");
    line.show("/ building", "building");
    CHECK(out == "\r| building\x1b[K\r/ building\x1b[K");
    out.clear();
  }
  CHECK(out == "\r\x1b[K");
}

TEST_CASE("a status line leaves the last column free") {
  std::string out;
  StatusLine line(into(out), terminal(10));
  line.show("123456789", "a");
  CHECK(out == "\r123456789\x1b[K");
  out.clear();
  line.show("1234567890", "a");
  CHECK(out == "\r12345678…\x1b[K");
}

TEST_CASE("a status line on a terminal of one column shows nothing") {
  std::string out;
  {
    StatusLine line(into(out), terminal(1));
    line.show("building", "building");
  }
  CHECK(out.empty());
}

TEST_CASE("the same text is not written twice") {
  std::string out;
  StatusLine line(into(out), terminal(80));
  line.show("building", "a");
  out.clear();
  line.show("building", "b");
  CHECK(out.empty());
}

TEST_CASE("clearing a status line twice writes once, and it can be shown again") {
  std::string out;
  StatusLine line(into(out), terminal(80));
  line.clear();
  CHECK(out.empty());
  line.show("building", "a");
  out.clear();
  line.clear();
  line.clear();
  CHECK(out == "\r\x1b[K");
  out.clear();
  line.show("building", "a");
  CHECK(out == "\rbuilding\x1b[K");
}

TEST_CASE("off a terminal a plain line is printed once per state") {
  std::string out;
  {
    StatusLine line(into(out), TerminalFacts{});
    line.show("queued 1s", "queued");
    line.show("queued 2s", "queued");
    line.show("running 0s", "running");
    line.clear();
    line.show("running 1s", "running");
  }
  CHECK(out == "queued 1s\nrunning 0s\n");
}

TEST_CASE("in CI and on a dumb terminal plain lines are printed though there is a terminal") {
  TerminalFacts in_ci = terminal(10);
  in_ci.in_ci = true;
  TerminalFacts dumb = terminal(10);
  dumb.can_overprint = false;
  for (const TerminalFacts& facts : {in_ci, dumb}) {
    std::string out;
    StatusLine line(into(out), facts);
    line.show("longer than the terminal", "a");
    CHECK(out == "longer than the terminal\n");
  }
}

TEST_CASE("the end of a status line survives a stream that fails") {
  bool fails = false;
  int writes = 0;
  const WriteText write = [&](std::string_view) {
    ++writes;
    if (fails) throw std::runtime_error("gone");
  };
  {
    StatusLine line(write, terminal(80));
    line.show("building", "a");
    fails = true;
  }
  CHECK(writes == 2);
}

TEST_CASE("text reaches a descriptor whole, and a bad descriptor is borne") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const UniqueFd reader(ends[0]);
  const UniqueFd writer(ends[1]);
  write_to(writer.get())("hello");
  char read_back[16];
  CHECK(read(reader.get(), read_back, sizeof read_back) == 5);
  CHECK(std::string(read_back, 5) == "hello");
  CHECK_NOTHROW(write_to(-1)("hello"));
}

TEST_CASE("the spinner turns, in ASCII where the locale is not UTF-8") {
  CHECK(spinner_frame(0, false) == "|");
  CHECK(spinner_frame(1, false) == "/");
  CHECK(spinner_frame(4, false) == "|");
  CHECK(spinner_frame(0, true) == "⠋");
  CHECK(spinner_frame(0, true) == spinner_frame(10, true));
  for (std::size_t tick = 0; tick < 12; ++tick) {
    CHECK(display_width(spinner_frame(tick, true)) == 1);
    CHECK(display_width(spinner_frame(tick, false)) == 1);
  }
}

TEST_CASE("a progress bar shows how much is done and when the rest will be") {
  CHECK(progress_bar(4, 8, 37, 12s) == "[########--------]  50%  4/8  eta 12s");
  CHECK(progress_bar(1, 4, 80, 30s) ==
        "[##########------------------------------]  25%  1/4  eta 1m30s");
}

TEST_CASE("a progress bar leaves out what does not fit") {
  CHECK(progress_bar(4, 8, 27, 12s) == "[###---]  50%  4/8  eta 12s");
  CHECK(progress_bar(4, 8, 20, 12s) == "[##--]  50%  eta 12s");
  CHECK(progress_bar(4, 8, 18, 12s) == "[#####------]  50%");
  CHECK(progress_bar(4, 8, 10, 12s) == "[#--]  50%");
  CHECK(progress_bar(4, 8, 9, 12s) == "50%");
  CHECK(progress_bar(4, 8, 2, 12s) == "5…");
  CHECK(progress_bar(4, 8, 0, 12s).empty());
}

TEST_CASE("a progress bar estimates nothing before the first step and after the last") {
  CHECK(progress_bar(0, 8, 28, 12s) == "[----------------]   0%  0/8");
  CHECK(progress_bar(8, 8, 28, 12s) == "[################] 100%  8/8");
  CHECK(progress_bar(4, 8, 28, 0s) == "[########--------]  50%  4/8");
}

TEST_CASE("a progress bar bears odd counts") {
  CHECK(progress_bar(0, 0, 18, 1s) == "[######] 100%  0/0");
  CHECK(progress_bar(9, 8, 28, 1s) == "[################] 100%  8/8");
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  CHECK(progress_bar(most - 1, most, 18, 1s) == "[##########-]  99%");
  CHECK(progress_bar(1, most, 18, 1s) == "[-----------]   0%");
}

TEST_CASE("a progress bar is never wider than asked") {
  for (int width = 0; width < 100; ++width) {
    for (std::uint64_t done : {0u, 1u, 999u, 1000u}) {
      CAPTURE(width, done);
      CHECK(display_width(progress_bar(done, 1000, width, 7min)) <= width);
    }
  }
}
