// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

namespace muster {

/// One warning for each MUSTER_ variable in `environment` (as environ(7)) that is neither a
/// setting's nor among `known`: most likely a typing error, and it names the nearest one. Variables
/// that are set but empty count as unset.
std::vector<std::string> unknown_variables(const char* const* environment,
                                           const std::set<std::string>& known);

}  // namespace muster
