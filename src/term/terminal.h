// SPDX-License-Identifier: Apache-2.0
#pragma once

// What muster knows of the stream it writes to. Asked once per stream at the start of a command and
// handed around as a value.

#include <string_view>

#include "base/getenv.h"
#include "term/width.h"

namespace muster {

/// One output stream, as it was when facts_of looked.
struct TerminalFacts {
  bool is_terminal = false;
  bool can_overprint = false;  ///< a terminal that obeys cursor and erase sequences (not TERM=dumb)
  int columns = kUnlimitedColumns;  ///< kUnlimitedColumns when it is not a terminal
  bool is_utf8 = false;             ///< by LC_ALL, LC_CTYPE or LANG, the first that is set
  bool in_ci = false;               ///< CI or GITHUB_ACTIONS is set, and not to "false"
};

/// Looks at the descriptor and the environment. Columns are the kernel's window size, else COLUMNS,
/// else 80. A closed descriptor is not a terminal.
TerminalFacts facts_of(int descriptor, const Getenv& getenv);

/// What the user asked for with --color.
enum class ColorChoice { kAuto, kAlways, kNever };

/// Reads `auto`, `always` or `never`. Throws Error(kInvalidArgument).
ColorChoice parse_color_choice(std::string_view text);

/// Whether to write colour. The first rule that speaks decides: --color always or never; NO_COLOR
/// not empty: off; CLICOLOR_FORCE neither empty nor "0": on; TERM unset or "dumb": off; else on
/// exactly for a terminal.
bool wants_colour(ColorChoice choice, const TerminalFacts& facts, const Getenv& getenv);

}  // namespace muster
