// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>
#include <span>
#include <string>
#include <vector>

namespace muster::app {

/// Puts the process into a state the rest may rely on: descriptors 0, 1 and 2 are open, and name
/// lookups use no shared library. Returns the signal mask the process was started with.
sigset_t set_up_process();

/// The memory that holds the words of the command line (execve(2) lays them out one after the
/// other).
std::span<char> memory_of_words(int argc, char** argv);

/// Whether these words probably ask for a sandbox without a network. A guess before anything is
/// understood: where it is wrong, work was done for nothing.
bool names_a_sandbox(const std::vector<std::string>& words);

}  // namespace muster::app
