// SPDX-License-Identifier: Apache-2.0
#include "unit/sandbox/cgroup_children.h"

#include <linux/sched.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

#include <catch2/catch.hpp>

#include "base/text.h"
#include "sandbox/cgroup_facts.h"
#include "unit/exec/processes.h"

namespace muster::sandbox {

namespace {

bool is_bound_to_v1(Controller controller) {
  for (const Membership& membership : parse_memberships(proc_file(getpid(), "cgroup"))) {
    if (lists(membership.controllers, name_of(controller))) return true;
  }
  return false;
}

pid_t fork_into(int cgroup) {
  if (cgroup < 0) return fork();
  clone_args arguments{};
  arguments.flags = CLONE_INTO_CGROUP;
  arguments.exit_signal = SIGCHLD;
  arguments.cgroup = static_cast<std::uint64_t>(cgroup);
  return static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof arguments));
}

}  // namespace

bool can_limit(const CgroupFacts& facts, Controller controller) {
  const ControllerPlace& place = facts.at(controller);
  if (place.kind != Enforcer::kNobody) return true;
  const std::string reason = concat("no cgroup for ", name_of(controller), ": ", place.why_not);
  if (geteuid() == 0 && is_bound_to_v1(controller)) {
    skip(reason);
  } else {
    WARN("skipped: " << reason);
  }
  return false;
}

pid_t start_inside(Cgroups& cgroups, const std::function<int()>& work) {
  const pid_t child = fork_into(cgroups.into());
  REQUIRE(child >= 0);
  if (child == 0) {
    for (const int file : cgroups.join_files()) {
      if (write(file, "0", 1) != 1) _exit(99);
    }
    _exit(work());
  }
  cgroups.watch(child);
  cgroups.started();
  return child;
}

std::optional<process::Exhausted> wait_for_limit(Cgroups& cgroups) {
  std::optional<process::Exhausted> exhausted;
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!exhausted && std::chrono::steady_clock::now() < give_up) {
    pollfd alarm{cgroups.alarm(), POLLIN | POLLPRI, 0};
    const auto until = std::min(cgroups.next_look().value_or(give_up), give_up);
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    poll(&alarm, 1, static_cast<int>(std::max<long>(left.count(), 0)));
    exhausted = cgroups.look();
  }
  return exhausted;
}

bool take_memory(std::size_t bytes) {
  constexpr std::size_t kPiece = 1 << 20;
  for (std::size_t taken = 0; taken < bytes; taken += kPiece) {
    void* const piece =
        mmap(nullptr, kPiece, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (piece == MAP_FAILED) return false;
    std::memset(piece, 1, kPiece);
  }
  return true;
}

void spin(std::chrono::milliseconds cpu_time) {
  timespec used{};
  do {
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  } while (std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec) < cpu_time);
}

}  // namespace muster::sandbox
