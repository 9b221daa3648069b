// SPDX-License-Identifier: Apache-2.0
#pragma once

// One subcommand as data: what help, man pages, completions and the parser know of it.

#include <span>
#include <string_view>

#include "config/setting.h"

namespace muster::cli {

/// A command line to copy, and what it does.
struct Example {
  std::string_view line;
  std::string_view meaning;
};

/// What stands after the flags.
struct Positional {
  std::string_view name;  ///< "NAME"; empty: the command takes none
  std::string_view brief;
  bool required = false;
  bool many = false;  ///< takes any number
  Completes completes = Completes::kNothing;
  std::span<const std::string_view> choices = {};
};

/// A section of a command's manual page beyond what every page has.
struct Chapter {
  std::string_view title;  ///< "SECURITY"
  std::string_view text;   ///< paragraphs separated by an empty line
};

struct Command {
  std::string_view name;                       ///< "run", "config show": words below `muster`
  std::string_view synopsis;                   ///< "[FLAGS] [--] COMMAND [ARG...]"
  std::string_view brief;                      ///< one line, lower case, no full stop
  std::string_view detail;                     ///< paragraphs separated by an empty line
  std::span<const std::string_view> settings;  ///< names in config/settings.cc, besides the common
  Positional positional;
  bool runs_command = false;  ///< from the first positional on, all belongs to the command to run
  std::span<const Example> examples;
  // A member without an initializer must be named by every designated one.
  // NOLINTNEXTLINE(readability-redundant-member-init)
  std::span<const Chapter> chapters = {};
};

/// Every subcommand in the order help lists them; a group ("config") stands before its members.
std::span<const Command> all_commands();

/// The command of that name, or nullptr.
const Command* find_command(std::string_view name);

/// The names of the settings that every command takes: --help, --color, --profile, ...
std::span<const std::string_view> common_settings();

}  // namespace muster::cli
