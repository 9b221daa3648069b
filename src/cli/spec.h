// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "domain/spec.h"

namespace muster::cli {

/// The spec that settings and arguments describe. `environment`: the caller's, as in environ(7).
/// Throws Error(kInvalidArgument) naming the flag and value for an environment entry or file that
/// cannot be used.
Spec make_spec(const Config& config, const std::vector<std::string>& arguments,
               const char* const* environment);

}  // namespace muster::cli
