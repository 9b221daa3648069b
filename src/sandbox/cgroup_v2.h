// SPDX-License-Identifier: Apache-2.0
#pragma once

// The cgroup of version 2 of one attempt (cgroup-v2.rst in the kernel's documentation).

#include <memory>
#include <optional>
#include <string>

#include "base/unique_fd.h"
#include "domain/limits.h"
#include "sandbox/cgroup.h"
#include "sandbox/cgroup_folder.h"

namespace muster::sandbox {

/// Makes the cgroup below the place of version 2, after its parent was made to hand the controllers
/// down that `limits` need; muster itself is moved to a leaf first where it must be. Empty where
/// no controller is of version 2. Throws Error(kUnavailable).
std::unique_ptr<CgroupFolder> make_cgroup_v2(const CgroupFacts& facts, const Limits& limits,
                                             const std::string& name);

/// Removed by the destructor.
class CgroupV2 {
 public:
  /// Writes the limits of the controllers that are of version 2 into `folder`. Throws
  /// Error(kUnavailable).
  CgroupV2(std::unique_ptr<CgroupFolder> folder, const CgroupFacts& facts, const Limits& limits);

  /// The folder, for CLONE_INTO_CGROUP.
  int into() const { return folder_->descriptor(); }

  /// Readable after memory.events has changed; -1 where memory is not limited here.
  int memory_alarm() const { return alarm_.get(); }
  /// Whether the alarm rang since the last call.
  bool take_alarm();
  std::optional<std::uint64_t> oom_kills() const;

  /// Processor time of everything that ever was in here.
  std::optional<Duration> cpu_used() const;

  /// Kills every process in here at once; kernels before 5.14 cannot.
  void kill_all();

  void count(Counted& counted) const;

 private:
  void limit_memory(Bytes limit);

  std::unique_ptr<CgroupFolder> folder_;
  bool counts_memory_ = false;
  bool counts_pids_ = false;
  bool limits_cpus_ = false;
  UniqueFd alarm_;
};

}  // namespace muster::sandbox
