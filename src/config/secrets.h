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
/// PASSW, KEY, CREDENTIAL, AUTH or the like in it, in capitals or not, or is one of AWS's.
bool name_looks_secret(std::string_view name);

/// Whether the value of a variable likely holds a secret: a URL with a user or password in it.
bool value_looks_secret(std::string_view value);

/// Whether `text`, a value of `setting`, is or holds a secret.
bool holds_secret(const Setting& setting, std::string_view text);

}  // namespace muster
