// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "domain/spec.h"

namespace muster::cli {

/// The spec that settings and arguments describe. `environment`: the caller's, as in environ(7).
/// In a sandbox `workdir` is always set and the environment is what the sandbox passes; without one
/// both are the caller's. Looks at the folders and files that a sandbox is made of. Throws Error
/// naming the flag and value for an environment entry, a file or a folder that cannot be used.
Spec make_spec(const Config& config, const std::vector<std::string>& arguments,
               const char* const* environment);

}  // namespace muster::cli
