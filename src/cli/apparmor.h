// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace muster::cli {

/// A profile, as apparmor.d(5) reads it, that allows user namespaces to the program at `binary`
/// and restricts nothing else.
std::string apparmor_profile(std::string_view binary);

}  // namespace muster::cli
