// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/context.h"

namespace muster::cli {

/// The whole program behind main(): understands `words`, loads the config, runs the command, and
/// turns every fault into one message and an exit code. Throws nothing.
int run_program(const std::vector<std::string>& words, const Services& services) noexcept;

}  // namespace muster::cli
