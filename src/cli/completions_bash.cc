// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "base/text.h"
#include "cli/completions_shells.h"
#include "cli/reference.h"

namespace muster::cli {

namespace {

constexpr std::string_view kScript = R"sh(# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Completion of muster for bash; printed by `muster completions bash`.

# The names that may stand behind the words of a command.
_muster_members() {
  case $1 in
@MEMBERS@  esac
}

# The flags of a command.
_muster_flags() {
  case $1 in
@FLAGS@  esac
}

# The letters of a command's flags that take a value.
_muster_value_letters() {
  case $1 in
@LETTERS@  esac
}

# What the value of a flag is, given the command and the flag; fails where it takes none.
_muster_value() {
  case "$1 $2" in
@VALUES@    *) return 1 ;;
  esac
}

# What the arguments of a command are.
_muster_argument() {
  case $1 in
@ARGUMENTS@  esac
}

# The flag behind a word of flags (--color=auto, -qt) whose value is the next word; fails where
# there is none.
_muster_open_flag() {
  local command=$1 word=$2 letters
  case $word in
    --*=*) return 1 ;;
    --*) ;;
    *)
      letters=$(_muster_value_letters "$command")
      [[ -n $letters && $word =~ ^-[^"$letters"]*["$letters"]$ ]] || return 1
      word=-${word: -1}
      ;;
  esac
  _muster_value "$command" "$word" >/dev/null && printf '%s\n' "$word"
}

# Offers what starts as the word does, with a prefix that is part of the word already.
_muster_offer() {
  local kind=$1 typed=$2 prefix=$3
  case $kind in
    files)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -P "$prefix" -- "$typed")
      ;;
    directories)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -P "$prefix" -- "$typed")
      ;;
    commands) mapfile -t COMPREPLY < <(compgen -c -P "$prefix" -- "$typed") ;;
    profiles)
      mapfile -t COMPREPLY < <(
        compgen -P "$prefix" -W "$(muster config profiles 2>/dev/null | cut -c 3-)" -- "$typed"
      )
      ;;
    words\ *) mapfile -t COMPREPLY < <(compgen -P "$prefix" -W "${kind#words }" -- "$typed") ;;
  esac
}

# The command to run and its arguments, from the word at this index on.
_muster_other_command() {
  if declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$1"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  elif (($1 == COMP_CWORD)); then
    _muster_offer commands "${COMP_WORDS[COMP_CWORD]}" ''
  else
    _muster_offer files "${COMP_WORDS[COMP_CWORD]}" ''
  fi
}

# bash splits words at = and : too. Puts together again what was typed as one word, up to the one
# under the cursor, into `words`; `starts` are their places in COMP_WORDS.
_muster_join_words() {
  local line=$COMP_LINE piece i
  for ((i = 0; i <= COMP_CWORD; i++)); do
    piece=${COMP_WORDS[i]}
    if ((i > 0)) && [[ $line != [[:space:]]* && ($piece == [=:]* || ${words[-1]} == *[=:]) ]]; then
      words[-1]+=$piece
    else
      words+=("$piece")
      starts+=("$i")
    fi
    line=${line#"${line%%[![:space:]]*}"}
    line=${line#"$piece"}
  done
}

# bash replaces only what stands behind the last = or : of the word.
_muster_cut_replies() {
  local current=$1 cut i
  cut=${current%"${current##*[=:]}"}
  [[ -n $cut && $COMP_WORDBREAKS == *"${cut: -1}"* ]] || return 0
  for i in "${!COMPREPLY[@]}"; do
    COMPREPLY[i]=${COMPREPLY[i]#"$cut"}
  done
}

# Completes the word under the cursor from what the words before it say.
_muster_last_word() {
  local command=$1 only_arguments=$2 open_flag=$3 current=$4
  local members
  members=$(_muster_members "$command")
  if [[ -n $open_flag ]]; then
    _muster_offer "$(_muster_value "$command" "$open_flag")" "$current" ''
  elif [[ -z $only_arguments && $current == --*=* ]]; then
    _muster_offer "$(_muster_value "$command" "${current%%=*}")" "${current#*=}" "${current%%=*}="
  elif [[ -z $only_arguments && $current == -* ]]; then
    _muster_offer "words $(_muster_flags "$command")" "$current" ''
  elif [[ -n $members ]]; then
    _muster_offer "words $members" "$current" ''
  else
    _muster_offer "$(_muster_argument "$command")" "$current" ''
  fi
}

_muster() {
  local command='' only_arguments='' open_flag='' word i
  local -a words=() starts=()
  COMPREPLY=()
  _muster_join_words
  for ((i = 1; i < ${#words[@]} - 1; i++)); do
    word=${words[i]}
    if [[ -n $open_flag ]]; then
      open_flag=''
    elif [[ -z $only_arguments && $word == -- ]]; then
      only_arguments=1
    elif [[ -z $only_arguments && $word == -* ]]; then
      open_flag=$(_muster_open_flag "$command" "$word")
    elif [[ " $(_muster_members "$command") " == *" $word "* ]]; then
      command+=${command:+ }$word
    elif [[ $(_muster_argument "$command") == commands ]]; then
      break
    else
      return
    fi
  done
  word=${words[i]}
  if [[ -z $open_flag && $(_muster_argument "$command") == commands ]] &&
    [[ -n $only_arguments || $word != -* ]]; then
    _muster_other_command "${starts[i]}"
    return
  fi
  _muster_last_word "$command" "$only_arguments" "$open_flag" "$word"
  _muster_cut_replies "$word"
}

complete -F _muster muster
)sh";

std::string arm(std::string_view pattern, std::string_view output) {
  return concat("    ", pattern, ") echo ", single_quoted(output), " ;;\n");
}

std::string pattern_of(const Command* command) {
  return single_quoted(command == nullptr ? "" : command->name);
}

std::string kind_word(Completes completes, const std::vector<std::string>& words) {
  if (!words.empty()) return concat("words ", join(words, " "));
  switch (completes) {
    case Completes::kNothing:
      return "anything";
    case Completes::kFiles:
      return "files";
    case Completes::kDirectories:
      return "directories";
    case Completes::kCommands:
      return "commands";
    case Completes::kProfiles:
      return "profiles";
  }
  return {};
}

std::string members() {
  std::string arms = arm("''", join(member_names(""), " "));
  for (const Command& command : all_commands()) {
    if (is_group(command)) {
      arms += arm(pattern_of(&command), join(member_names(command.name), " "));
    }
  }
  return arms;
}

std::string flags_of(const Command* command) {
  std::vector<std::string> flags;
  for (const FlagGroup& group : flag_groups(command)) {
    for (const Setting* flag : group.flags) {
      if (flag->letter != 0) flags.push_back(concat('-', flag->letter));
      flags.push_back(concat("--", flag->name));
    }
  }
  return arm(pattern_of(command), join(flags, " "));
}

std::string all_flag_lists() {
  std::string arms = flags_of(nullptr);
  for (const Command& command : all_commands()) arms += flags_of(&command);
  return arms;
}

std::string letters() {
  std::string arms;
  for (const Command& command : all_commands()) {
    const std::string of_command = value_letters(&command);
    if (!of_command.empty()) arms += arm(pattern_of(&command), of_command);
  }
  return arms;
}

// The command stands before the flag, for a letter may mean another flag elsewhere.
std::string values() {
  std::string arms;
  for (const Setting* flag : all_flags()) {
    if (flag->type == SettingType::kFlag) continue;
    std::string pattern = concat("*\" --", flag->name, '"');
    if (flag->letter != 0) {
      for (const Command* command : commands_with(*flag)) {
        const std::string_view name = command == nullptr ? "" : command->name;
        pattern += concat(" | ", single_quoted(concat(name, " -", flag->letter)));
      }
    }
    const std::vector<std::string> choices(flag->choices.begin(), flag->choices.end());
    arms += arm(pattern, kind_word(flag->completes, choices));
  }
  return arms;
}

std::string arguments() {
  std::string arms;
  for (const Command& command : all_commands()) {
    if (command.positional.name.empty()) continue;
    const auto kind = kind_word(command.positional.completes, argument_words(command));
    arms += arm(pattern_of(&command), kind);
  }
  return arms;
}

}  // namespace

std::string render_bash_completions() {
  std::string script(kScript);
  script = fill_in(std::move(script), "MEMBERS", members());
  script = fill_in(std::move(script), "FLAGS", all_flag_lists());
  script = fill_in(std::move(script), "LETTERS", letters());
  script = fill_in(std::move(script), "VALUES", values());
  return fill_in(std::move(script), "ARGUMENTS", arguments());
}

}  // namespace muster::cli
