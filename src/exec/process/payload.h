// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exec/process/launch.h"

namespace muster::process {

/// Turns the calling process, just forked by the keeper, into the command. On failure writes a
/// StartFailure to `failure_pipe` and ends. Allocates nothing.
[[noreturn]] void become_payload(const LaunchPlan& plan, int failure_pipe);

}  // namespace muster::process
