// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

namespace muster::process {

/// Sends `signal` to every living descendant of `root` that /proc shows, however it daemonised, as
/// long as `root` is its subreaper (PR_SET_CHILD_SUBREAPER). Returns how many there were, zombies
/// not counted. Allocates nothing.
int signal_descendants(pid_t root, int signal);

/// Calls `take(context, pid)` for every descendant of `root` that /proc shows, the dead that nobody
/// has waited for among them, lower pids first. Allocates nothing.
void for_each_descendant(pid_t root, void (*take)(void* context, pid_t pid), void* context);

/// Kills every descendant of `root` with SIGKILL. They are stopped first, until a look finds none
/// that still runs, so that a tree that forks faster than it is looked at cannot escape.
void kill_descendants(pid_t root);

}  // namespace muster::process
