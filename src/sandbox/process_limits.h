// SPDX-License-Identifier: Apache-2.0
#pragma once

// Limits where no cgroup can hold them: what the kernel counts for every process by itself, and
// what looking at all of them now and then tells.

#include <sys/types.h>

#include <vector>

#include "base/bytes.h"
#include "base/duration.h"
#include "domain/limits.h"
#include "exec/process/launch.h"
#include "sandbox/cgroup.h"

namespace muster::sandbox {

/// The rlimits for what no controller holds. RLIMIT_NPROC counts the processes of one user in one
/// user namespace, so it is right where the task has either for itself. Never RLIMIT_AS: programs
/// reserve far more addresses than they use. RLIMIT_DATA is well above the limit on memory: who
/// meets it is refused memory and ends as it likes, and nobody is told. memory_of_tree() is to find
/// the tree before that, so that it ends as out of memory.
std::vector<process::ResourceLimit> fallback_rlimits(const CgroupFacts& facts,
                                                     const Limits& limits);

/// What the descendants of `root` hold that is in no file: anonymous and shared memory and swap.
/// Up to `limit` it may be too much, for what processes share is counted for each; above it every
/// page is counted once, at a cost, where the kernel lets this user see that.
Bytes memory_of_tree(pid_t root, Bytes limit);

/// Processor time of `root`, of its descendants, and of what any of them has waited for.
Duration cpu_of_tree(pid_t root);

}  // namespace muster::sandbox
