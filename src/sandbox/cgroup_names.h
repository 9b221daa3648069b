// SPDX-License-Identifier: Apache-2.0
#pragma once

// What muster's cgroups are called, so that a later muster knows whose they were.

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/cgroup.h"

namespace muster::sandbox {

/// Which muster made a cgroup.
struct CgroupOwner {
  pid_t pid = 0;
  std::uint64_t start_time = 0;
  bool operator==(const CgroupOwner&) const = default;
};

/// Reads a name as next_cgroup_name() makes it; nothing for any other.
std::optional<CgroupOwner> parse_cgroup_name(std::string_view name);

/// The cgroup that muster itself moves to where CgroupFacts::needs_leaf_move; not one of an
/// attempt.
std::string own_leaf_name();

/// The unit of systemd that muster itself moves to.
std::string scope_name();

/// Field 22 of /proc/PID/stat: clock ticks from boot to the start of the process; nothing where
/// there is no such process.
std::optional<std::uint64_t> start_time_of(pid_t pid);

}  // namespace muster::sandbox
