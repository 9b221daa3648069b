// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/context.h"

namespace muster::cli {

/// Asks the environment of `services`.
Getenv getenv_of(const Services& services);

/// Where config files are looked for, from the working directory and the environment.
ConfigPaths config_paths(const Services& services);

/// The settings in force for the command line.
Config load_config(const CommandLine& line, const Services& services);

}  // namespace muster::cli
