// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "base/text.h"
#include "cli/completions_shells.h"
#include "cli/reference.h"

namespace muster::cli {

namespace {

constexpr std::string_view kHead = R"sh(# SPDX-License-Identifier: Apache-2.0
# Completion of muster for fish; printed by `muster completions fish`.

# The names that may stand behind the words of a command.
function __muster_members --argument-names command
    switch $command
@MEMBERS@    end
end

# The letters of a command's flags that take a value.
function __muster_value_letters --argument-names command
    switch $command
@LETTERS@    end
end

# Whether the value of the flag is the next word.
function __muster_wants_word --argument-names command word
    if string match --quiet -- '--*' $word
        contains -- $word @VALUES@
        return
    end
    set -l letters (__muster_value_letters $command)
    test -n "$letters"; and string match --quiet --regex -- "^-[^$letters]*[$letters]\$" $word
end

# Reads the words before the cursor. Prints the command, then `name`, `flags` or `arguments` for
# what may come next, then at which word the arguments start.
function __muster_line
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l command ''
    set -l next flags
    set -l skip no
    set -l at 1
    for word in $words[2..]
        set at (math $at + 1)
        if test $skip = yes
            set skip no
        else if test "$word" = --
            set next arguments
        else if test $next = flags; and string match --quiet -- '-*' $word
            __muster_wants_word "$command" $word; and set skip yes
        else if contains -- $word (__muster_members "$command")
            set command (string trim -- "$command $word")
        else
            printf '%s\n' "$command" other $at
            return
        end
    end
    printf '%s\n' "$command" $next (math $at + 1)
end

# Whether flags of the command may come next.
function __muster_flags_of --argument-names command
    set -l line (__muster_line)
    test "$line[1]" = "$command" -a "$line[2]" = flags
end

# Whether the first argument of the command, or the name of one below it, may come next.
function __muster_argument_of --argument-names command
    set -l line (__muster_line)
    test "$line[1]" = "$command" -a "$line[2]" != other
end

# Whether the word belongs to the command that the command is to run.
function __muster_runs --argument-names command
    set -l line (__muster_line)
    test "$line[1]" = "$command"; or return
    test "$line[2]" != flags; or not string match --quiet -- '-*' (commandline --current-token)
end

# Completes that command's own line.
function __muster_other_line
    set -l line (__muster_line)
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l own (string escape -- $words[$line[3]..])
    complete --do-complete "$(string join -- ' ' $own (commandline --current-token --cut-at-cursor))"
end

# Before each name there are two characters, which mark the active profile.
function __muster_profiles
    muster config profiles 2>/dev/null | string sub --start 3
end

complete --command muster --erase
complete --command muster --no-files
)sh";

// Within single quotes fish reads \ and ' by a backslash.
std::string fish_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + '\'';
}

std::string name_of(const Command* command) {
  return fish_quoted(command == nullptr ? "" : command->name);
}

std::string arm(const Command* command, std::string_view words) {
  return concat("        case ", name_of(command), "\n            printf '%s\\n' ", words, '\n');
}

std::string members() {
  std::string arms = arm(nullptr, join(member_names(""), " "));
  for (const Command& command : all_commands()) {
    if (is_group(command)) arms += arm(&command, join(member_names(command.name), " "));
  }
  return arms;
}

std::string letters() {
  std::string arms;
  for (const Command& command : all_commands()) {
    const std::string of_command = value_letters(&command);
    if (!of_command.empty()) arms += arm(&command, of_command);
  }
  return arms;
}

std::string flags_with_value() {
  std::vector<std::string> flags;
  for (const Setting* flag : all_flags()) {
    if (flag->type != SettingType::kFlag) flags.push_back(concat("--", flag->name));
  }
  return join(flags, " ");
}

// What `complete` is told about a value or an argument.
std::string offer(Completes completes, const std::vector<std::string>& words) {
  if (!words.empty()) return concat(" --arguments ", fish_quoted(join(words, " ")));
  switch (completes) {
    case Completes::kNothing:
      return "";
    case Completes::kFiles:
      return " --force-files";
    case Completes::kDirectories:
      return " --arguments '(__fish_complete_directories)'";
    case Completes::kCommands:
      return " --arguments '(__muster_other_line)'";
    case Completes::kProfiles:
      return " --arguments '(__muster_profiles)'";
  }
  return {};
}

std::string line(std::string_view condition, const Command* command, std::string_view rest) {
  return concat("complete --command muster --condition ",
                fish_quoted(concat(condition, ' ', name_of(command))), rest, '\n');
}

std::string flags_of(const Command* command) {
  std::string lines;
  for (const FlagGroup& group : flag_groups(command)) {
    for (const Setting* flag : group.flags) {
      std::string rest;
      if (flag->letter != 0) rest += concat(" --short-option ", flag->letter);
      rest += concat(" --long-option ", flag->name);
      if (flag->type != SettingType::kFlag) {
        const std::vector<std::string> choices(flag->choices.begin(), flag->choices.end());
        // --exclusive: a parameter, and no file names besides.
        const bool is_file = flag->completes == Completes::kFiles;
        rest += is_file ? " --require-parameter" : " --exclusive";
        rest += offer(flag->completes, choices);
      }
      rest += concat(" --description ", fish_quoted(flag->brief));
      lines += line("__muster_flags_of", command, rest);
    }
  }
  return lines;
}

std::string arguments_of(const Command* command) {
  std::string lines;
  for (const Command* member : members_of(command == nullptr ? "" : command->name)) {
    lines += line(
        "__muster_argument_of", command,
        concat(" --arguments ", own_name(*member), " --description ", fish_quoted(member->brief)));
  }
  if (!lines.empty() || command == nullptr) return lines;
  const std::string offered = offer(command->positional.completes, argument_words(*command));
  if (offered.empty()) return lines;
  return line(command->runs_command ? "__muster_runs" : "__muster_argument_of", command, offered);
}

}  // namespace

std::string render_fish_completions() {
  std::string script(kHead);
  script = fill_in(std::move(script), "MEMBERS", members());
  script = fill_in(std::move(script), "LETTERS", letters());
  script = fill_in(std::move(script), "VALUES", flags_with_value());
  script += concat('\n', flags_of(nullptr), arguments_of(nullptr));
  for (const Command& command : all_commands()) {
    script += concat('\n', flags_of(&command), arguments_of(&command));
  }
  return script;
}

}  // namespace muster::cli
