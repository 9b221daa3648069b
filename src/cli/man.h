// SPDX-License-Identifier: Apache-2.0
#pragma once

// The manual: one page for muster, one for each command right below it (a group's page has all its
// members) and one for the config file. Generated from the tables of commands and settings. Pure.

#include <string>
#include <string_view>
#include <vector>

namespace muster::cli {

/// The day of the release that the pages describe. The one place that is edited for a release.
inline constexpr std::string_view kManDate = "November 21, 2026";

/// The names of the pages' files: "muster.1", "muster-run.1", ..., "muster-config.5".
std::vector<std::string> man_page_names();

/// The page in mdoc(7). Throws Error(kNotFound), naming the nearest page, for a name that is not
/// one of man_page_names().
std::string render_man(std::string_view page_file_name);

}  // namespace muster::cli
