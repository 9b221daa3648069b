// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the two tables, of commands and of settings, say together: the common ground of help, man
// pages and completions, so that all three tell the same in the same order. Pure; views and
// pointers into the tables live as long as the program.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace muster::cli {

/// Flags under one heading.
struct FlagGroup {
  std::string_view title;
  std::vector<const Setting*> flags;
};

/// The flags of `command` by category, in the order the command lists them; those that every
/// command takes come last. nullptr: only these.
std::vector<FlagGroup> flag_groups(const Command* command);

/// The commands directly below `group`, "" for those below `muster` itself, in their order.
std::vector<const Command*> members_of(std::string_view group);

bool is_group(const Command& command);

/// What is typed for it below its group: "show" for "config show".
std::string_view own_name(const Command& command);

/// "muster config show"; nullptr: "muster".
std::string full_name(const Command* command);

/// The command's own examples; nullptr: the first one of each command.
std::vector<Example> examples_of(const Command* command);

/// The commands whose flag the setting is; empty for one that only a config file or variable can
/// set. Flags that every command takes belong to the one nullptr.
std::vector<const Command*> commands_with(const Setting& setting);

/// An exit code and when it is given.
struct ExitStatus {
  std::string_view code;  ///< "124", or words such as "128+N"
  std::string_view meaning;
};

/// The exit codes of `command`; nullptr: of those commands that do not run one.
std::span<const ExitStatus> exit_statuses(const Command* command);

/// A place that muster reads config from.
struct ConfigFilePlace {
  std::string_view path;
  std::string_view meaning;
};

/// Weakest first.
std::span<const ConfigFilePlace> config_file_places();

/// What muster is, in one sentence.
std::string_view about_muster();

/// The synopsis of `muster` itself, behind its name.
std::string_view muster_synopsis();

/// "task.output_limit": where in a config file the setting stands; "" when it cannot.
std::string config_place(const Setting& setting);

/// A brief as a sentence: "Run a command."
std::string sentence(std::string_view brief);

/// The choices, or whatever parts, with commas between them.
std::string listed(std::span<const std::string_view> parts);

}  // namespace muster::cli
