// SPDX-License-Identifier: Apache-2.0
#include "sandbox/cgroup.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>

#include "sandbox/cgroup_v1.h"
#include "sandbox/cgroup_v2.h"
#include "sandbox/process_limits.h"

namespace muster::sandbox {

namespace {

using process::Deadline;
using process::Exhausted;

constexpr std::chrono::milliseconds kBetweenLooks{50};

// Not by the clock: on a busy host, where looking takes long, it must not become rare as well.
Duration time_of_thread() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

// The nearer a tree is to its limit, the sooner it could be there, at the speed at which a few
// processors fill pages. Looking takes a tenth of the time of one processor at most.
Duration until_next_look(Bytes held, Bytes limit, Duration look_took) {
  constexpr double kBytesPerSecond = 4.0 * (1 << 30);
  constexpr Duration kShortest = std::chrono::milliseconds(5);
  const auto left = static_cast<double>(limit.count - std::min(held.count, limit.count));
  const Duration soonest = std::max(kShortest, look_took * 10);
  const Duration latest = std::max<Duration>(kBetweenLooks, soonest);
  if (left / kBytesPerSecond > to_seconds(latest)) return latest;
  return std::max(soonest, std::chrono::duration_cast<Duration>(
                               std::chrono::duration<double>(left / kBytesPerSecond)));
}

}  // namespace

struct Cgroups::State {
  State(const CgroupFacts& facts, const Limits& asked, const std::string& name);

  Enforcer by(Controller controller) const {
    return enforcers[static_cast<std::size_t>(controller)];
  }
  int memory_alarm() const;
  bool take_alarm();
  std::optional<std::uint64_t> oom_kills() const;
  Duration cpu_used() const;

  void start_looking(Deadline now);
  bool memory_is_spent(Deadline now);
  bool tree_holds_too_much(Deadline now);
  bool cpu_time_is_spent(Deadline now);

  Limits limits;
  std::array<Enforcer, kControllers> enforcers{};
  std::unique_ptr<CgroupsV1> v1;
  std::unique_ptr<CgroupV2> v2;
  pid_t init = 0;
  std::optional<Deadline> memory_look;
  std::optional<Deadline> cpu_look;
  Duration cpu_before{};  ///< what was used when the command began
  Deadline rechecks_until{};
  Bytes most_seen{};  ///< by looking at the processes
  std::optional<Exhausted> exhausted;
  std::optional<OutOfMemory> out_of_memory;
};

Cgroups::State::State(const CgroupFacts& facts, const Limits& asked, const std::string& name)
    : limits(asked) {
  const auto set = [&](Controller controller, bool limited, Enforcer fallback) {
    const Enforcer kind = facts.at(controller).kind;
    if (!limited) return;
    enforcers[static_cast<std::size_t>(controller)] = kind == Enforcer::kNobody ? fallback : kind;
  };
  set(Controller::kMemory, limits.memory.has_value(), Enforcer::kPerProcess);
  set(Controller::kPids, limits.pids.has_value(), Enforcer::kPerProcess);
  set(Controller::kCpu, limits.cpus.has_value(), Enforcer::kNobody);
  set(Controller::kCpuacct, limits.cpu_time.has_value(), Enforcer::kPerProcess);
  v1 = std::make_unique<CgroupsV1>(facts, limits, name);
  if (auto folder = make_cgroup_v2(facts, limits, name)) {
    v2 = std::make_unique<CgroupV2>(std::move(folder), facts, limits);
  }
  start_looking(std::chrono::steady_clock::now());
}

int Cgroups::State::memory_alarm() const {
  if (by(Controller::kMemory) == Enforcer::kCgroupV1) return v1->memory_alarm();
  return by(Controller::kMemory) == Enforcer::kCgroupV2 ? v2->memory_alarm() : -1;
}

bool Cgroups::State::take_alarm() {
  return by(Controller::kMemory) == Enforcer::kCgroupV1 ? v1->take_alarm() : v2->take_alarm();
}

std::optional<std::uint64_t> Cgroups::State::oom_kills() const {
  return by(Controller::kMemory) == Enforcer::kCgroupV1 ? v1->oom_kills() : v2->oom_kills();
}

Duration Cgroups::State::cpu_used() const {
  switch (by(Controller::kCpuacct)) {
    case Enforcer::kCgroupV1:
      return v1->cpu_used().value_or(Duration(0));
    case Enforcer::kCgroupV2:
      return v2->cpu_used().value_or(Duration(0));
    case Enforcer::kPerProcess:
      // Who is waited for during a look may be counted twice in it, but not in two looks.
      return std::min(cpu_of_tree(init), cpu_of_tree(init));
    case Enforcer::kNobody:
      break;
  }
  return Duration(0);
}

// What has to look at processes waits until there are some.
void Cgroups::State::start_looking(Deadline now) {
  const Enforcer enforcer = by(Controller::kMemory);
  if (enforcer == Enforcer::kNobody || (enforcer == Enforcer::kPerProcess && init == 0)) return;
  if (memory_alarm() < 0) memory_look = now;
}

bool Cgroups::State::memory_is_spent(Deadline now) {
  const Enforcer enforcer = by(Controller::kMemory);
  if (enforcer == Enforcer::kNobody) return false;
  if (enforcer == Enforcer::kPerProcess) return tree_holds_too_much(now);
  const bool rang = take_alarm();
  if (!rang && (!memory_look || now < *memory_look)) return false;
  const std::optional<std::uint64_t> kills = oom_kills();
  if (kills ? *kills > 0 : rang) return true;
  // The alarm rings before the kill is counted, and also for a limit further up that was then
  // mended elsewhere.
  constexpr std::chrono::milliseconds kBetweenRechecks{10};
  constexpr std::chrono::seconds kPatience{1};
  if (rang) rechecks_until = now + kPatience;
  memory_look.reset();
  if (memory_alarm() < 0) memory_look = now + kBetweenLooks;
  if (now < rechecks_until) memory_look = now + kBetweenRechecks;
  return false;
}

bool Cgroups::State::tree_holds_too_much(Deadline now) {
  if (!memory_look || now < *memory_look) return false;
  const Duration before = time_of_thread();
  const Bytes held = memory_of_tree(init, *limits.memory);
  most_seen = std::max(most_seen, held);
  memory_look = std::chrono::steady_clock::now() +
                until_next_look(held, *limits.memory, time_of_thread() - before);
  return held > *limits.memory;
}

bool Cgroups::State::cpu_time_is_spent(Deadline now) {
  if (!cpu_look || now < *cpu_look) return false;
  const Duration used = cpu_used() - cpu_before;
  if (used >= *limits.cpu_time) return true;
  // Not before every processor has worked on it all the time.
  constexpr Duration kShortest = std::chrono::milliseconds(10);
  static const long processors = std::max(sysconf(_SC_NPROCESSORS_ONLN), 1L);
  cpu_look = now + std::max((*limits.cpu_time - used) / processors, kShortest);
  return false;
}

Cgroups::Cgroups(const CgroupFacts& facts, const Limits& limits, const std::string& name)
    : state_(std::make_unique<State>(facts, limits, name)) {}

Cgroups::~Cgroups() = default;

std::span<const int> Cgroups::join_files() const { return state_->v1->join_files(); }

int Cgroups::into() const { return state_->v2 ? state_->v2->into() : -1; }

void Cgroups::watch(pid_t init) {
  state_->init = init;
  state_->start_looking(std::chrono::steady_clock::now());
}

void Cgroups::started() {
  if (!state_->limits.cpu_time) return;
  state_->cpu_before = state_->cpu_used();
  state_->cpu_look = std::chrono::steady_clock::now();
}

int Cgroups::alarm() const { return state_->exhausted ? -1 : state_->memory_alarm(); }

std::optional<Deadline> Cgroups::next_look() const {
  if (state_->exhausted) return std::nullopt;
  const auto& memory = state_->memory_look;
  const auto& cpu = state_->cpu_look;
  if (!memory || !cpu) return memory ? memory : cpu;
  return std::min(*memory, *cpu);
}

std::optional<Exhausted> Cgroups::look() {
  if (state_->exhausted) return std::nullopt;
  const Deadline now = std::chrono::steady_clock::now();
  if (state_->memory_is_spent(now)) {
    state_->exhausted = Exhausted::kMemory;
  } else if (state_->cpu_time_is_spent(now)) {
    state_->exhausted = Exhausted::kCpuTime;
  }
  return state_->exhausted;
}

void Cgroups::kill_all() {
  if (state_->v2) state_->v2->kill_all();
}

void Cgroups::account(Usage& usage, bool accounted) {
  Counted counted;
  state_->v1->count(counted);
  if (state_->v2) state_->v2->count(counted);
  if (counted.peak_memory) {
    usage.peak_memory = *counted.peak_memory;
    usage.peak_of_tree = true;
  }
  usage.oom_kills = counted.oom_kills;
  usage.throttled = counted.throttled;
  if (counted.peak_pids) usage.peak_pids = std::max<std::uint64_t>(*counted.peak_pids, 1) - 1;
  if (!accounted && counted.user && counted.system) {
    usage.user = *counted.user;
    usage.system = *counted.system;
  }
  const bool ran_out = counted.oom_kills.value_or(0) > 0 || state_->exhausted == Exhausted::kMemory;
  if (!state_->limits.memory || !ran_out) return;
  state_->out_of_memory =
      OutOfMemory{*state_->limits.memory, counted.peak_memory.value_or(state_->most_seen)};
}

std::optional<OutOfMemory> Cgroups::out_of_memory() const { return state_->out_of_memory; }

Enforcer Cgroups::enforcer(Controller controller) const { return state_->by(controller); }

}  // namespace muster::sandbox
