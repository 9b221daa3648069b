// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one table from what happened to the exit code of muster.

#include "base/error.h"
#include "domain/outcome.h"

namespace muster::cli {

inline constexpr int kExitFailed = 1;  ///< a command other than run or wait did not succeed
inline constexpr int kExitUsage = 2;   ///< the command line is wrong
inline constexpr int kExitTimedOut = 124;
inline constexpr int kExitMuster = 125;  ///< muster itself failed
inline constexpr int kExitNotExecutable = 126;
inline constexpr int kExitNotFound = 127;
inline constexpr int kExitSignal = 128;  ///< plus the number of the signal

/// The exit code of `run` for a task that ended in `outcome`. `preserve_status`: after a timeout
/// the command's own code instead of 124.
int exit_code(const Outcome& outcome, bool preserve_status);

/// The exit code for a fault. `runs_command`: on behalf of a command whose own codes pass through,
/// so that muster's faults need a code of their own.
int exit_code(const Error& error, bool runs_command);

}  // namespace muster::cli
