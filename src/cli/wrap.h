// SPDX-License-Identifier: Apache-2.0
#pragma once

// Running text in lines of a given display width. Pure.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace muster::cli {

/// The words of `text` in lines of at most `width` columns, which is at least 1; a word that is
/// wider is cut into several lines. Line feeds and runs of spaces count as one space.
std::vector<std::string> wrap(std::string_view text, int width);

/// The same with `pieces`, each of which stays on one line unless it is wider than that.
std::vector<std::string> wrap_pieces(std::span<const std::string> pieces, int width);

/// A command line for a shell in lines of at most `width` columns, broken outside of quotes with
/// a backslash, so that what is copied still works. Only a word that is too wide is cut as wrap()
/// does.
std::vector<std::string> wrap_command(std::string_view line, int width);

}  // namespace muster::cli
