// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which values must not be seen: where they are shown they are masked, and a file that holds one
// should be readable by its owner alone. Pure.

#include <string_view>

#include "config/setting.h"

namespace muster {

/// What stands in the place of a secret.
inline constexpr std::string_view kMask = "********";

/// Whether an environment variable of this name likely holds a secret: it has TOKEN, SECRET,
/// PASSWORD or KEY in it, in capitals or not.
bool name_looks_secret(std::string_view name);

/// Whether `text`, a value of `setting`, is or holds a secret.
bool holds_secret(const Setting& setting, std::string_view text);

}  // namespace muster
