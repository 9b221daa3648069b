// SPDX-License-Identifier: Apache-2.0
#pragma once

// From the words of the command line to a command, its flags and its arguments. Only this header's
// .cc knows CLI11.

#include <string>
#include <vector>

#include "cli/command.h"
#include "config/config.h"

namespace muster::cli {

/// Whether help was asked for instead of the command itself.
enum class HelpAsked { kNo, kShort, kFull };

/// A command line, understood.
struct CommandLine {
  const Command* command = nullptr;  ///< nullptr: `muster` alone
  FlagValues flags;
  std::vector<std::string> arguments;  ///< the positionals; for `run` the command to run
  HelpAsked help = HelpAsked::kNo;
};

/// Understands `words`, the command line without the program's own name. Words from the first
/// argument of a command such as `run` on, or behind `--`, are never looked at. Throws
/// Error(kUsage) for an unknown command or flag, naming the nearest one, and for a missing or
/// superfluous value or argument.
CommandLine parse_command_line(const std::vector<std::string>& words);

}  // namespace muster::cli
