// SPDX-License-Identifier: Apache-2.0
#pragma once

// Processes in the cgroups of a test, whichever version the host has.

#include <sys/types.h>

#include <functional>
#include <optional>

#include "exec/process/confinement.h"
#include "sandbox/cgroup.h"

namespace muster::sandbox {

/// Whether this host lets the test hold the controller; notes why where it does not. That is an
/// error under MUSTER_TESTS_MUST_WORK only for root with version 1, where nothing but muster could
/// be in the way: what version 2 gives depends on where the test was started.
bool can_limit(const CgroupFacts& facts, Controller controller);

/// Forks a child that joins `cgroups` as an init would, does `work`, and exits with what that
/// returned. The cgroups watch it from then on.
pid_t start_inside(Cgroups& cgroups, const std::function<int()>& work);

/// Polls and looks as the supervision does, until a limit is reached; nothing where none is within
/// half a minute.
std::optional<process::Exhausted> wait_for_limit(Cgroups& cgroups);

/// Writes to so much fresh memory, in pieces, and keeps it. False where it was not given.
bool take_memory(std::size_t bytes);

/// Computes until so much processor time of this process has gone by.
void spin(std::chrono::milliseconds cpu_time);

}  // namespace muster::sandbox
