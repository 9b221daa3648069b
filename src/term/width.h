// SPDX-License-Identifier: Apache-2.0
#pragma once

// How many columns of a terminal a UTF-8 text takes, and texts of a given width. Pure; needs no
// locale, so that the static binary measures the same everywhere. Terminals disagree on emoji that
// are joined by ZWJ: the width here is the sum of the parts, which is never too little.

#include <limits>
#include <string>
#include <string_view>

namespace muster {

/// The width of what is not a terminal: nothing is ever cut.
inline constexpr int kUnlimitedColumns = std::numeric_limits<int>::max();

/// The columns `text` takes. Colour sequences (ESC [ ... m) and control characters take none, a
/// byte that is not UTF-8 takes one.
int display_width(std::string_view text);

/// `text` made harmless for a terminal and for one line of a table: control characters become
/// `\n`, `\t`, `\x1b`, `\u0085`; so do line separators and the marks that reverse the direction of
/// text; a byte that is not UTF-8 becomes `\xff`. Everything untrusted (a task's name, what a
/// server said) goes through here once. Harmless text, backslashes too, is returned as it is.
std::string printable(std::string_view text);

/// `text` and spaces up to `columns`; `text` itself when it is that wide already.
std::string pad_right(std::string_view text, int columns);

/// `text` when it fits into `columns`; otherwise its front and '…', in at most `columns`. A
/// character is never cut from its combining marks nor an emoji from what ZWJ joins to it. Colour
/// sequences are all kept, also those behind the cut. Empty when `columns` is 0 or less.
std::string cut_to_width(std::string_view text, int columns);

}  // namespace muster
