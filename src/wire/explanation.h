// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "domain/enforced.h"

namespace muster {

/// A plan as one line of JSON without a newline, schema "muster.plan/1": its steps in their order
/// and what would hold.
std::string to_json(const Explanation& explanation);

}  // namespace muster
