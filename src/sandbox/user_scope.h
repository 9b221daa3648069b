// SPDX-License-Identifier: Apache-2.0
#pragma once

// The way to cgroups of one's own on a systemd host: a scope that the user's own manager makes and
// hands over (systemd.resource-control(5), Delegate=). muster asks for one itself, on the socket on
// which the manager takes direct connections, and is moved into it as it runs.

#include <chrono>
#include <string>

#include "sandbox/cgroup_facts.h"

namespace muster::sandbox {

/// The socket of a user manager that would give a scope with more controllers than `missing` has
/// now; empty where there is none, and for a process that is already in a scope of its own. `root`
/// as in probe_cgroups().
std::string find_user_scope(const std::string& root, const OwnCgroup& own,
                            const CgroupFacts& missing);

/// Has the manager behind `socket` put this process, with all its threads, into a new scope. Empty
/// once it is there; otherwise why it is not, as a sentence part. Waits no longer than `patience`.
std::string enter_user_scope(const std::string& socket,
                             std::chrono::milliseconds patience = std::chrono::seconds(3));

}  // namespace muster::sandbox
