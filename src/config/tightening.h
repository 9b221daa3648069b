// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a project file can do to the sandbox: make it tighter. Pure but for the memory of the
// machine, which percentages are of.

#include <string>
#include <string_view>

#include "config/setting.h"

namespace muster {

/// Why the value loosens the sandbox whatever weaker layers say, as the end of a sentence; empty
/// when it does not. The value must be one of the setting's.
std::string why_it_loosens(const Setting& setting, std::string_view text);

/// Whether the value `text` keeps the command closer than `other`, also a value of the setting.
bool is_tighter(const Setting& setting, std::string_view text, std::string_view other);

}  // namespace muster
