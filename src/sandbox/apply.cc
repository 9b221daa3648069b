// SPDX-License-Identifier: Apache-2.0
#include "sandbox/apply.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "sandbox/apply_mounts.h"
#include "sandbox/landlock.h"
#include "sandbox/network.h"
#include "sandbox/privileges.h"
#include "sandbox/seccomp.h"

namespace muster::sandbox {

namespace {

// Into v1 cgroups, by the task itself: for its own thread the kernel needs no lock over all others.
bool join_cgroups(std::span<const int> files) {
  for (const int file : files) {
    const bool joined = write(file, "0", 1) == 1;
    const int error = errno;
    close(file);
    errno = error;
    if (!joined) return false;
  }
  return true;
}

std::uint64_t nanoseconds_now() {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * kSecond + static_cast<std::uint64_t>(now.tv_nsec);
}

class Walk {
 public:
  explicit Walk(const Entrance& entrance)
      : entrance_(entrance), plan_(*entrance.plan), mounts_(entrance) {}

  bool take(const Step& step, int tree) {
    switch (step.action) {
      case Action::kJoinCgroups:
        return join_cgroups(entrance_.join_files);
      case Action::kCgroupNamespace:
        return unshare(CLONE_NEWCGROUP) == 0;
      case Action::kIdentity:
        return become(plan_.identity, entrance_.death_signal);
      case Action::kHostname:
        return sethostname(step.text.data(), step.text.size()) == 0;
      case Action::kLoopback:
        return entrance_.loopback_is_up || bring_up_loopback();
      case Action::kCapabilities:
        return drop_capabilities();
      case Action::kNoNewPrivileges:
        return forbid_new_privileges();
      case Action::kUndumpable:
        return !plan_.namespaces || make_undumpable();
      case Action::kLandlock:
        return enter_landlock(
            {plan_.landlock_abi, &plan_.readable, &plan_.writable, entrance_.streams});
      case Action::kSeccomp:
        return install_filter(entrance_.filter);
      case Action::kPolicy:
        return true;  // the init has to go on working; see install_policy
      default:
        return mounts_.take(step, tree);
    }
  }

 private:
  const Entrance& entrance_;
  const Plan& plan_;
  MountWalk mounts_;
};

}  // namespace

bool enter(void* context, process::StartFailure& failure) {
  const auto& entrance = *static_cast<const Entrance*>(context);
  const std::vector<Step>& steps = entrance.plan->steps;
  const mode_t mask = umask(0);
  Walk walk(entrance);
  std::uint64_t before = entrance.timings == nullptr ? 0 : nanoseconds_now();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!walk.take(steps[i], entrance.trees[i])) {
      failure = {StartStep::kSandbox, errno, i, true};
      return false;
    }
    if (entrance.timings == nullptr) continue;
    const std::uint64_t now = nanoseconds_now();
    entrance.timings[i] = now - before;
    before = now;
  }
  umask(mask);
  return true;
}

bool install_policy(void* context) {
  const auto& entrance = *static_cast<const Entrance*>(context);
  return entrance.policy.empty() || install_filter(entrance.policy);
}

}  // namespace muster::sandbox
