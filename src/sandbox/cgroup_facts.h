// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where this process is in the cgroups of the host, read from /proc/self/cgroup (cgroups(7)) and
// /proc/self/mountinfo (proc(5)). What may be made of it is decided in probe_cgroups().

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/cgroup.h"

namespace muster::sandbox {

/// One line of /proc/self/cgroup.
struct Membership {
  std::string controllers;  ///< separated by commas; empty for version 2
  std::string path;         ///< in the hierarchy
};

/// One mount of a hierarchy.
struct CgroupMount {
  bool is_v2 = false;
  std::string controllers;  ///< version 1: the options of the file system, separated by commas
  std::string root;         ///< which path of the hierarchy is seen at `point`
  std::string point;
};

std::vector<Membership> parse_memberships(std::string_view text);
/// Of a mountinfo, the cgroup mounts alone, in their order.
std::vector<CgroupMount> parse_cgroup_mounts(std::string_view text);

/// Where the cgroup `path` of a hierarchy is seen under `mount`; nothing where it is not.
std::optional<std::string> seen_at(const CgroupMount& mount, std::string_view path);

/// Whether `list`, separated by commas, has `word`.
bool lists(std::string_view list, std::string_view word);

/// "memory", "pids", "cpu", "cpuacct".
std::string_view name_of(Controller controller);

/// The cgroup of version 2 that this process is in.
struct OwnCgroup {
  std::string mount_point;
  std::string folder;    ///< below mount_point, or itself
  bool is_root = false;  ///< the root of the whole hierarchy, not of a container
  bool alone = false;    ///< no other process is in it; not asked of the root
};

/// The cgroup `path` of version 2; nothing where no mount shows it. `root` stands before what is
/// opened and before the paths in the result.
std::optional<OwnCgroup> find_own_cgroup(const std::string& root,
                                         const std::vector<CgroupMount>& mounts,
                                         std::string_view path);

}  // namespace muster::sandbox
