// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "base/text.h"
#include "cli/reference.h"
#include "term/width.h"

using namespace muster;
using namespace muster::cli;

namespace {

const Painter kPlain(false);

std::string help(std::string_view command, HelpAsked asked, int width = 80) {
  return render_help(find_command(command), asked, width, kPlain);
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Whether a line starts with the flag's spellings; `no_letter` stands where there is no letter.
bool has_line(std::string_view text, const Setting& flag, std::string_view no_letter) {
  const std::string letter =
      flag.letter == 0 ? std::string(no_letter) : concat('-', flag.letter, ", ");
  const std::string line = concat("\n  ", letter, "--", flag.name);
  return contains(text, line + ' ') || contains(text, line + '\n');
}

/// `muster` itself and all commands.
std::vector<const Command*> everything() {
  std::vector<const Command*> commands = {nullptr};
  for (const Command& command : all_commands()) commands.push_back(&command);
  return commands;
}

std::string without_colour(std::string text) {
  for (auto at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b')) {
    text.erase(at, text.find('m', at) + 1 - at);
  }
  return text;
}

int widest_line(std::string_view text) {
  int widest = 0;
  for (const std::string_view line : split(text, '\n')) {
    widest = std::max(widest, display_width(line));
  }
  return widest;
}

}  // namespace

TEST_CASE("both helps of a command name every flag it has") {
  for (const Command& command : all_commands()) {
    const std::string short_form = help(command.name, HelpAsked::kShort, 100);
    const std::string full_form = help(command.name, HelpAsked::kFull, 100);
    for (const FlagGroup& group : flag_groups(&command)) {
      for (const Setting* flag : group.flags) {
        INFO(command.name << " --" << flag->name);
        CHECK(has_line(short_form, *flag, "    "));
        CHECK(has_line(full_form, *flag, ""));
      }
    }
  }
}

TEST_CASE("a flag's line in the short help has letter, name, value and brief") {
  const std::string text = help("run", HelpAsked::kShort, 100);
  CHECK(contains(text, "\n  -t, --tty                   give the command a terminal of its own\n"));
  CHECK(contains(text,
                 "\n      --timeout DURATION      end the command when it has run for DURATION\n"));
}

TEST_CASE("the full help of a flag has its default, config key, variable and example") {
  const std::string text = help("run", HelpAsked::kFull, 100);
  CHECK(contains(text,
                 "[default: 5s] [config: task.grace] [env: MUSTER_GRACE] [example: --grace 10s]"));
  CHECK(contains(text, "[example: --command 'make 2>&1 | tail -n 20']"));
  CHECK(contains(text, "[choices: auto, always, never]"));
}

TEST_CASE("in the short help examples stand before flags, and the last line says where more is") {
  for (const Command* command : everything()) {
    const std::string text = render_help(command, HelpAsked::kShort, 80, kPlain);
    INFO(text);
    if (!examples_of(command).empty()) CHECK(text.find("\nExamples\n") < text.find("\nCommon\n"));
    CHECK(text.ends_with(concat("\n\n", full_name(command), " --help says more\n")));
  }
}

TEST_CASE("flags stand under the title of their category") {
  const std::string text = help("run", HelpAsked::kShort);
  const auto limits = text.find("\nLimits\n");
  const auto retry = text.find("\nRetry\n");
  const auto timeout = text.find("--timeout DURATION ");
  CHECK(limits < timeout);
  CHECK(timeout < retry);
  CHECK(retry != std::string::npos);
}

TEST_CASE("no line of help is wider than the width") {
  for (const Command* command : everything()) {
    for (int width = 40; width <= 100; ++width) {
      INFO(full_name(command) << " at " << width);
      CHECK(widest_line(render_help(command, HelpAsked::kShort, width, kPlain)) <= width);
      CHECK(widest_line(render_help(command, HelpAsked::kFull, width, kPlain)) <= width);
    }
  }
}

TEST_CASE("no line of help ends in spaces") {
  for (const Command* command : everything()) {
    CHECK_FALSE(contains(render_help(command, HelpAsked::kShort, 50, kPlain), " \n"));
    CHECK_FALSE(contains(render_help(command, HelpAsked::kFull, 50, kPlain), " \n"));
  }
}

TEST_CASE("the width of help is held between 40 and 100, and is 80 where there is none") {
  const auto at = [](int width) { return help("run", HelpAsked::kFull, width); };
  CHECK(at(10) == at(40));
  CHECK(at(500) == at(100));
  CHECK(at(kUnlimitedColumns) == at(80));
  CHECK(at(40) != at(80));
}

TEST_CASE("colour adds to help nothing but colour") {
  for (const Command* command : everything()) {
    const std::string painted = render_help(command, HelpAsked::kFull, 80, Painter(true));
    const std::string plain = render_help(command, HelpAsked::kFull, 80, kPlain);
    CHECK(painted != plain);
    CHECK(without_colour(painted) == plain);
  }
}

TEST_CASE("the help of a group lists its members, that of muster the commands below it") {
  const std::string group = help("config", HelpAsked::kShort);
  for (const std::string_view member : {"show", "check", "path", "profiles", "use"}) {
    CHECK(contains(group, concat("\n  ", member, ' ')));
  }
  const std::string top = render_help(nullptr, HelpAsked::kShort, 80, kPlain);
  CHECK(contains(top, "\n  config "));
  CHECK(contains(top, "\n  run "));
  CHECK_FALSE(contains(top, "\n  show "));
}

TEST_CASE("only the full help tells the exit codes") {
  const std::string full = help("run", HelpAsked::kFull);
  for (const std::string_view code : {"124", "125", "126", "127", "128+N"}) {
    CHECK(contains(full, concat("\n  ", code, ' ')));
  }
  CHECK_FALSE(contains(help("run", HelpAsked::kShort), "Exit codes"));
  CHECK(contains(render_help(nullptr, HelpAsked::kFull, 80, kPlain), "Exit codes of muster run\n"));
}

TEST_CASE("help comes out the same every time") {
  for (const Command* command : everything()) {
    CHECK(render_help(command, HelpAsked::kFull, 80, kPlain) ==
          render_help(command, HelpAsked::kFull, 80, kPlain));
  }
}
