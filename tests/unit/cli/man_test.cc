// SPDX-License-Identifier: Apache-2.0
#include "cli/man.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/text.h"
#include "cli/man_config.h"
#include "cli/mdoc.h"
#include "cli/reference.h"
#include "config/config.h"

using namespace muster;
using namespace muster::cli;

namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// The mdoc that `text` becomes as prose.
std::string prose(std::string_view text) {
  MdocPage page({.date = kManDate, .name = "x", .section = 1, .about = "y"});
  const std::string before = MdocPage(page).take();
  page.prose(text);
  return page.take().substr(before.size());
}

/// Text as it reads: without escapes, fonts and line ends.
std::string as_read(std::string text) {
  const auto replace_all = [&](std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
  };
  for (const std::string_view gone : {"\\fB", "\\fR", "\\&"}) replace_all(gone, "");
  replace_all("\\-", "-");
  replace_all("\\(aq", "'");
  replace_all("\\(dq", "\"");
  replace_all("\\(ti", "~");
  replace_all("\\(ga", "`");
  replace_all("\\e", "\\");
  replace_all("\n", " ");
  return text;
}

}  // namespace

TEST_CASE("there is a page for muster, for each command below it and for the config file") {
  const auto names = man_page_names();
  CHECK(names.front() == "muster.1");
  CHECK(names.back() == "muster-config.5");
  CHECK(std::ranges::count(names, "muster-run.1") == 1);
  CHECK(std::ranges::count(names, "muster-config.1") == 1);
  CHECK(std::ranges::count(names, "muster-config show.1") == 0);
  CHECK(std::set(names.begin(), names.end()).size() == names.size());
}

TEST_CASE("a page that does not exist is refused, naming the nearest one") {
  try {
    render_man("muster-rum.1");
    FAIL("rendered a page that does not exist");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kNotFound);
    CHECK(contains(error.message(), "did you mean muster-run.1?"));
  }
}

TEST_CASE("a page names every flag of its command, or of the group's members") {
  for (const Command& command : all_commands()) {
    const std::string top(command.name.substr(0, command.name.find(' ')));
    const std::string page = render_man(concat("muster-", top, ".1"));
    for (const FlagGroup& group : flag_groups(&command)) {
      for (const Setting* flag : group.flags) {
        INFO(command.name << " --" << flag->name);
        const std::string letter = flag->letter == 0 ? "" : concat("Fl ", flag->letter, " , ");
        CHECK(contains(page, concat("\n.It ", letter, "Fl -", flag->name)));
        CHECK(contains(as_read(page), sentence(flag->brief)));
        if (!flag->env.empty()) CHECK(contains(page, concat("\n.It Ev ", flag->env, "\n")));
      }
    }
  }
}

TEST_CASE("a page has its sections in the order of mdoc") {
  const std::string page = render_man("muster-run.1");
  std::size_t last = 0;
  for (const std::string_view title : {"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "ENVIRONMENT",
                                       "FILES", "EXIT STATUS", "EXAMPLES", "SEE ALSO"}) {
    const auto at = page.find(concat("\n.Sh ", title, '\n'));
    INFO(title);
    CHECK(at != std::string::npos);
    CHECK(at > last);
    last = at;
  }
  CHECK(contains(page, concat("\n.Dd ", kManDate, "\n.Dt MUSTER-RUN 1\n")));
}

TEST_CASE("the page of a group explains each of its members") {
  const std::string page = render_man("muster-config.1");
  for (const Command* member : members_of("config")) {
    CHECK(contains(page, concat("\n.Ss \"muster ", member->name, "\"\n")));
    CHECK(contains(page, concat("\n.Nm muster ", member->name, "\n")));
  }
}

TEST_CASE("the synopsis is set with the macros of mdoc") {
  CHECK(contains(render_man("muster-run.1"),
                 ".Nm muster run\n.Op Ar FLAGS\n.Op Fl -\n.Ar COMMAND\n.Op Ar ARG ...\n"));
  CHECK(contains(render_man("muster-completions.1"), "\n.Cm bash | Cm zsh | Cm fish\n"));
  CHECK(contains(render_man("muster-doctor.1"), "\n.Op Fl -check\\-host Ar TARGET\n") !=
        contains(render_man("muster-doctor.1"), "\n.Op Fl -check-host Ar TARGET\n"));
}

TEST_CASE("every line of a page is text or a macro of mdoc") {
  const std::set<std::string_view> macros = {"Ar", "Bd", "Bl", "Cm", "Dd", "Dl", "Dt",
                                             "Ed", "El", "Fl", "It", "Nd", "Nm", "Op",
                                             "Os", "Pa", "Pp", "Sh", "Ss", "Xr", "\\\""};
  for (const std::string& name : man_page_names()) {
    const std::string page = render_man(name);
    for (const std::string_view line : split(page, '\n')) {
      INFO(name << ": " << line);
      CHECK_FALSE(line.starts_with('\''));
      if (!line.starts_with('.')) continue;
      CHECK(macros.contains(line.substr(1, line.find(' ') - 1)));
    }
  }
}

TEST_CASE("pages come out the same every time") {
  for (const std::string& name : man_page_names()) CHECK(render_man(name) == render_man(name));
}

TEST_CASE("what roff would take for markup is escaped") {
  CHECK(roff_literal("a\\b-c'd~\"`^") == "a\\eb\\-c\\(aqd\\(ti\\(dq\\(ga\\(ha");
  CHECK(guarded(".muster.toml") == "\\&.muster.toml");
  CHECK(guarded("'quoted'") == "\\&'quoted'");
  CHECK(guarded("plain") == "plain");
  CHECK(macro_argument("It") == "\\&It");
  CHECK(macro_argument("|") == "\\&|");
  CHECK(macro_argument("DIR") == "DIR");
  CHECK(macro_argument("two words") == "\"two words\"");
  CHECK(macro_argument("") == "\"\"");
}

TEST_CASE("in prose backticks and flags are literal") {
  CHECK(prose("say `a-b` or --no-stdin, not read-only") ==
        "say \\fBa\\-b\\fR or \\fB\\-\\-no\\-stdin\\fR, not read-only\n");
  CHECK(prose("words after -- go (see -c).") ==
        "words after \\fB\\-\\-\\fR go (see \\fB\\-c\\fR).\n");
  CHECK(prose("`.muster.toml` is bold") == "\\fB.muster.toml\\fR is bold\n");
  CHECK(prose(".muster.toml is not") == "\\&.muster.toml is not\n");
}

TEST_CASE("in prose each sentence has lines of its own") {
  CHECK(prose("One. Two, 1.5 and so on. `three`. 0 is four.") ==
        "One.\nTwo, 1.5 and so on.\n\\fBthree\\fR.\n0 is four.\n");
  for (const std::string_view line :
       split(prose(std::string(40, 'a') + " " + std::string(40, 'b')), '\n')) {
    CHECK(line.size() <= 78);
  }
}

TEST_CASE("the config page has every key with type, default, variable and example") {
  const std::string page = render_man("muster-config.5");
  for (const Setting& setting : all_settings()) {
    INFO(setting.name);
    const bool is_key = setting.section != ConfigSection::kNowhere;
    CHECK(contains(page, concat("\n.It Cm ", config_key(setting), " No =")) == is_key);
    if (!is_key) continue;
    CHECK(contains(as_read(page), example_line(setting)));
    if (!setting.env.empty()) CHECK(contains(page, setting.env));
    if (!setting.fallback.empty()) CHECK(contains(as_read(page), setting.fallback));
  }
}

TEST_CASE("every example of a key is right where the page says it stands") {
  for (const Setting& setting : all_settings()) {
    const std::string line = example_line(setting);
    INFO(line);
    std::string file;
    switch (setting.section) {
      case ConfigSection::kNowhere:
        continue;
      case ConfigSection::kTop:
        file = line;
        break;
      case ConfigSection::kProfile:
        file = concat("[profile.prod]\n", line);
        break;
      case ConfigSection::kTask:
        file = concat("[task]\n", line);
        break;
    }
    const ConfigFile read = parse_config(file, "example.toml", Layer::kUserFile);
    REQUIRE(read.entries.size() == 1);
    CHECK(read.entries.front().setting->name == setting.name);
  }
}

TEST_CASE("the example of a whole config file is right and on the page") {
  const ConfigFile file = parse_config(example_config_file(), "example.toml", Layer::kUserFile);
  CHECK(file.profiles == std::vector<std::string>{"local", "prod"});
  CHECK(file.warnings.empty());
  const std::string page = as_read(render_man("muster-config.5"));
  for (const std::string_view line : split(example_config_file(), '\n')) {
    CHECK(contains(page, line));
  }
}

TEST_CASE("the keys that the page lets stand in a preset are those that may") {
  const std::string page = render_man("muster-config.5");
  const auto begin = page.find("\n.Sh PRESETS\n");
  const std::string rules = page.substr(begin, page.find("\n.Sh ", begin + 1) - begin);
  for (const Setting& setting : all_settings()) {
    if (setting.section != ConfigSection::kTask) continue;
    INFO(setting.name);
    bool may_stand = true;
    try {
      parse_config(concat("[sandbox.x]\n", example_line(setting)), "c.toml", Layer::kUserFile);
    } catch (const Error&) {
      may_stand = false;
    }
    CHECK(contains(rules, concat("\n.Cm ", config_key(setting), '\n')) == may_stand);
  }
}

TEST_CASE("the keys that the page bars from project files are those that are barred") {
  const std::string page = render_man("muster-config.5");
  const auto begin = page.find("\n.Sh PROJECT FILES\n");
  const std::string rules = page.substr(begin, page.find("\n.Sh ", begin + 1) - begin);
  for (const Setting& setting : all_settings()) {
    if (setting.section != ConfigSection::kTask) continue;
    const std::string file = concat("[task]\n", example_line(setting));
    INFO(file);
    bool is_barred = false;
    try {
      parse_config(file, ".muster.toml", Layer::kProjectFile);
    } catch (const Error&) {
      is_barred = true;
    }
    CHECK(contains(rules, concat("\n.Cm ", config_key(setting), '\n')) == is_barred);
  }
}
