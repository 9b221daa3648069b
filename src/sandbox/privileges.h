// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <csignal>

#include "sandbox/plan.h"

namespace muster::sandbox {

// Each runs between clone and exec, allocates nothing and is false with errno set where it fails.

/// Becomes the inside id of `identity`, or without a user namespace the outside one, and asks for
/// `death_signal` again, which a change of ids forgets (prctl(2), PR_SET_PDEATHSIG).
bool become(const Identity& identity, int death_signal);

/// Empties all five capability sets.
bool drop_capabilities();

bool forbid_new_privileges();

/// Nobody without rights over the user namespace's parent can trace or read this process.
bool make_undumpable();

}  // namespace muster::sandbox
