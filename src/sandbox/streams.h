// SPDX-License-Identifier: Apache-2.0
#pragma once

// The three streams that cross the wall with the command. They are open already, so no mount and no
// id stands between; what is looked after here is what else can be reached through them, by their
// names in /proc/self/fd and /dev.

#include <array>
#include <string>

#include "sandbox/identity.h"

namespace muster::sandbox {

/// In the supervisor, before the init is made. Pipes and the command's `own_terminal` (-1: it has
/// none) that belong to muster's user become the command's own, so that it may open them by name:
/// /dev/stderr. Files keep their owner. Throws Error for a folder or a mere name of something,
/// through which everything around it could be reached.
void hand_over_streams(const std::array<int, 3>& streams, int own_terminal,
                       const Identity& identity);

/// The path of a terminal for a device of the same name inside; empty: it has none.
std::string terminal_path(int terminal);

}  // namespace muster::sandbox
