// SPDX-License-Identifier: Apache-2.0
#pragma once

// The cgroups of version 1 of one attempt (cgroup-v1/ in the kernel's documentation): one for every
// hierarchy, since each controller has its own unless some were mounted together.

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "domain/limits.h"
#include "sandbox/cgroup.h"
#include "sandbox/cgroup_folder.h"

namespace muster::sandbox {

/// Removed by the destructor.
class CgroupsV1 {
 public:
  /// Makes what is of use of the places of version 1. Throws Error(kUnavailable).
  CgroupsV1(const CgroupFacts& facts, const Limits& limits, const std::string& name);

  /// Sorted files into which a process writes "0" to join.
  const std::vector<int>& join_files() const { return join_files_; }

  bool has(Controller controller) const { return folder(controller) != nullptr; }

  /// Readable after the kernel met the memory limit; -1 where it cannot say so.
  int memory_alarm() const { return alarm_.get(); }
  /// Whether the alarm rang since the last call. The kernel rings before it kills, and for the
  /// limits above this one as well.
  bool take_alarm();
  /// How many processes were killed for want of memory; nothing on kernels before 4.13.
  std::optional<std::uint64_t> oom_kills() const;

  /// Processor time of everything that ever was in here.
  std::optional<Duration> cpu_used() const;

  void count(Counted& counted) const;

 private:
  const CgroupFolder* folder(Controller controller) const {
    return folders_[static_cast<std::size_t>(controller)];
  }
  void make(const CgroupFacts& facts, Controller controller, const std::string& name);
  void limit_memory(Bytes limit);
  void limit_cpus(double cpus);

  std::vector<std::unique_ptr<CgroupFolder>> made_;
  std::array<CgroupFolder*, kControllers> folders_{};
  std::vector<UniqueFd> tasks_;
  std::vector<int> join_files_;
  UniqueFd oom_control_;
  UniqueFd alarm_;
};

/// How the scheduler is told a number of processors: so much of every period.
struct CpuQuota {
  long quota_us = 0;
  long period_us = 0;
};

/// The kernel takes quotas of 1 ms at least and periods of 1 s at most.
CpuQuota cpu_quota(double cpus);

/// What `pids.max` or RLIMIT_NPROC has to be for so many processes of the user's: the one that
/// looks after them is in there too.
inline std::uint64_t with_keeper(std::uint64_t pids) {
  return pids == UINT64_MAX ? pids : pids + 1;
}

}  // namespace muster::sandbox
