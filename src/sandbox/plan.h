// SPDX-License-Identifier: Apache-2.0
#pragma once

// A sandbox as data: the named steps from a fresh set of namespaces to a confined command, in the
// order in which they are taken. The order is the security argument; README.md gives it. A plan is
// made by a pure function, shown by --explain, compared by golden tests, and walked by apply.h.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domain/enforced.h"
#include "domain/spec.h"
#include "sandbox/facts.h"

namespace muster::sandbox {

/// Who the command is.
struct Identity {
  std::uint32_t inside = 1000;  ///< uid and gid it sees
  std::uint32_t outside = 0;    ///< what the host takes it for
  std::uint32_t outside_gid = 0;
  bool user_namespace = true;
  bool maps_by_privilege = false;  ///< muster may map ids that are not its own
};

/// What a step does. Steps of one plan stand in this order but for mounts, which stand by target.
enum class Action {
  kJoinCgroups,
  kCgroupNamespace,
  kIdentity,
  kHostname,
  kLoopback,
  kPrivate,      ///< mounts of the host no longer reach in
  kScratch,      ///< the one writable file system, held to the limit on disk
  kRoot,         ///< the new root
  kFolder,       ///< an empty folder of the root
  kLink,         ///< a symbolic link; `source` is what it holds
  kFile,         ///< a file of the root; `text` is what it holds
  kBind,         ///< `source` of the host at `target`
  kFromScratch,  ///< a folder of the scratch file system at `target`
  kTmpfs,        ///< a file system of its own size at `target`
  kOverlay,      ///< `source` at `target` with writes going to the scratch file system
  kProc,
  kDevice,     ///< a device node of the host at `target`
  kTerminals,  ///< a /dev/pts of the task's own
  kMask,       ///< nothing to be seen at `target` any more
  kProtect,    ///< `target` read-only from here on
  kPivot,      ///< the new root becomes the only one
  kCapabilities,
  kNoNewPrivileges,
  kUndumpable,  ///< nobody inside can look into or trace the init
  kLandlock,
  kSeccomp,
  kPolicy,  ///< the user's own filter, on the command alone
};

/// The stable word for an action in plans, records and timings: "bind", "proc".
std::string_view name_of(Action action);

/// One thing that is done on the way; which of its fields count, `action` says.
struct Step {
  Action action = Action::kPrivate;
  std::string source =
      {};  ///< kBind, kDevice, kOverlay: a path of the host; kLink: the link's text
  std::string target = {};  ///< a path inside
  std::string text = {};    ///< kFile: the content; kHostname: the name
  std::string reason = {};  ///< for people
  bool is_folder = true;
  bool writable = false;
  bool executable = true;
  bool exact = false;           ///< `source` holds no link, or somebody has tampered with it
  bool may_be_missing = false;  ///< not a fault where the kernel or the host has no such thing
  bool by_owner = false;        ///< files of `owner` are the command's own: the mount maps ids
  std::uint32_t owner = 0;
  std::uint32_t owner_gid = 0;
  std::uint64_t device =
      0;  ///< kBind: what was found at planning, so that a swapped source is seen
  std::uint64_t inode = 0;
  std::uint32_t mode = 0755;
  std::uint64_t size = 0;    ///< bytes; kScratch, kTmpfs
  std::uint64_t inodes = 0;  ///< kScratch, kTmpfs
};

struct Plan {
  Identity identity;
  bool namespaces = true;  ///< false: best effort found none; no root of its own, no pid 1
  bool network_namespace = true;
  std::vector<Step> steps;
  std::vector<std::string> readable;  ///< paths inside that Landlock leaves readable
  std::vector<std::string> writable;  ///< and those that it leaves writable as well
  std::vector<std::string> allow;     ///< groups of system calls
  int landlock_abi = 0;               ///< 0: no Landlock
  Enforced enforced;                  ///< what will hold, limits excepted
};

/// The steps that `spec` takes on a host of `facts`. Pure. Throws Error(kUnavailable) naming the
/// missing primitive and its remedy where `spec` demands what the host cannot do, and
/// Error(kInvalidArgument) for paths that cannot be used.
Plan build_plan(const Spec& spec, const Facts& facts);

/// One line per step, as --explain shows them.
std::vector<ExplainedStep> explain_steps(const Plan& plan);
ExplainedStep explain_step(const Step& step, const Identity& identity);

}  // namespace muster::sandbox
