// SPDX-License-Identifier: Apache-2.0
#pragma once

// The keeper is the process between muster and the command. It leads the command's session, adopts
// whatever the command leaves behind, reaps it, and ends all of it when the command has ended or
// muster itself is gone, also after a SIGKILL. It is a fork of muster that never executes anything,
// so it allocates nothing and takes no lock.

#include "exec/process/launch.h"

namespace muster::process {

/// The whole life of the keeper. All signals must be blocked in the calling process.
[[noreturn]] void keep(const LaunchPlan& plan);

}  // namespace muster::process
