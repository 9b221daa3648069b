// SPDX-License-Identifier: Apache-2.0
#include "cli/man.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "cli/man_config.h"
#include "cli/mdoc.h"
#include "cli/reference.h"

namespace muster::cli {

namespace {

constexpr std::string_view kConfigPage = "muster-config.5";

std::string page_name(const Command& command) { return concat("muster-", command.name); }

// "[--check-host TARGET]" and the like, as arguments of macros.
std::string synopsis_words(std::string_view words) {
  std::string out;
  for (std::string_view word : split(words, ' ')) {
    const bool is_repeated = word.ends_with("...");
    if (is_repeated) word.remove_suffix(3);
    std::vector<std::string> parts;
    for (const std::string_view choice : split(word, '|')) {
      const bool is_name = choice.find_first_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos;
      if (choice.starts_with('-')) {
        parts.push_back(concat("Fl ", choice.substr(1)));
      } else {
        parts.push_back(concat(is_name ? "Ar " : "Cm ", macro_argument(choice)));
      }
    }
    out += concat(out.empty() ? "" : " ", join(parts, " | "), is_repeated ? " ..." : "");
  }
  return out;
}

void add_synopsis(MdocPage& page, const Command* command) {
  page.macro(concat(".Nm ", full_name(command)));
  std::string_view rest = command == nullptr ? muster_synopsis() : command->synopsis;
  while (!rest.empty()) {
    const bool is_optional = rest.starts_with('[');
    const std::size_t end = std::min(rest.find(is_optional ? ']' : ' '), rest.size());
    const std::string_view piece = rest.substr(is_optional ? 1 : 0, end - (is_optional ? 1 : 0));
    page.macro(concat('.', is_optional ? "Op " : "", synopsis_words(piece)));
    rest = trim(rest.substr(std::min(end + 1, rest.size())));
  }
}

std::string flag_item(const Setting& flag) {
  const std::string letter = flag.letter == 0 ? "" : concat("Fl ", flag.letter, " , ");
  const std::string value =
      flag.value_name.empty() ? "" : concat(" Ar ", macro_argument(flag.value_name));
  return concat(letter, "Fl -", flag.name, value);
}

void add_flag(MdocPage& page, const Setting& flag) {
  page.item(flag_item(flag));
  page.prose(concat(sentence(flag.brief), ' ', flag.detail));
  std::vector<std::string> facts;
  const auto add = [&](std::string_view what, std::string_view fact) {
    if (!fact.empty()) facts.push_back(concat(what, ": `", fact, '`'));
  };
  add("choices", listed(flag.choices));
  add("default", flag.fallback);
  add("config key", config_place(flag));
  add("environment", flag.env);
  if (!flag.example.empty()) {
    add("example", concat("--", flag.name, ' ', shell_quote(flag.example)));
  }
  page.prose(sentence(join(facts, "; ")));
}

void add_flags(MdocPage& page, const FlagGroup& group) {
  page.begin_list();
  for (const Setting* flag : group.flags) add_flag(page, *flag);
  page.end_list();
}

bool is_common(const Setting& flag) {
  const auto common = common_settings();
  return std::ranges::find(common, flag.name) != common.end();
}

// What a member of a group does and the flags it has besides the common ones, each of them
// explained where it comes up first.
void add_member(MdocPage& page, const Command& member, std::vector<const Setting*>& explained) {
  page.subsection(full_name(&member));
  page.prose(sentence(member.brief));
  page.paragraphs(member.detail);
  if (member.settings.empty()) return;
  page.begin_list();
  for (const FlagGroup& group : flag_groups(&member)) {
    for (const Setting* flag : group.flags) {
      if (is_common(*flag)) continue;
      if (std::ranges::find(explained, flag) == explained.end()) {
        explained.push_back(flag);
        add_flag(page, *flag);
      } else {
        page.item(flag_item(*flag));
        page.prose(sentence(flag->brief));
      }
    }
  }
  page.end_list();
}

void add_commands(MdocPage& page, const Command* command) {
  const auto members = members_of(command == nullptr ? "" : command->name);
  if (members.empty()) return;
  page.section("COMMANDS");
  if (command != nullptr) {
    std::vector<const Setting*> explained;
    for (const Command* member : members) add_member(page, *member, explained);
    return;
  }
  page.begin_list();
  for (const Command* member : members) {
    page.item(concat("Cm ", macro_argument(member->name)));
    page.prose(sentence(member->brief));
    page.macro(concat("See\n.Xr ", page_name(*member), " 1 ."));
  }
  page.end_list();
}

void add_options(MdocPage& page, const Command* command) {
  page.section("OPTIONS");
  const auto groups = flag_groups(command);
  for (const FlagGroup& group : groups) {
    if (groups.size() > 1) page.subsection(group.title);
    add_flags(page, group);
  }
}

bool is_flag_of(const Command* command, const Setting& setting) {
  const auto commands = commands_with(setting);
  return command == nullptr || is_common(setting) ||
         std::ranges::find(commands, command) != commands.end();
}

// `muster` itself lists all variables there are.
void add_environment(MdocPage& page, const Command* command) {
  std::vector<const Setting*> settings;
  std::string_view widest;
  for (const Setting& setting : all_settings()) {
    if (setting.env.empty() || !is_flag_of(command, setting)) continue;
    settings.push_back(&setting);
    if (setting.env.size() > widest.size()) widest = setting.env;
  }
  page.section("ENVIRONMENT");
  page.prose(
      "A variable stands for the flag or config key beside it, is weaker than the flag and "
      "stronger than the config, and counts as unset when it is empty. "
      "A flag without a value is set to `true` or `false`.");
  page.paragraph_break();
  page.begin_compact_list(widest);
  for (const Setting* setting : settings) {
    page.item(concat("Ev ", setting->env));
    const bool is_flag = !commands_with(*setting).empty();
    page.macro(is_flag ? concat(".Fl -", setting->name) : concat(".Cm ", config_place(*setting)));
  }
  page.end_list();
}

void add_files(MdocPage& page) {
  page.section("FILES");
  page.prose("Later ones win.");
  page.begin_list();
  for (const ConfigFilePlace& place : config_file_places()) {
    page.item(concat("Pa ", guarded(roff_literal(place.path))));
    page.prose(sentence(place.meaning));
  }
  page.end_list();
}

void add_statuses(MdocPage& page, const Command* command) {
  page.begin_compact_list("128+N");
  for (const ExitStatus& status : exit_statuses(command)) {
    page.item(status.code);
    page.prose(sentence(status.meaning));
  }
  page.end_list();
}

void add_exit_status(MdocPage& page, const Command* command) {
  page.section("EXIT STATUS");
  if (command == nullptr) {
    page.macro(".Xr muster-run 1\nhas exit codes of its own; for all other commands they are:");
  }
  add_statuses(page, command);
}

std::vector<Example> all_examples(const Command* command) {
  std::vector<Example> examples = examples_of(command);
  if (command == nullptr) return examples;
  for (const Command* member : members_of(command->name)) {
    for (const Example& example : examples_of(member)) {
      const bool is_there =
          std::ranges::find(examples, example.line, &Example::line) != examples.end();
      if (!is_there) examples.push_back(example);
    }
  }
  return examples;
}

void add_examples(MdocPage& page, const Command* command) {
  const auto examples = all_examples(command);
  if (examples.empty()) return;
  page.section("EXAMPLES");
  for (const Example& example : examples) {
    if (example.line != examples.front().line) page.paragraph_break();
    std::string meaning = sentence(example.meaning);
    meaning.back() = ':';
    page.prose(meaning);
    page.paragraph_break();
    page.display(example.line);
  }
}

void add_see_also(MdocPage& page, const Command* command) {
  std::vector<std::string> pages;
  if (command != nullptr) pages.emplace_back("muster 1");
  for (const Command* member : members_of("")) {
    const bool is_of_use = command == nullptr || is_group(*member);
    if (is_of_use && member != command) pages.push_back(concat(page_name(*member), " 1"));
  }
  std::ranges::sort(pages);
  pages.emplace_back("muster-config 5");
  page.section("SEE ALSO");
  for (const std::string& each : pages) {
    page.macro(concat(".Xr ", each, each == pages.back() ? "" : " ,"));
  }
}

std::string render_command_page(const Command* command) {
  MdocPage page({.date = kManDate,
                 .name = command == nullptr ? "muster" : page_name(*command),
                 .section = 1,
                 .about = command == nullptr ? "run commands under limits, and know how they ended"
                                             : std::string(command->brief)});
  page.section("SYNOPSIS");
  const bool group = command != nullptr && is_group(*command);
  if (group) {
    for (const Command* member : members_of(command->name)) add_synopsis(page, member);
  } else {
    add_synopsis(page, command);
  }
  page.section("DESCRIPTION");
  page.paragraphs(command == nullptr ? about_muster() : command->detail);
  add_commands(page, command);
  add_options(page, command);
  if (command != nullptr) {
    for (const Chapter& chapter : command->chapters) {
      page.section(chapter.title);
      page.paragraphs(chapter.text);
    }
  }
  add_environment(page, command);
  add_files(page);
  add_exit_status(page, command);
  add_examples(page, command);
  add_see_also(page, command);
  return page.take();
}

std::string file_name(const Command& command) { return concat(page_name(command), ".1"); }

}  // namespace

std::vector<std::string> man_page_names() {
  std::vector<std::string> names = {"muster.1"};
  for (const Command* command : members_of("")) names.push_back(file_name(*command));
  names.emplace_back(kConfigPage);
  return names;
}

std::string render_man(std::string_view page_file_name) {
  if (page_file_name == "muster.1") return render_command_page(nullptr);
  if (page_file_name == kConfigPage) return render_config_page();
  for (const Command* command : members_of("")) {
    if (page_file_name == file_name(*command)) return render_command_page(command);
  }
  const auto near = nearest(page_file_name, man_page_names());
  throw Error(ErrorCode::kNotFound,
              concat("there is no manual page ", in_quotes(page_file_name),
                     near ? concat("; did you mean ", *near, "?") : ""),
              "muster man --list");
}

}  // namespace muster::cli
