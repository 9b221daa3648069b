// SPDX-License-Identifier: Apache-2.0
#pragma once

// The walk over the steps of a plan, in the process that will be the init of the sandbox, between
// its clone and the fork of the command. It allocates nothing, throws nothing, takes no lock and
// logs nothing: what it needs was laid out by the supervisor (sandbox_confinement.h).

#include <linux/filter.h>

#include <array>
#include <cstdint>
#include <span>

#include "exec/process/launch.h"
#include "sandbox/plan.h"

namespace muster::sandbox {

/// What the supervisor has prepared. Plain memory and descriptors; outlives the walk.
struct Entrance {
  const Plan* plan = nullptr;
  const int* trees = nullptr;  ///< per step: a detached mount made by the supervisor, or -1
  std::span<const int> join_files;
  int upper_channel = -1;  ///< a socket over which the supervisor gets the overlay's upper layer
  std::array<int, 3> streams{};
  std::span<const sock_filter> filter;
  std::span<const sock_filter> policy;
  int death_signal = 0;
  bool loopback_is_up = false;
  std::uint64_t* timings = nullptr;  ///< shared memory, nanoseconds per step; nullptr: not wanted
};

/// LaunchPlan::enter; `context` is an Entrance. A failure's index is that of the step.
bool enter(void* context, process::StartFailure& failure);

/// LaunchPlan::last, in the command's own process; `context` is an Entrance.
bool install_policy(void* context);

}  // namespace muster::sandbox
