// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the scripts for the three shells have in common, and the parts each of them is made of. For
// the files completions*.cc alone.

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace muster::cli {

std::string render_bash_completions();
std::string render_zsh_completions();
std::string render_fish_completions();

/// The words that `command` can take as its first argument, as far as the tables know them.
std::vector<std::string> argument_words(const Command& command);

/// The names of the commands directly below `group`.
std::vector<std::string> member_names(std::string_view group);

/// Every setting that is a flag of some command, each once.
std::vector<const Setting*> all_flags();

/// The letters of the flags of `command` that take a value: "cnCe". nullptr: of the common ones.
std::string value_letters(const Command* command);

/// `text` within single quotes, as bash and zsh read them.
std::string single_quoted(std::string_view text);

/// `script` with `text` in the place of the mark `@MARK@`, which must be there once.
std::string fill_in(std::string script, std::string_view mark, std::string_view text);

}  // namespace muster::cli
