// SPDX-License-Identifier: Apache-2.0
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include <catch2/catch.hpp>

#include "base/text.h"
#include "sandbox/cgroup.h"
#include "unit/exec/processes.h"
#include "unit/sandbox/cgroup_children.h"

namespace muster::sandbox {

namespace {

using process::Exhausted;

constexpr std::size_t kMiB = 1 << 20;

int wait_for(pid_t child) {
  int status = 0;
  REQUIRE(wait_until([&] { return waitpid(child, &status, WNOHANG) == child; }));
  return status;
}

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

// Forks children that stay until the pipe is closed, until that is refused or `most` are there.
int fork_children(int most) {
  int ends[2];
  if (pipe(ends) != 0) return 200;
  int count = 0;
  for (; count < most; ++count) {
    const pid_t child = fork();
    if (child < 0) break;
    if (child == 0) {
      close(ends[1]);
      char byte = 0;
      _exit(read(ends[0], &byte, 1) < 0);
    }
  }
  close(ends[1]);
  while (wait(nullptr) > 0) {
  }
  return count;
}

}  // namespace

TEST_CASE("a memory bomb meets its limit, rings the alarm and is told apart") {
  const CgroupFacts facts = probe_cgroups();
  if (!can_limit(facts, Controller::kMemory)) return;
  Limits limits;
  limits.memory = Bytes{32 * kMiB};
  Cgroups cgroups(facts, limits, next_cgroup_name());
  CHECK(cgroups.enforcer(Controller::kMemory) == facts.at(Controller::kMemory).kind);
  const pid_t child = start_inside(cgroups, [] { return take_memory(256 * kMiB) ? 0 : 1; });
  CHECK(wait_for_limit(cgroups) == Exhausted::kMemory);
  CHECK(cgroups.alarm() == -1);
  CHECK_FALSE(cgroups.next_look());
  const int status = wait_for(child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGKILL);
  Usage usage;
  cgroups.account(usage, true);
  CHECK(usage.oom_kills.value() >= 1);
  CHECK(usage.peak_of_tree);
  CHECK(usage.peak_memory.count > 24 * kMiB);
  CHECK(usage.peak_memory.count <= 32 * kMiB);
  const OutOfMemory expected{Bytes{32 * kMiB}, usage.peak_memory};
  CHECK(cgroups.out_of_memory() == expected);
}

TEST_CASE("many small processes meet the memory limit together") {
  const CgroupFacts facts = probe_cgroups();
  if (!can_limit(facts, Controller::kMemory)) return;
  Limits limits;
  limits.memory = Bytes{48 * kMiB};
  Cgroups cgroups(facts, limits, next_cgroup_name());
  const pid_t child = start_inside(cgroups, [] {
    const pid_t parent = getpid();
    for (int i = 0; i < 8; ++i) {
      if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(0);
        take_memory(12 * kMiB);
        for (;;) pause();
      }
    }
    for (;;) pause();
    return 0;
  });
  CHECK(wait_for_limit(cgroups) == Exhausted::kMemory);
  reap(child);
  Usage usage;
  cgroups.account(usage, false);
  CHECK(cgroups.out_of_memory());
}

TEST_CASE("a command below its memory limit is not said to have run out") {
  const CgroupFacts facts = probe_cgroups();
  if (!can_limit(facts, Controller::kMemory)) return;
  Limits limits;
  limits.memory = Bytes{256 * kMiB};
  Cgroups cgroups(facts, limits, next_cgroup_name());
  const pid_t child = start_inside(cgroups, [] { return take_memory(16 * kMiB) ? 7 : 1; });
  CHECK(WEXITSTATUS(wait_for(child)) == 7);
  CHECK_FALSE(cgroups.look());
  Usage usage;
  cgroups.account(usage, true);
  CHECK(usage.oom_kills == 0);
  CHECK(usage.peak_memory.count >= 16 * kMiB);
  CHECK_FALSE(cgroups.out_of_memory());
}

TEST_CASE("without limits peaks are counted and nothing is held") {
  const CgroupFacts facts = probe_cgroups();
  if (!can_limit(facts, Controller::kMemory) || !can_limit(facts, Controller::kPids)) return;
  Cgroups cgroups(facts, Limits{}, next_cgroup_name());
  CHECK(cgroups.enforcer(Controller::kMemory) == Enforcer::kNobody);
  CHECK(cgroups.enforcer(Controller::kPids) == Enforcer::kNobody);
  CHECK(cgroups.alarm() == -1);
  CHECK_FALSE(cgroups.next_look());
  const pid_t child = start_inside(cgroups, [] {
    take_memory(64 * kMiB);
    return fork_children(5);
  });
  CHECK(WEXITSTATUS(wait_for(child)) == 5);
  Usage usage;
  cgroups.account(usage, true);
  CHECK(usage.peak_memory.count >= 64 * kMiB);
  if (usage.peak_pids) CHECK(usage.peak_pids == 5);  // the keeper does not count
  CHECK_FALSE(usage.throttled);
}

TEST_CASE("a fork bomb ends at the limit on processes") {
  const CgroupFacts facts = probe_cgroups();
  if (!can_limit(facts, Controller::kPids)) return;
  Limits limits;
  limits.pids = 16;
  Cgroups cgroups(facts, limits, next_cgroup_name());
  CHECK(cgroups.enforcer(Controller::kPids) == facts.at(Controller::kPids).kind);
  const pid_t child = start_inside(cgroups, [] { return fork_children(100); });
  CHECK(WEXITSTATUS(wait_for(child)) == 16);
  Usage usage;
  cgroups.account(usage, true);
  if (usage.peak_pids) CHECK(usage.peak_pids == 16);
}

TEST_CASE("a part of a processor does a part of the work and the wait is told") {
  const CgroupFacts facts = probe_cgroups();
  if (!can_limit(facts, Controller::kCpu)) return;
  Limits limits;
  limits.cpus = 0.05;
  Cgroups cgroups(facts, limits, next_cgroup_name());
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = start_inside(cgroups, [] {
    spin(std::chrono::milliseconds(60));
    return 0;
  });
  CHECK(wait_for(child) == 0);
  const auto wall = std::chrono::steady_clock::now() - begin;
  // The first and the last period may be used in one go.
  CHECK(wall > std::chrono::milliseconds(600));
  Usage usage;
  cgroups.account(usage, true);
  CHECK(usage.throttled.value() > std::chrono::milliseconds(100));
}

TEST_CASE("the limit on processor time counts every process, also those that are gone") {
  const CgroupFacts facts = probe_cgroups();
  if (!can_limit(facts, Controller::kCpuacct)) return;
  Limits limits;
  limits.cpu_time = std::chrono::milliseconds(300);
  Cgroups cgroups(facts, limits, next_cgroup_name());
  CHECK(cgroups.enforcer(Controller::kCpuacct) == facts.at(Controller::kCpuacct).kind);
  const pid_t child = start_inside(cgroups, [] {
    signal(SIGCHLD, SIG_IGN);  // their time is then in nobody's rusage
    for (;;) {
      const pid_t worker = fork();
      if (worker == 0) {
        spin(std::chrono::milliseconds(40));
        _exit(0);
      }
      waitpid(worker, nullptr, 0);
    }
    return 0;
  });
  CHECK(wait_for_limit(cgroups) == Exhausted::kCpuTime);
  Usage usage;
  reap(child);
  cgroups.account(usage, false);
  CHECK(usage.user + usage.system >= std::chrono::milliseconds(300));
  CHECK_FALSE(cgroups.out_of_memory());
}

TEST_CASE("processor time that was used before the command began is not held against it") {
  const CgroupFacts facts = probe_cgroups();
  if (!can_limit(facts, Controller::kCpuacct)) return;
  Limits limits;
  limits.cpu_time = std::chrono::milliseconds(100);
  Cgroups cgroups(facts, limits, next_cgroup_name());
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = start_inside(cgroups, [&] {
    spin(std::chrono::milliseconds(150));
    if (write(ends[1], "x", 1) != 1) return 1;
    for (;;) pause();
  });
  char ready = 0;
  REQUIRE(read(ends[0], &ready, 1) == 1);
  cgroups.started();
  CHECK_FALSE(cgroups.look());
  reap(child);
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE("a command that only waits is seldom looked at") {
  const CgroupFacts facts = probe_cgroups();
  if (!can_limit(facts, Controller::kCpuacct)) return;
  Limits limits;
  limits.cpu_time = std::chrono::seconds(100);
  Cgroups cgroups(facts, limits, next_cgroup_name());
  CHECK_FALSE(cgroups.next_look());
  cgroups.started();
  CHECK_FALSE(cgroups.look());
  const auto next = cgroups.next_look().value() - std::chrono::steady_clock::now();
  const long processors = sysconf(_SC_NPROCESSORS_ONLN);
  CHECK(next > std::chrono::seconds(90) / processors);
  CHECK(next <= std::chrono::seconds(100) / processors);
}

TEST_CASE("the cgroups are gone after the end") {
  const CgroupFacts facts = probe_cgroups();
  if (!can_limit(facts, Controller::kMemory)) return;
  const std::string name = next_cgroup_name();
  const auto there = [&] {
    int count = 0;
    for (const ControllerPlace& place : facts.places) {
      if (!place.parent.empty() && exists(concat(place.parent, '/', name))) ++count;
    }
    return count;
  };
  {
    Limits limits;
    limits.cpus = 1;
    limits.cpu_time = std::chrono::seconds(1);
    Cgroups cgroups(facts, limits, name);
    CHECK(there() >= 1);
    CHECK(cgroups.join_files().size() + (cgroups.into() >= 0 ? 1 : 0) >= 1);
    const pid_t child = start_inside(cgroups, [] { return fork_children(20); });
    CHECK(WEXITSTATUS(wait_for(child)) == 20);
  }
  CHECK(there() == 0);
}

TEST_CASE("a limit that the kernel refuses is named and leaves no cgroup") {
  const CgroupFacts facts = probe_cgroups();
  if (!can_limit(facts, Controller::kPids)) return;
  const std::string name = next_cgroup_name();
  Limits limits;
  limits.pids = UINT64_MAX;
  CHECK_THROWS_WITH(Cgroups(facts, limits, name),
                    Catch::Contains("pids.max") && Catch::Contains("18446744073709551615"));
  for (const ControllerPlace& place : facts.places) {
    if (!place.parent.empty()) CHECK_FALSE(exists(concat(place.parent, '/', name)));
  }
}

}  // namespace muster::sandbox
