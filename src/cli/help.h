// SPDX-License-Identifier: Apache-2.0
#pragma once

// What -h and --help print, from the tables of commands and settings. Pure.

#include <string>

#include "cli/command.h"
#include "cli/parse.h"
#include "term/style.h"

namespace muster::cli {

/// The help of `command`, nullptr for `muster` itself, ending in a newline. kShort puts examples
/// first and gives each flag its brief; kFull says everything there is to know; kNo is taken as
/// kShort. No line is wider than `width`, which is held between 40 and 100; kUnlimitedColumns, for
/// what is not a terminal, counts as 80.
std::string render_help(const Command* command, HelpAsked asked, int width, const Painter& painter);

}  // namespace muster::cli
