// SPDX-License-Identifier: Apache-2.0
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include <catch2/catch.hpp>

#include "exec/process/tree.h"
#include "sandbox/cgroup.h"
#include "sandbox/process_limits.h"
#include "unit/exec/processes.h"
#include "unit/sandbox/cgroup_children.h"

namespace muster::sandbox {

namespace {

using process::Exhausted;

constexpr std::size_t kMiB = 1 << 20;

// Forks a child that does `work` and ends with its parent.
pid_t fork_child(const std::function<void()>& work) {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);
  work();
  _exit(0);
}

int stay() {
  for (;;) pause();
  return 0;
}

Limits all_limits() {
  Limits limits;
  limits.memory = Bytes{64 * kMiB};
  limits.pids = 10;
  limits.cpus = 1;
  limits.cpu_time = std::chrono::milliseconds(1500);
  return limits;
}

std::optional<rlim_t> value_of(const std::vector<process::ResourceLimit>& limits, int resource) {
  for (const process::ResourceLimit& limit : limits) {
    if (limit.resource == resource) return limit.value;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("what no controller holds is held per process, but for processors") {
  const Cgroups cgroups(CgroupFacts{}, all_limits(), next_cgroup_name());
  CHECK(cgroups.enforcer(Controller::kMemory) == Enforcer::kPerProcess);
  CHECK(cgroups.enforcer(Controller::kPids) == Enforcer::kPerProcess);
  CHECK(cgroups.enforcer(Controller::kCpuacct) == Enforcer::kPerProcess);
  CHECK(cgroups.enforcer(Controller::kCpu) == Enforcer::kNobody);
  CHECK(cgroups.join_files().empty());
  CHECK(cgroups.into() == -1);
}

TEST_CASE("rlimits stand in for the controllers that are missing, never for addresses") {
  const auto limits = fallback_rlimits(CgroupFacts{}, all_limits());
  CHECK(value_of(limits, RLIMIT_DATA) > 128 * kMiB);  // looking at the tree comes before
  CHECK(value_of(limits, RLIMIT_DATA) < 512 * kMiB);
  CHECK(value_of(limits, RLIMIT_NPROC) == 11);  // ten and the keeper
  CHECK(value_of(limits, RLIMIT_CPU) == 3);
  CHECK_FALSE(value_of(limits, RLIMIT_AS));
  CHECK(fallback_rlimits(CgroupFacts{}, Limits{}).empty());
}

TEST_CASE("a hard limit that is lower already is left as it is") {
  CHECK(in_child([]() -> std::string {
          const rlimit low{5, 5};
          if (setrlimit(RLIMIT_NPROC, &low) != 0) return "cannot be lowered";
          const auto processes =
              value_of(fallback_rlimits(CgroupFacts{}, all_limits()), RLIMIT_NPROC);
          return std::to_string(processes.value_or(0));
        }) == "5");
}

TEST_CASE("no rlimit is set beside a controller") {
  CgroupFacts facts;
  for (ControllerPlace& place : facts.places) place.kind = Enforcer::kCgroupV1;
  CHECK(fallback_rlimits(facts, all_limits()).empty());
}

TEST_CASE("without a cgroup a tree that holds too much memory is seen") {
  Limits limits;
  limits.memory = Bytes{64 * kMiB};
  Cgroups cgroups(CgroupFacts{}, limits, next_cgroup_name());
  CHECK_FALSE(cgroups.next_look());
  const pid_t init = start_inside(cgroups, [] {
    for (int i = 0; i < 3; ++i) {
      fork_child([] {
        take_memory(30 * kMiB);
        stay();
      });
    }
    return stay();
  });
  CHECK(wait_for_limit(cgroups) == Exhausted::kMemory);
  CHECK_FALSE(cgroups.next_look());
  reap(init);
  Usage usage;
  usage.peak_memory = Bytes{5};
  cgroups.account(usage, true);
  const auto ended = cgroups.out_of_memory();
  REQUIRE(ended);
  CHECK(ended->limit == Bytes{64 * kMiB});
  CHECK(ended->peak > ended->limit);
  CHECK(usage.peak_memory == Bytes{5});  // seen now and then is no peak
  CHECK_FALSE(usage.peak_of_tree);
}

TEST_CASE("memory that processes share since a fork is counted once") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t init = fork_child([&] {
    fork_child([&] {
      take_memory(40 * kMiB);
      for (int i = 0; i < 4; ++i) fork_child([] { stay(); });
      if (write(ends[1], "x", 1) == 1) stay();
    });
    stay();
  });
  char ready = 0;
  REQUIRE(read(ends[0], &ready, 1) == 1);
  close(ends[0]);
  close(ends[1]);
  CHECK(memory_of_tree(init, Bytes{1000 * kMiB}).count > 150 * kMiB);
  // Sanitizers and the test itself share some more.
  CHECK(memory_of_tree(init, Bytes{120 * kMiB}).count < 120 * kMiB);
  reap(init);
}

TEST_CASE("shared memory and files in memory that are mapped count") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t init = fork_child([&] {
    fork_child([&] {
      void* const shared =
          mmap(nullptr, 48 * kMiB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
      if (shared != MAP_FAILED) std::memset(shared, 1, 48 * kMiB);
      if (write(ends[1], "x", 1) == 1) stay();
    });
    stay();
  });
  char ready = 0;
  REQUIRE(read(ends[0], &ready, 1) == 1);
  close(ends[0]);
  close(ends[1]);
  CHECK(memory_of_tree(init, Bytes{1000 * kMiB}).count >= 48 * kMiB);
  CHECK(memory_of_tree(init, Bytes{1}).count >= 48 * kMiB);
  reap(init);
}

TEST_CASE("without a cgroup the processor time of a whole tree is seen") {
  Limits limits;
  limits.cpu_time = std::chrono::milliseconds(300);
  Cgroups cgroups(CgroupFacts{}, limits, next_cgroup_name());
  CHECK_FALSE(cgroups.next_look());
  const pid_t init = start_inside(cgroups, [] {
    for (;;) {
      // None of them reaches the limit by itself.
      const pid_t worker = fork_child([] { spin(std::chrono::milliseconds(40)); });
      waitpid(worker, nullptr, 0);
    }
    return 0;
  });
  CHECK(wait_for_limit(cgroups) == Exhausted::kCpuTime);
  CHECK(cpu_of_tree(init) >= std::chrono::milliseconds(300));
  reap(init);
  Usage usage;
  cgroups.account(usage, true);
  CHECK_FALSE(cgroups.out_of_memory());
}

TEST_CASE("a tree that does nothing has used next to nothing") {
  const pid_t init = fork_child([] { stay(); });
  CHECK(cpu_of_tree(init) < std::chrono::milliseconds(200));
  CHECK(memory_of_tree(init, Bytes{1}) == Bytes{0});
  reap(init);
  CHECK(cpu_of_tree(init) == Duration(0));
}

TEST_CASE("for_each_descendant meets the dead that nobody waited for, and not the root") {
  CHECK(in_child([]() -> std::string {
          const pid_t dead = fork_child([] {});
          const pid_t living = fork_child([] { stay(); });
          siginfo_t info{};
          waitid(P_PID, static_cast<id_t>(dead), &info, WEXITED | WNOWAIT);
          std::vector<pid_t> met;
          process::for_each_descendant(
              getpid(),
              [](void* context, pid_t pid) {
                static_cast<std::vector<pid_t>*>(context)->push_back(pid);
              },
              &met);
          reap(living);
          waitpid(dead, nullptr, 0);
          return met == std::vector<pid_t>{dead, living} ? "both" : "others";
        }) == "both");
}

}  // namespace muster::sandbox
