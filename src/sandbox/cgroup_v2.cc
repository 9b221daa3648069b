// SPDX-License-Identifier: Apache-2.0
#include "sandbox/cgroup_v2.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <mutex>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "sandbox/cgroup_facts.h"
#include "sandbox/cgroup_names.h"
#include "sandbox/cgroup_v1.h"

namespace muster::sandbox {

namespace {

bool is_v2(const CgroupFacts& facts, Controller controller) {
  return facts.at(controller).kind == Enforcer::kCgroupV2;
}

// "No internal processes": a cgroup with processes hands no controller of memory or pids down.
void move_to_leaf(const CgroupHandle& parent) {
  static std::mutex lock;
  static pid_t moved = 0;
  const std::scoped_lock held(lock);
  if (moved == getpid()) return;
  const std::string leaf = own_leaf_name();
  if (mkdirat(parent.descriptor(), leaf.c_str(), 0755) != 0 && errno != EEXIST) {
    const Error error = Error::from_errno(errno, concat("making ", parent.path(), '/', leaf));
    throw Error(ErrorCode::kUnavailable, error.message());
  }
  parent.set(concat(leaf, "/cgroup.procs").c_str(), "0");
  moved = getpid();
}

void hand_down(const CgroupHandle& parent, Controller controller, std::string_view already) {
  if (has_word(already, name_of(controller))) return;
  parent.set("cgroup.subtree_control", concat('+', name_of(controller)));
}

std::optional<Duration> microseconds(std::optional<std::uint64_t> count) {
  if (!count) return std::nullopt;
  return std::chrono::microseconds(static_cast<std::chrono::microseconds::rep>(*count));
}

}  // namespace

std::unique_ptr<CgroupFolder> make_cgroup_v2(const CgroupFacts& facts, const Limits& limits,
                                             const std::string& name) {
  std::string path;
  for (const ControllerPlace& place : facts.places) {
    if (place.kind == Enforcer::kCgroupV2) path = place.parent;
  }
  const bool useful = is_v2(facts, Controller::kMemory) || is_v2(facts, Controller::kPids) ||
                      (limits.cpus && is_v2(facts, Controller::kCpu)) ||
                      (limits.cpu_time && is_v2(facts, Controller::kCpuacct));
  if (path.empty() || !useful) return nullptr;
  {
    const CgroupHandle parent(path);
    if (facts.needs_leaf_move) move_to_leaf(parent);
    const std::string already = parent.text("cgroup.subtree_control").value_or("");
    if (is_v2(facts, Controller::kMemory)) hand_down(parent, Controller::kMemory, already);
    if (is_v2(facts, Controller::kPids)) hand_down(parent, Controller::kPids, already);
    if (limits.cpus && is_v2(facts, Controller::kCpu)) hand_down(parent, Controller::kCpu, already);
  }
  return std::make_unique<CgroupFolder>(path, name);
}

CgroupV2::CgroupV2(std::unique_ptr<CgroupFolder> folder, const CgroupFacts& facts,
                   const Limits& limits)
    : folder_(std::move(folder)),
      counts_memory_(is_v2(facts, Controller::kMemory)),
      counts_pids_(is_v2(facts, Controller::kPids)),
      limits_cpus_(is_v2(facts, Controller::kCpu) && limits.cpus) {
  if (counts_memory_ && limits.memory) limit_memory(*limits.memory);
  if (counts_pids_ && limits.pids) folder_->set("pids.max", concat(with_keeper(*limits.pids)));
  if (limits_cpus_) {
    const CpuQuota quota = cpu_quota(*limits.cpus);
    folder_->set("cpu.max", concat(quota.quota_us, ' ', quota.period_us));
  }
}

void CgroupV2::limit_memory(Bytes limit) {
  folder_->set("memory.max", concat(limit.count));
  // Absent where the kernel has no swap.
  if (folder_->has("memory.swap.max")) folder_->set("memory.swap.max", "0");
  // Not memory.oom.group: it would kill the keeper too, and with it the count of what was used.
  // poll(2) calls the file readable at any time; a change of it is seen by inotify(7).
  const std::string events = concat(folder_->path(), "/memory.events");
  alarm_.reset(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!alarm_ || inotify_add_watch(alarm_.get(), events.c_str(), IN_MODIFY) < 0) {
    const Error error = Error::from_errno(errno, concat("watching ", events));
    throw Error(ErrorCode::kUnavailable, error.message());
  }
}

bool CgroupV2::take_alarm() {
  if (!alarm_) return false;
  alignas(inotify_event) std::array<char, 1024> events{};
  bool rang = false;
  while (read(alarm_.get(), events.data(), events.size()) > 0) rang = true;
  return rang;
}

std::optional<std::uint64_t> CgroupV2::oom_kills() const {
  if (!counts_memory_) return std::nullopt;
  return folder_->number("memory.events", "oom_kill");
}

std::optional<Duration> CgroupV2::cpu_used() const {
  return microseconds(folder_->number("cpu.stat", "usage_usec"));
}

void CgroupV2::kill_all() { write_file(folder_->descriptor(), "cgroup.kill", "1"); }

void CgroupV2::count(Counted& counted) const {
  if (counts_memory_) {
    // Since 5.19.
    if (const auto peak = folder_->number("memory.peak")) counted.peak_memory = Bytes{*peak};
    counted.oom_kills = oom_kills();
  }
  if (counts_pids_) counted.peak_pids = folder_->number("pids.peak");
  const std::optional<std::string> stat = folder_->text("cpu.stat");
  if (!stat) return;
  if (limits_cpus_) counted.throttled = microseconds(keyed_number(*stat, "throttled_usec"));
  counted.user = microseconds(keyed_number(*stat, "user_usec"));
  counted.system = microseconds(keyed_number(*stat, "system_usec"));
}

}  // namespace muster::sandbox
