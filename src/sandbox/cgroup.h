// SPDX-License-Identifier: Apache-2.0
#pragma once

// The cgroups of one attempt. What the host offers is found per controller, because hosts mix the
// two versions: v2 delegated to us, v2 beside us, v1, or nothing. A limit that no controller can
// hold falls back to rlimits and to looking at the processes, and says so.

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "domain/enforced.h"
#include "domain/limits.h"
#include "domain/outcome.h"
#include "domain/usage.h"
#include "exec/process/confinement.h"

namespace muster::sandbox {

/// What limits or counts one kind of use.
enum class Controller { kMemory, kPids, kCpu, kCpuacct };
inline constexpr std::size_t kControllers = 4;

/// Where cgroups for one controller can be made.
struct ControllerPlace {
  Enforcer kind = Enforcer::kNobody;  ///< kCgroupV1, kCgroupV2, or kNobody
  std::string parent;                 ///< absolute path of the cgroup to make ours below
  std::string why_not;                ///< kNobody: what is missing, as a sentence part
  std::string remedy;                 ///< kNobody: the command that would change it
};

/// What this process may do with cgroups. Plain data; made once per process and cached.
struct CgroupFacts {
  std::array<ControllerPlace, kControllers> places;
  bool needs_leaf_move =
      false;               ///< v2: muster sits alone in `parent` and must move to a leaf first
  std::string user_scope;  ///< socket of the user's systemd where only its scope would delegate
  const ControllerPlace& at(Controller controller) const {
    return places[static_cast<std::size_t>(controller)];
  }
};

/// Reads /proc/self/cgroup and /proc/self/mountinfo and tries access(2); changes nothing. `root`
/// stands before every path that is opened, for tests; normally empty.
CgroupFacts probe_cgroups(const std::string& root = {});

/// The cgroups of one attempt; made by the constructor, removed by the destructor.
class Cgroups {
 public:
  /// Makes the cgroups and writes the limits. `name` is unique on this host and starts with
  /// kPrefix. Throws Error(kUnavailable) naming file and value where a limit is refused.
  Cgroups(const CgroupFacts& facts, const Limits& limits, const std::string& name);
  Cgroups(const Cgroups&) = delete;
  Cgroups& operator=(const Cgroups&) = delete;
  ~Cgroups();

  /// v1: open files into which the init writes "0" to join; sorted, close-on-exec.
  std::span<const int> join_files() const;
  /// v2: the folder for CLONE_INTO_CGROUP; -1 where there is none.
  int into() const;

  /// The pid of the init outside, once it runs; looking at processes needs it.
  void watch(pid_t init);

  /// The command runs: what its set-up has used is not held against it.
  void started();

  /// As in process::Confinement.
  int alarm() const;
  std::optional<process::Deadline> next_look() const;
  std::optional<process::Exhausted> look();

  /// Kills what is in the cgroups, where the kernel can do that at once (v2 cgroup.kill).
  void kill_all();

  /// After the end of the tree: overwrites peak_memory and fills throttled, oom_kills, peak_pids
  /// where a controller knows; user and system time too when `accounted` is false.
  void account(Usage& usage, bool accounted);
  /// After account(): processes were killed because memory ran out. Nothing without a limit on
  /// memory: then the host ran out of it, which usage.oom_kills tells.
  std::optional<OutOfMemory> out_of_memory() const;

  Enforcer enforcer(Controller controller) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Every cgroup of muster is called kPrefix, the pid of its muster, '-', that process's start time
/// (field 22 of /proc/PID/stat), '-', a number.
inline constexpr std::string_view kPrefix = "muster-";

/// A name for the next cgroup of this process.
std::string next_cgroup_name();

/// Removes the cgroups that a muster left behind which is gone. Never throws; touches nothing that
/// does not bear our name or whose muster lives.
void collect_stale_cgroups(const CgroupFacts& facts);

}  // namespace muster::sandbox
