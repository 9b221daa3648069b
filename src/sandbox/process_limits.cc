// SPDX-License-Identifier: Apache-2.0
#include "sandbox/process_limits.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "exec/process/tree.h"
#include "sandbox/cgroup_folder.h"
#include "sandbox/cgroup_v1.h"

namespace muster::sandbox {

namespace {

std::string proc_text(pid_t pid, std::string_view file) {
  return read_file(AT_FDCWD, concat("/proc/", pid, '/', file).c_str()).value_or("");
}

// The sum of the lines "KEY:  NUMBER kB" with one of these keys.
std::uint64_t sum_of_kilobytes(std::string_view text, std::span<const std::string_view> keys) {
  std::uint64_t sum = 0;
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !line.ends_with(" kB")) continue;
    if (std::find(keys.begin(), keys.end(), line.substr(0, colon)) == keys.end()) continue;
    const std::string_view number = trim(line.substr(colon + 1, line.size() - colon - 4));
    sum += parse_number(number).value_or(0);
  }
  return sum;
}

std::uint64_t resident(pid_t pid) {
  constexpr std::string_view kKeys[] = {"RssAnon", "RssShmem", "VmSwap"};
  return sum_of_kilobytes(proc_text(pid, "status"), kKeys);
}

std::uint64_t share_of(pid_t pid) {
  constexpr std::string_view kKeys[] = {"Pss_Anon", "Pss_Shmem", "SwapPss"};  // since 5.4
  const std::string rollup = proc_text(pid, "smaps_rollup");
  return rollup.find("Pss_Anon:") == std::string::npos ? resident(pid)
                                                       : sum_of_kilobytes(rollup, kKeys);
}

template <typename Measure>
std::uint64_t sum_over_descendants(pid_t root, Measure measure) {
  struct Sum {
    Measure measure;
    std::uint64_t total = 0;
  } sum{measure};
  process::for_each_descendant(
      root,
      [](void* context, pid_t pid) {
        auto& into = *static_cast<Sum*>(context);
        into.total += into.measure(pid);
      },
      &sum);
  return sum.total;
}

// Fields 14 to 17 of /proc/PID/stat: utime, stime, cutime, cstime.
std::uint64_t ticks_of(pid_t pid) {
  const std::string stat = proc_text(pid, "stat");
  const std::size_t end_of_name = stat.rfind(')');
  if (end_of_name == std::string::npos || end_of_name + 2 > stat.size()) return 0;
  const auto fields = split(std::string_view(stat).substr(end_of_name + 2), ' ');
  constexpr std::size_t kFirst = 14 - 3;
  if (fields.size() < kFirst + 4) return 0;
  std::uint64_t ticks = 0;
  for (std::size_t i = kFirst; i < kFirst + 4; ++i) ticks += parse_number(fields[i]).value_or(0);
  return ticks;
}

// Where less is allowed already, nobody has to be held to more, and nobody could be.
process::ResourceLimit within_hard_limit(process::ResourceLimit wanted) {
  rlimit found{};
  const auto resource = static_cast<__rlimit_resource_t>(wanted.resource);
  if (getrlimit(resource, &found) == 0) wanted.value = std::min(wanted.value, found.rlim_max);
  return wanted;
}

rlim_t last_resort(std::uint64_t limit) {
  constexpr std::uint64_t kBetweenLooks = 256 << 20;
  return limit > (UINT64_MAX - kBetweenLooks) / 2 ? UINT64_MAX : limit * 2 + kBetweenLooks;
}

rlim_t seconds_above(Duration duration) {
  return static_cast<rlim_t>(std::chrono::ceil<std::chrono::seconds>(duration).count());
}

}  // namespace

std::vector<process::ResourceLimit> fallback_rlimits(const CgroupFacts& facts,
                                                     const Limits& limits) {
  const auto nobody = [&](Controller controller) {
    return facts.at(controller).kind == Enforcer::kNobody;
  };
  std::vector<process::ResourceLimit> found;
  if (limits.memory && nobody(Controller::kMemory)) {
    found.push_back(within_hard_limit({RLIMIT_DATA, last_resort(limits.memory->count)}));
  }
  if (limits.pids && nobody(Controller::kPids)) {
    found.push_back(within_hard_limit({RLIMIT_NPROC, with_keeper(*limits.pids)}));
  }
  if (limits.cpu_time && nobody(Controller::kCpuacct)) {
    // One second more: a process alone at its limit is to be told to end before it is killed.
    found.push_back(within_hard_limit({RLIMIT_CPU, seconds_above(*limits.cpu_time) + 1}));
  }
  return found;
}

Bytes memory_of_tree(pid_t root, Bytes limit) {
  constexpr std::uint64_t kKilobyte = 1024;
  const std::uint64_t most = sum_over_descendants(root, resident) * kKilobyte;
  if (most <= limit.count) return Bytes{most};
  return Bytes{sum_over_descendants(root, share_of) * kKilobyte};
}

Duration cpu_of_tree(pid_t root) {
  // Parents come before their children, so that one who is waited for meanwhile is rather missed
  // than counted twice.
  const std::uint64_t ticks = ticks_of(root) + sum_over_descendants(root, ticks_of);
  const auto per_second = static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  return std::chrono::milliseconds(ticks * 1000 / per_second);
}

}  // namespace muster::sandbox
