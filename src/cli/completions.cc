// SPDX-License-Identifier: Apache-2.0
#include "cli/completions.h"

#include <algorithm>
#include <cstddef>

#include "base/error.h"
#include "base/text.h"
#include "cli/completions_shells.h"
#include "cli/man.h"
#include "cli/reference.h"

namespace muster::cli {

std::string render_completions(std::string_view shell) {
  if (shell == "bash") return render_bash_completions();
  if (shell == "zsh") return render_zsh_completions();
  if (shell == "fish") return render_fish_completions();
  throw Error(ErrorCode::kInvalidArgument,
              concat("there are completions for bash, zsh and fish, not for ", in_quotes(shell)));
}

std::vector<std::string> argument_words(const Command& command) {
  // Neither has its words in the table: they are other parts of the tables themselves.
  if (command.name == "help") return member_names("");
  if (command.name == "man") return man_page_names();
  return {command.positional.choices.begin(), command.positional.choices.end()};
}

std::vector<std::string> member_names(std::string_view group) {
  std::vector<std::string> names;
  for (const Command* member : members_of(group)) names.emplace_back(own_name(*member));
  return names;
}

std::vector<const Setting*> all_flags() {
  std::vector<const Setting*> flags;
  for (const Setting& setting : all_settings()) {
    if (!commands_with(setting).empty()) flags.push_back(&setting);
  }
  return flags;
}

std::string value_letters(const Command* command) {
  std::string letters;
  for (const FlagGroup& group : flag_groups(command)) {
    for (const Setting* flag : group.flags) {
      if (flag->letter != 0 && flag->type != SettingType::kFlag) letters += flag->letter;
    }
  }
  return letters;
}

std::string single_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + '\'';
}

std::string fill_in(std::string script, std::string_view mark, std::string_view text) {
  const std::string marked = concat('@', mark, '@');
  return script.replace(script.find(marked), marked.size(), text);
}

}  // namespace muster::cli
