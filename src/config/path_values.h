// SPDX-License-Identifier: Apache-2.0
#pragma once

// Values that hold paths, as they are typed: `~/` for the home, relative to some folder, and for
// binds and tmpfs a `?` where a missing path is no error.

#include <string>
#include <string_view>
#include <utility>

#include "base/getenv.h"
#include "config/setting.h"
#include "domain/sandbox.h"

namespace muster {

/// `text`, a value of `setting`, with every path in it absolute: a leading `~` is HOME, others
/// start at `folder`. Values of settings without paths come back as they are. Throws
/// Error(kInvalidArgument) for a `~` without HOME and for what cannot be a value of the setting.
std::string with_absolute_paths(const Setting& setting, std::string_view text,
                                const std::string& folder, const Getenv& getenv);

/// `text` without the `?` in front, and whether there was one.
std::pair<std::string_view, bool> take_optional_mark(std::string_view text);

/// What `MODE[:DIR]` says. DIR, empty when it is left out, is as it was typed. Throws
/// Error(kInvalidArgument).
std::pair<WorkspaceMode, std::string> parse_workspace(std::string_view text);

}  // namespace muster
