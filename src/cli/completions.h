// SPDX-License-Identifier: Apache-2.0
#pragma once

// The scripts that shells load to complete muster command lines, from the tables of commands and
// settings. What only a running muster knows, such as the names of profiles, a script asks muster
// for. Pure.

#include <string>
#include <string_view>

namespace muster::cli {

/// The script for "bash", "zsh" or "fish". Throws Error(kInvalidArgument) for any other shell.
std::string render_completions(std::string_view shell);

}  // namespace muster::cli
