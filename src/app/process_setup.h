// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>

namespace muster::app {

/// Puts the process into a state the rest may rely on: descriptors 0, 1 and 2 are open, and name
/// lookups use no shared library. Returns the signal mask the process was started with.
sigset_t set_up_process();

}  // namespace muster::app
