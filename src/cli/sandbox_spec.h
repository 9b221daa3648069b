// SPDX-License-Identifier: Apache-2.0
#pragma once

// Settings to a sandbox.

#include <string>

#include "cli/workspace.h"
#include "config/config.h"
#include "domain/limits.h"
#include "domain/sandbox.h"

namespace muster::cli {

Isolation isolation_of(const Config& config);

/// The sandbox that the settings describe, whose `isolation` is not kNone. `start` becomes where
/// the command starts, inside. Looks at the files of this machine: what is optional and missing is
/// left out. Throws Error(kInvalidArgument) naming the bind, tmpfs or folder that cannot be, and
/// kUsage for flags that contradict each other.
SandboxSpec make_sandbox(const Config& config, const Surroundings& here, std::string& start);

/// Adds the limits that only a sandbox holds.
void add_confining_limits(const Config& config, Limits& limits);

/// Throws Error(kUnavailable) naming the first setting that needs a sandbox when there is to be
/// none: a limit wherever it was set, anything else where it was set by whoever chose `isolation`
/// or by someone stronger.
void refuse_what_nobody_enforces(const Config& config);

}  // namespace muster::cli
