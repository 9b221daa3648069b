// SPDX-License-Identifier: Apache-2.0
#include "sandbox/cgroup_v1.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace muster::sandbox {

namespace {

// A quota above that of a cgroup further up is refused with EINVAL. Then that one holds.
bool held_above(const std::string& folder, const CpuQuota& wanted) {
  std::string above = folder.substr(0, folder.rfind('/'));
  while (!above.empty()) {
    const auto quota = read_file(AT_FDCWD, concat(above, "/cpu.cfs_quota_us").c_str());
    const auto period = read_file(AT_FDCWD, concat(above, "/cpu.cfs_period_us").c_str());
    if (!quota || !period) return false;
    const auto quota_us = parse_number(trim(*quota));  // -1 is no quota
    const auto period_us = parse_number(trim(*period));
    if (quota_us && period_us && *period_us > 0) {
      return static_cast<double>(*quota_us) / static_cast<double>(*period_us) <=
             static_cast<double>(wanted.quota_us) / static_cast<double>(wanted.period_us);
    }
    above.resize(above.rfind('/'));
  }
  return false;
}

std::optional<Duration> nanoseconds(std::optional<std::uint64_t> count) {
  if (!count) return std::nullopt;
  return Duration(static_cast<Duration::rep>(*count));
}

// The whole is exact; its parts are sampled at the clock's ticks, so they only tell how to divide
// it.
void count_time(const CgroupFolder& cpuacct, Counted& counted) {
  const std::optional<Duration> used = nanoseconds(cpuacct.number("cpuacct.usage"));
  if (!used) return;
  const auto user = static_cast<double>(cpuacct.number("cpuacct.usage_user").value_or(0));
  const auto system = static_cast<double>(cpuacct.number("cpuacct.usage_sys").value_or(0));
  const double share = user + system > 0 ? user / (user + system) : 1;
  counted.user = std::chrono::duration_cast<Duration>(*used * share);
  counted.system = *used - *counted.user;
}

}  // namespace

CpuQuota cpu_quota(double cpus) {
  constexpr long kPeriod = 100'000;
  constexpr long kLongestPeriod = 1'000'000;
  constexpr long kLeastQuota = 1'000;
  constexpr double kMostCpus = 1e6;
  const long period = cpus * kPeriod < kLeastQuota ? kLongestPeriod : kPeriod;
  const double quota = std::min(cpus, kMostCpus) * static_cast<double>(period);
  return {std::max(std::lround(quota), kLeastQuota), period};
}

CgroupsV1::CgroupsV1(const CgroupFacts& facts, const Limits& limits, const std::string& name) {
  make(facts, Controller::kMemory, name);
  make(facts, Controller::kPids, name);
  if (limits.cpus) make(facts, Controller::kCpu, name);
  if (limits.cpu_time) make(facts, Controller::kCpuacct, name);
  if (has(Controller::kMemory) && limits.memory) limit_memory(*limits.memory);
  if (has(Controller::kPids) && limits.pids) {
    folder(Controller::kPids)->set("pids.max", concat(with_keeper(*limits.pids)));
  }
  if (has(Controller::kCpu) && limits.cpus) limit_cpus(*limits.cpus);
  for (const UniqueFd& file : tasks_) join_files_.push_back(file.get());
  std::sort(join_files_.begin(), join_files_.end());
}

void CgroupsV1::make(const CgroupFacts& facts, Controller controller, const std::string& name) {
  const ControllerPlace& place = facts.at(controller);
  if (place.kind != Enforcer::kCgroupV1) return;
  CgroupFolder*& slot = folders_[static_cast<std::size_t>(controller)];
  const std::string path = concat(place.parent, '/', name);
  for (const auto& folder : made_) {
    if (folder->path() == path) slot = folder.get();
  }
  if (slot != nullptr) return;
  slot = made_.emplace_back(std::make_unique<CgroupFolder>(place.parent, name)).get();
  // Not cgroup.procs: that one takes the lock of all forks on the host, which waits for
  // milliseconds.
  tasks_.push_back(slot->open_file("tasks", O_WRONLY));
}

void CgroupsV1::limit_memory(Bytes limit) {
  const CgroupFolder& memory = *folder(Controller::kMemory);
  const std::string value = concat(limit.count);
  memory.set("memory.limit_in_bytes", value);
  // Memory and swap together; may not be below the limit on memory alone, so it comes second.
  if (memory.has("memory.memsw.limit_in_bytes")) {
    memory.set("memory.memsw.limit_in_bytes", value);
  } else if (memory.has("memory.swappiness")) {
    memory.set("memory.swappiness", "0");
  }
  oom_control_ = memory.open_file("memory.oom_control", O_RDONLY);
  UniqueFd event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  const std::string order = concat(event.get(), ' ', oom_control_.get());
  // Kernels with PREEMPT_RT have no notice of it; then the counter is looked at now and then.
  if (write_file(memory.descriptor(), "cgroup.event_control", order)) alarm_ = std::move(event);
}

void CgroupsV1::limit_cpus(double cpus) {
  const CgroupFolder& cpu = *folder(Controller::kCpu);
  const CpuQuota wanted = cpu_quota(cpus);
  cpu.set("cpu.cfs_period_us", concat(wanted.period_us));
  if (write_file(cpu.descriptor(), "cpu.cfs_quota_us", concat(wanted.quota_us))) return;
  if (errno == EINVAL && held_above(cpu.path(), wanted)) return;
  cpu.set("cpu.cfs_quota_us", concat(wanted.quota_us));
}

bool CgroupsV1::take_alarm() {
  std::uint64_t rings = 0;
  return alarm_ && read(alarm_.get(), &rings, sizeof rings) == sizeof rings;
}

std::optional<std::uint64_t> CgroupsV1::oom_kills() const {
  const CgroupFolder* memory = folder(Controller::kMemory);
  if (memory == nullptr) return std::nullopt;
  return memory->number("memory.oom_control", "oom_kill");
}

std::optional<Duration> CgroupsV1::cpu_used() const {
  const CgroupFolder* cpuacct = folder(Controller::kCpuacct);
  if (cpuacct == nullptr) return std::nullopt;
  return nanoseconds(cpuacct->number("cpuacct.usage"));
}

void CgroupsV1::count(Counted& counted) const {
  if (const CgroupFolder* memory = folder(Controller::kMemory)) {
    if (const auto peak = memory->number("memory.max_usage_in_bytes")) {
      counted.peak_memory = Bytes{*peak};
    }
    counted.oom_kills = oom_kills();
  }
  if (const CgroupFolder* pids = folder(Controller::kPids)) {
    counted.peak_pids = pids->number("pids.peak");
  }
  if (const CgroupFolder* cpu = folder(Controller::kCpu)) {
    counted.throttled = nanoseconds(cpu->number("cpu.stat", "throttled_time"));
  }
  if (const CgroupFolder* cpuacct = folder(Controller::kCpuacct)) count_time(*cpuacct, counted);
}

}  // namespace muster::sandbox
