// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "cli/completions_shells.h"
#include "cli/reference.h"

namespace muster::cli {

namespace {

constexpr std::string_view kHead = R"sh(#compdef muster
# SPDX-License-Identifier: Apache-2.0
# Completion of muster for zsh; printed by `muster completions zsh`.

# Before each name there are two characters, which mark the active profile.
_muster_profiles() {
  local -a names
  names=(${${(f)"$(muster config profiles 2>/dev/null)"}#??})
  _wanted profiles expl profile compadd -a names
}

)sh";

constexpr std::string_view kTail = R"sh(
# Loaded from a file in fpath it is called at once, sourced it only signs in.
if [[ $funcstack[1] == _muster ]]; then
  _muster "$@"
else
  compdef _muster muster
fi
)sh";

// What _arguments takes for markup is escaped.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '[' || c == ']' || c == ':') out += '\\';
    out += c;
  }
  return out;
}

std::string action(Completes completes, const std::vector<std::string>& words) {
  if (!words.empty()) return concat('(', join(words, " "), ')');
  switch (completes) {
    case Completes::kNothing:
      return " ";
    case Completes::kFiles:
      return "_files";
    case Completes::kDirectories:
      return "_directories";
    case Completes::kCommands:
      return "_command_names -e";
    case Completes::kProfiles:
      return "_muster_profiles";
  }
  return {};
}

std::string flag_spec(const Setting& flag) {
  const bool takes_value = flag.type != SettingType::kFlag;
  std::string rest = concat('[', plain(flag.brief), ']');
  if (takes_value) {
    const std::vector<std::string> choices(flag.choices.begin(), flag.choices.end());
    rest += concat(':', plain(flag.value_name), ':', action(flag.completes, choices));
  }
  const std::string long_form = concat("--", flag.name, takes_value ? "=" : "");
  if (flag.letter == 0) return single_quoted(concat(flag.repeatable ? "*" : "", long_form, rest));
  const std::string both = concat("{-", flag.letter, takes_value ? "+" : "", ',', long_form, '}');
  const std::string before =
      flag.repeatable ? "*" : concat("(-", flag.letter, " --", flag.name, ')');
  return concat(single_quoted(before), both, single_quoted(rest));
}

std::string function_of(const Command* command) {
  std::string name = command == nullptr ? "_muster" : concat("_muster_", command->name);
  std::ranges::replace(name, ' ', '_');
  return name;
}

void add_flags(std::vector<std::string>& specs, const Command* command) {
  for (const FlagGroup& group : flag_groups(command)) {
    for (const Setting* flag : group.flags) specs.push_back(flag_spec(*flag));
  }
}

std::string call_arguments(std::string_view options, const std::vector<std::string>& specs) {
  return concat("  _arguments ", options, " \\\n    ", join(specs, " \\\n    "));
}

// A command with commands below it: completes their names, then leaves the line to the one named.
std::string group_function(const Command* command) {
  std::vector<std::string> specs;
  add_flags(specs, command);
  specs.emplace_back("'1: :->name'");
  specs.emplace_back("'*:: :->rest'");
  std::string names;
  std::string cases;
  for (const Command* member : members_of(command == nullptr ? "" : command->name)) {
    names += concat("        ", single_quoted(concat(own_name(*member), ':', plain(member->brief))),
                    '\n');
    cases += concat("        ", own_name(*member), ") ", function_of(member), " && ret=0 ;;\n");
  }
  return concat(function_of(command), "() {\n",
                "  local curcontext=$curcontext state line ret=1\n"
                "  local -A opt_args\n"
                "  local -a names\n",
                call_arguments("-C -s", specs), " && ret=0\n",
                "  case $state in\n"
                "    name)\n"
                "      names=(\n",
                names,
                "      )\n"
                "      _describe -t commands command names && ret=0\n"
                "      ;;\n"
                "    rest)\n"
                "      case $words[1] in\n",
                cases,
                "      esac\n"
                "      ;;\n"
                "  esac\n"
                "  return ret\n"
                "}\n");
}

std::string leaf_function(const Command& command) {
  std::vector<std::string> specs;
  add_flags(specs, &command);
  const Positional& argument = command.positional;
  if (!argument.name.empty()) {
    const std::string first = concat("1:", plain(argument.name), ':',
                                     action(argument.completes, argument_words(command)));
    specs.push_back(single_quoted(command.runs_command ? concat("(-)", first) : first));
  }
  if (command.runs_command) specs.emplace_back("'*:: :_normal'");
  // -A: what stands behind the command to run are its flags, not those of muster.
  const std::string_view options = command.runs_command ? "-s -S -A '-*'" : "-s -S";
  return concat(function_of(&command), "() {\n", call_arguments(options, specs), "\n}\n");
}

}  // namespace

std::string render_zsh_completions() {
  std::string script(kHead);
  for (const Command& command : all_commands()) {
    script += is_group(command) ? group_function(&command) : leaf_function(command);
    script += '\n';
  }
  return concat(script, group_function(nullptr), kTail);
}

}  // namespace muster::cli
