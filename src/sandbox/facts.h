// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a plan is made from beside the spec: the host as this process finds it, and the paths that
// the spec names. Plain data, so that a plan can be made for a host that is not this one.

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/spec.h"
#include "sandbox/cgroup.h"

namespace muster::sandbox {

/// A run of ids that exist in the user namespace of muster.
struct IdRange {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

/// Whether a primitive can be used, and if not, what the kernel said.
struct Availability {
  bool yes = true;
  int error_number = 0;     ///< of the attempt; 0 when none was made
  std::string why_not;      ///< what stands in the way, as a sentence part
  std::string remedy = {};  ///< the command that would change it
};

/// A folder or link at the root of the host that programs need.
struct SystemEntry {
  std::string path;         ///< "/usr", "/bin"
  std::string link_target;  ///< "usr/bin"; empty for a folder
};

/// What the host allows this process.
struct HostFacts {
  uid_t uid = 0;  ///< effective
  gid_t gid = 0;
  bool privileged = false;   ///< may mount, make namespaces and change ids by itself
  bool is_host_root = true;  ///< uid 0, and nothing says that it is not uid 0 of the host as well
  std::vector<IdRange> uids;
  std::vector<IdRange> gids;
  Availability user_namespaces;
  Availability private_proc;  ///< a /proc of the task's own, in a user namespace
  Availability seccomp;
  int landlock_abi = 0;
  std::vector<SystemEntry> system;  ///< in the order in which they are shown
  std::vector<SystemEntry> etc;     ///< what is shown of /etc as it is
  CgroupFacts cgroups;
};

/// A path of the host that a spec names.
struct SourceFacts {
  std::string path;
  int error_number = 0;  ///< why it cannot be looked at; 0: it can
  bool is_folder = false;
  bool is_link = false;
  std::string link_target;
  dev_t device = 0;
  ino_t inode = 0;
  uid_t uid = 0;
  gid_t gid = 0;
  bool maps_ids = true;  ///< false once its file system has refused an id-mapped mount
};

struct Facts {
  HostFacts host;
  std::vector<SourceFacts> sources;
  std::vector<SourceFacts> rootfs;  ///< the entries of the folder that `--rootfs` names
  std::string terminal;             ///< the command's own, as a path of the host; empty: none
  std::uint32_t lane = 0;  ///< differs between sandboxes that run at the same time on one host

  /// The facts on `path`, or nullptr when nobody looked.
  const SourceFacts* source(std::string_view path) const;
};

/// Looks at the host. `thorough`: tries what costs a process to try; otherwise user namespaces are
/// taken for possible unless a sysctl says no.
HostFacts probe_host(bool thorough);

/// Tries to make a user namespace and says what came of it.
Availability try_user_namespace();

/// Looks at every path that `spec` names. Never throws for what is missing.
void probe_sources(const Spec& spec, Facts& facts);

}  // namespace muster::sandbox
