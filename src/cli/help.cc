// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "cli/reference.h"
#include "cli/wrap.h"
#include "term/width.h"

namespace muster::cli {

namespace {

constexpr int kIndent = 2;
constexpr int kDeepIndent = 6;
constexpr int kGap = 2;
constexpr int kWidestTerm = 26;

int bounded(int width) {
  constexpr int kNarrowest = 40;
  constexpr int kWidest = 100;
  constexpr int kUsual = 80;
  return width == kUnlimitedColumns ? kUsual : std::clamp(width, kNarrowest, kWidest);
}

std::string spaces(int count) { return std::string(static_cast<std::size_t>(count), ' '); }

// A name and what it means, side by side.
struct Entry {
  std::string term;
  std::string meaning;
};

// Puts a text together from blocks with an empty line between them.
class Page {
 public:
  Page(int width, const Painter& painter) : width_(width), painter_(painter) {}

  void title(std::string_view text) {
    gap();
    text_ += concat(painter_.paint(Style::kBold, text), '\n');
  }

  void gap() {
    if (!text_.empty()) text_ += '\n';
  }

  void paragraph(std::string_view text, int indent) {
    for (const std::string& line : wrap(text, width_ - indent)) add_line(line, indent);
  }

  void pieces(const std::vector<std::string>& pieces, int indent) {
    for (const std::string& line : wrap_pieces(pieces, width_ - indent)) add_line(line, indent);
  }

  void usage(const Command* command) {
    constexpr std::string_view kWord = "Usage:";
    const std::string_view synopsis = command == nullptr ? muster_synopsis() : command->synopsis;
    const int indent = display_width(kWord) + 1;
    gap();
    std::string lead = painter_.paint(Style::kBold, kWord) + ' ';
    for (const std::string& line :
         wrap(concat(full_name(command), ' ', synopsis), width_ - indent)) {
      text_ += concat(lead, line, '\n');
      lead = spaces(indent);
    }
  }

  void examples(const std::vector<Example>& examples) {
    if (examples.empty()) return;
    title("Examples");
    for (const Example& example : examples) {
      int indent = kIndent;
      for (const std::string& line : wrap_command(example.line, width_ - kDeepIndent)) {
        add_line(line, indent);
        indent = kDeepIndent;
      }
      paragraph(example.meaning, kDeepIndent);
    }
  }

  // Where meanings start: behind all terms but very long ones.
  int column_behind(const std::vector<Entry>& entries) const {
    int widest = 0;
    for (const Entry& entry : entries) {
      const int width = display_width(entry.term);
      if (width <= kWidestTerm) widest = std::max(widest, width);
    }
    return std::min(kIndent + widest + kGap, width_ / 2);
  }

  void entries(const std::vector<Entry>& entries) {
    this->entries(entries, column_behind(entries));
  }

  // A meaning starts in the next line where its term reaches into the column.
  void entries(const std::vector<Entry>& entries, int column) {
    for (const Entry& entry : entries) {
      const int term_end = kIndent + display_width(entry.term);
      const bool fits_behind = term_end + kGap + display_width(entry.meaning) <= width_;
      if (term_end + kGap > column && !fits_behind) {
        paragraph(entry.term, kIndent);
        paragraph(entry.meaning, column);
        continue;
      }
      std::string lead = pad_right(spaces(kIndent) + entry.term, std::max(column, term_end + kGap));
      for (const std::string& line : wrap(entry.meaning, width_ - display_width(lead))) {
        text_ += concat(lead, line, '\n');
        lead = spaces(column);
      }
    }
  }

  std::string take() { return std::move(text_); }

 private:
  void add_line(std::string_view line, int indent) { text_ += concat(spaces(indent), line, '\n'); }

  int width_;
  const Painter& painter_;
  std::string text_;
};

std::string flag_term(const Setting& flag) {
  const std::string letter = flag.letter == 0 ? "    " : concat('-', flag.letter, ", ");
  const std::string value = flag.value_name.empty() ? "" : concat(' ', flag.value_name);
  return concat(letter, "--", flag.name, value);
}

std::vector<std::string> facts(const Setting& flag) {
  std::vector<std::string> facts;
  const auto add = [&](std::string_view what, std::string_view value) {
    if (!value.empty()) facts.push_back(concat('[', what, ": ", value, ']'));
  };
  add("choices", listed(flag.choices));
  add("default", flag.fallback);
  add("config", config_place(flag));
  add("env", flag.env);
  if (!flag.example.empty()) {
    add("example", concat("--", flag.name, ' ', shell_quote(flag.example)));
  }
  return facts;
}

void add_description(Page& page, std::string_view detail) {
  while (!detail.empty()) {
    const std::size_t end = detail.find("\n\n");
    page.gap();
    page.paragraph(detail.substr(0, end), 0);
    detail = end == std::string_view::npos ? "" : detail.substr(end + 2);
  }
}

void add_commands(Page& page, std::string_view group) {
  const auto members = members_of(group);
  if (members.empty()) return;
  page.title("Commands");
  std::vector<Entry> entries;
  entries.reserve(members.size());
  for (const Command* member : members) {
    entries.push_back({std::string(own_name(*member)), std::string(member->brief)});
  }
  page.entries(entries);
}

void add_argument(Page& page, const Command* command) {
  if (command == nullptr || command->positional.name.empty()) return;
  const Positional& argument = command->positional;
  page.title("Arguments");
  page.entries({{std::string(argument.name), std::string(argument.brief)}});
}

std::vector<Entry> flag_entries(const FlagGroup& group) {
  std::vector<Entry> entries;
  entries.reserve(group.flags.size());
  for (const Setting* flag : group.flags) {
    entries.push_back({flag_term(*flag), std::string(flag->brief)});
  }
  return entries;
}

void add_short_flags(Page& page, const Command* command) {
  const auto groups = flag_groups(command);
  int column = 0;
  for (const FlagGroup& group : groups) {
    column = std::max(column, page.column_behind(flag_entries(group)));
  }
  for (const FlagGroup& group : groups) {
    page.title(group.title);
    page.entries(flag_entries(group), column);
  }
}

void add_full_flags(Page& page, const Command* command) {
  for (const FlagGroup& group : flag_groups(command)) {
    page.title(group.title);
    for (const Setting* flag : group.flags) {
      if (flag != group.flags.front()) page.gap();
      page.paragraph(trim(flag_term(*flag)), kIndent);
      page.paragraph(concat(sentence(flag->brief), ' ', flag->detail), kDeepIndent);
      page.pieces(facts(*flag), kDeepIndent);
    }
  }
}

void add_exit_codes(Page& page, std::string_view title, const Command* command) {
  page.title(title);
  std::vector<Entry> entries;
  for (const ExitStatus& status : exit_statuses(command)) {
    entries.push_back({std::string(status.code), std::string(status.meaning)});
  }
  page.entries(entries);
}

void add_all_exit_codes(Page& page, const Command* command) {
  if (command != nullptr) return add_exit_codes(page, "Exit codes", command);
  for (const Command* member : members_of("")) {
    if (!member->runs_command) continue;
    add_exit_codes(page, concat("Exit codes of ", full_name(member)), member);
  }
  add_exit_codes(page, "Exit codes of all other commands", nullptr);
}

void add_short_end(Page& page, const Command* command) {
  page.gap();
  page.paragraph(concat(full_name(command), " --help says more"), 0);
}

void add_full_end(Page& page, const Command* command) {
  const std::string topic = command == nullptr ? "COMMAND" : std::string(command->name);
  const std::string group = topic.substr(0, topic.find(' '));
  page.title("More");
  std::vector<Entry> entries;
  if (command == nullptr) entries.push_back({"muster COMMAND --help", "all about one command"});
  entries.push_back({concat("muster man ", group), "its manual page; pipe it into `man -l -`"});
  entries.push_back({"muster man config.5", "the manual page of the config file"});
  page.entries(entries);
}

}  // namespace

std::string render_help(const Command* command, HelpAsked asked, int width,
                        const Painter& painter) {
  const bool is_full = asked == HelpAsked::kFull;
  Page page(bounded(width), painter);
  page.paragraph(command == nullptr ? std::string(about_muster()) : sentence(command->brief), 0);
  page.usage(command);
  if (is_full && command != nullptr) add_description(page, command->detail);
  const bool examples_last = is_full && command == nullptr;
  if (!examples_last) page.examples(examples_of(command));
  add_commands(page, command == nullptr ? "" : command->name);
  add_argument(page, command);
  is_full ? add_full_flags(page, command) : add_short_flags(page, command);
  if (is_full) add_all_exit_codes(page, command);
  if (examples_last) page.examples(examples_of(command));
  is_full ? add_full_end(page, command) : add_short_end(page, command);
  return page.take();
}

}  // namespace muster::cli
