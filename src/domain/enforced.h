// SPDX-License-Identifier: Apache-2.0
#pragma once

// What held in fact while an attempt ran, what it changed, and what a host and a plan are able to.

#include <string>
#include <string_view>
#include <vector>

#include "base/duration.h"
#include "domain/sandbox.h"

namespace muster {

/// Who holds a limit on the whole tree.
enum class Enforcer {
  kNobody,  ///< not asked for, or best effort found nothing
  kCgroupV1,
  kCgroupV2,
  kPerProcess,  ///< rlimits and looking now and then: no single process may exceed it
};

/// "cgroup-v1", "cgroup-v2", "per-process"; empty for kNobody.
std::string_view name_of(Enforcer enforcer);

/// "sandbox", "best-effort", "none".
std::string_view name_of(Isolation isolation);

struct Enforced {
  Isolation isolation = Isolation::kNone;
  std::vector<std::string> namespaces;  ///< "user", "mount", "pid", ... in a fixed order
  std::string identity;                 ///< "uid 1000 inside, 1879048193 outside"
  bool seccomp = false;
  int landlock_abi = 0;  ///< 0: no Landlock
  Enforcer memory = Enforcer::kNobody;
  Enforcer cpus = Enforcer::kNobody;
  Enforcer pids = Enforcer::kNobody;
  Enforcer cpu_time = Enforcer::kNobody;
  std::vector<std::string> missing;  ///< sentences: what best effort could not do
};

/// What became of a path of an overlay workspace.
enum class ChangeKind { kAdded, kModified, kDeleted };

/// "added", "modified", "deleted".
std::string_view name_of(ChangeKind kind);

/// One path that a task changed in its overlay workspace.
struct ChangedPath {
  ChangeKind kind = ChangeKind::kAdded;
  std::string path;  ///< below the workspace, without a leading slash; folders end with one
  bool operator==(const ChangedPath&) const = default;
};

/// All that a task changed in its overlay workspace, and what became of it.
struct WorkspaceChanges {
  std::vector<ChangedPath> paths;  ///< sorted by path
  bool applied = false;
  std::string error = {};  ///< why they could not be read or applied; empty: nothing went wrong
  std::string next = {};   ///< what to try then
};

/// How long one step of a plan took.
struct StepTiming {
  std::string step;
  Duration elapsed{};
};

/// One step of a plan in words.
struct ExplainedStep {
  std::string name;    ///< a stable word: "bind", "proc", "seccomp", ...
  std::string detail;  ///< "/usr read-only, nosuid, nodev"
  std::string reason;  ///< why it is done; may be empty
};

/// What an executor would do with a spec.
struct Explanation {
  std::vector<ExplainedStep> steps;  ///< in their order
  Enforced enforced;                 ///< what would hold
};

/// One thing a host allows or does not.
struct Capability {
  /// Partly: less than the whole, as told in `detail`.
  enum class State { kYes, kPartly, kNo };
  std::string name;  ///< "user namespaces", "cgroup memory", "landlock"
  State state = State::kNo;
  std::string detail;       ///< what was found, or why not
  std::string consequence;  ///< what muster will therefore do
  std::string remedy;       ///< the command that would change it; empty when nothing has to be
};

/// "yes", "partly", "no".
std::string_view name_of(Capability::State state);

}  // namespace muster
