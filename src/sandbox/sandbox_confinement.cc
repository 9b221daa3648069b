// SPDX-License-Identifier: Apache-2.0
#include "sandbox/sandbox_confinement.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "sandbox/changes.h"
#include "sandbox/mounts.h"
#include "sandbox/process_limits.h"
#include "sandbox/seccomp.h"
#include "sandbox/streams.h"
#include "sandbox/text_file.h"
#include "sandbox/upper_layer.h"

namespace muster::sandbox {

namespace {

constexpr const char* kCloning = "making namespaces";

std::uint64_t namespace_flags(const Plan& plan, bool has_network) {
  std::uint64_t flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
  if (plan.identity.user_namespace) flags |= CLONE_NEWUSER;
  if (plan.network_namespace && !has_network) flags |= CLONE_NEWNET;
  return flags;
}

// Raw: the pid of the new process and 0 in it, as with fork(2). No handler can run in the child,
// for all signals are blocked.
pid_t clone_into(std::uint64_t flags, int cgroup) {
  clone_args arguments{};
  arguments.flags = flags;
  arguments.exit_signal = SIGCHLD;
  if (cgroup >= 0) {
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = static_cast<std::uint64_t>(cgroup);
  }
  return static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof arguments));
}

bool is_of_user(const Step& step) {
  return step.inode != 0 && (step.action == Action::kBind || step.action == Action::kOverlay);
}

Enforcer if_asked(bool asked, Enforcer enforcer) { return asked ? enforcer : Enforcer::kNobody; }

}  // namespace

SandboxConfinement::SandboxConfinement(const Spec& spec, Facts facts, std::span<char> command_line,
                                       KeptForNext& kept)
    : spec_(spec), facts_(std::move(facts)), command_line_(command_line), kept_for_next_(kept) {}

// A sandbox that cannot be is an outcome like that of a step that fails: it goes into records.
void SandboxConfinement::prepare(process::LaunchPlan& launch) {
  try {
    build(launch);
  } catch (const Error& error) {
    refusal_ = error;
  }
}

void SandboxConfinement::build(process::LaunchPlan& launch) {
  probe_sources(spec_, facts_);
  facts_.terminal = terminal_path(launch.terminal);
  recover_workspace();
  make_plan();
  // A file system or a kernel that says no to what was taken for possible makes for another plan;
  // each time round one more thing is known to be impossible.
  while (!open_trees()) make_plan();
  if (plan_.namespaces) hand_over_streams(launch.streams, launch.terminal, plan_.identity);
  cgroups_.emplace(facts_.host.cgroups, spec_.limits, next_cgroup_name());
  if (!plan_.allow.empty()) own_filter_ = filter_allowing(plan_.allow);
  if (spec_.sandbox.policy) policy_ = compile_policy(*spec_.sandbox.policy);
  lay_out(launch);
}

void SandboxConfinement::make_plan() { plan_ = build_plan(spec_, facts_); }

void SandboxConfinement::recover_workspace() const {
  if (spec_.sandbox.workspace.mode != WorkspaceMode::kOverlay) return;
  const std::string& directory = spec_.sandbox.workspace.directory;
  const UniqueFd lower(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (lower) recover_changes(lower.get(), directory);
}

// With the rights of root of the host, and before they are given up: the command's own user might
// not even reach what it is to be given. False: look at the plan again.
bool SandboxConfinement::open_trees() {
  trees_.clear();
  trees_.resize(plan_.steps.size());
  if (!facts_.host.privileged || !plan_.namespaces) return true;
  for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
    if (is_of_user(plan_.steps[i]) && !open_tree_of(plan_.steps[i], trees_[i])) return false;
  }
  return true;
}

bool SandboxConfinement::open_tree_of(const Step& step, UniqueFd& tree) {
  const auto refused = [&](std::string_view what) {
    return Error::from_errno(errno,
                             concat("the sandbox cannot be built: ", what, ' ', step.source));
  };
  const UniqueFd source(open_source(step.source.c_str(), step.exact));
  if (!source) throw refused("opening");
  tree.reset(clone_tree(source.get(), ""));
  if (!tree) throw refused("opening");
  struct stat about{};
  if (fstat(tree.get(), &about) != 0) throw refused("looking at");
  if (about.st_ino != step.inode || about.st_dev != step.device) {
    errno = ESTALE;
    throw refused("opening");
  }
  if (step.by_owner) {
    const auto maps = kept_for_next_.id_maps.with({step.owner, plan_.identity.outside},
                                                  {step.owner_gid, plan_.identity.outside_gid});
    if (!maps) {
      facts_.host.user_namespaces = try_user_namespace();
      if (!facts_.host.user_namespaces.yes) return false;
      throw refused("mapping ids for");
    }
    mount_attr attr{};
    attr.attr_set = MOUNT_ATTR_IDMAP;
    attr.userns_fd = static_cast<std::uint64_t>(maps->get());
    // All or nothing (mount_setattr(2)): where something below cannot map ids, the top still may.
    const auto map_ids = [&](unsigned flags) {
      return mount_setattr(tree.get(), "", AT_EMPTY_PATH | flags, &attr, sizeof attr) == 0;
    };
    if (!map_ids(AT_RECURSIVE) && !map_ids(0)) {
      for (SourceFacts& each : facts_.sources) {
        if (each.path == step.source) each.maps_ids = false;
      }
      return false;
    }
  }
  const bool writable = step.writable && step.action == Action::kBind;
  if (!restrict_tree(tree.get(), {.writable = writable, .executable = step.executable})) {
    throw refused("restricting");
  }
  return true;
}

void SandboxConfinement::lay_out(process::LaunchPlan& launch) {
  tree_numbers_.clear();
  for (const UniqueFd& tree : trees_) tree_numbers_.push_back(tree.get());
  if (spec_.sandbox.workspace.mode == WorkspaceMode::kOverlay && plan_.namespaces) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
      throw Error::from_errno(errno, "making a socket for the overlay");
    }
    upper_receiver_.reset(ends[0]);
    upper_sender_.reset(ends[1]);
  }
  if (spec_.sandbox.timings && !timings_.make(plan_.steps.size())) {
    throw Error::from_errno(errno, "making memory for timings");
  }
  // With a terminal of muster's to put in order afterwards, the init must live to do so.
  launch.death_signal = launch.outer_terminal >= 0 || !plan_.namespaces ? SIGTERM : SIGKILL;
  entrance_ = {.plan = &plan_,
               .trees = tree_numbers_.data(),
               .join_files = cgroups_->join_files(),
               .upper_channel = upper_sender_.get(),
               .streams = launch.streams,
               .filter = plan_.allow.empty() ? default_filter() : std::span(own_filter_),
               .policy = policy_,
               .death_signal = launch.death_signal,
               .timings = timings_.get()};
  kept_.assign(entrance_.join_files.begin(), entrance_.join_files.end());
  kept_.push_back(upper_sender_.get());
  kept_.insert(kept_.end(), tree_numbers_.begin(), tree_numbers_.end());
  launch.is_init = plan_.namespaces;
  launch.enter = enter;
  launch.last = install_policy;
  launch.context = &entrance_;
  launch.kept = kept_.data();
  launch.kept_count = kept_.size();
  launch.first_to_die = true;
  launch.command_line = command_line_;
}

std::vector<process::ResourceLimit> SandboxConfinement::limits() const {
  return fallback_rlimits(facts_.host.cgroups, spec_.limits);
}

pid_t SandboxConfinement::fork_keeper() {
  if (refusal_) return -1;
  trouble_ = kCloning;
  if (!plan_.namespaces) return _Fork();
  if (facts_.host.privileged && plan_.network_namespace) {
    kept_for_next_.forerunner.finish();
    network_ = kept_for_next_.networks.enter();
  }
  entrance_.loopback_is_up = network_.has_value();
  const pid_t keeper = clone_keeper();
  const int error = errno;
  if (keeper != 0 && network_) kept_for_next_.networks.leave();
  errno = error;
  return keeper;
}

pid_t SandboxConfinement::clone_keeper() {
  const std::uint64_t flags = namespace_flags(plan_, network_.has_value());
  pid_t keeper = clone_into(flags, cgroups_->into());
  if (keeper < 0 && errno == ENOSYS) {
    // Container engines hide clone3(2) from their filters; its predecessor knows no cgroup.
    joins_by_file_ = cgroups_->into() >= 0;
    keeper =
        static_cast<pid_t>(syscall(SYS_clone, flags | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
  }
  return keeper;
}

bool SandboxConfinement::admit(pid_t keeper) {
  keeper_ = keeper;
  const Identity& identity = plan_.identity;
  trouble_ = "writing the id maps";
  if (plan_.namespaces && identity.user_namespace) {
    const int error =
        write_id_maps(keeper, {identity.inside, identity.outside},
                      {identity.inside, identity.outside_gid}, !identity.maps_by_privilege);
    errno = error;
    if (error != 0) return false;
  }
  trouble_ = "joining the cgroup";
  if (joins_by_file_) {
    const UniqueFd file(openat(cgroups_->into(), "cgroup.procs", O_WRONLY | O_CLOEXEC));
    const std::string number = std::to_string(keeper);
    if (write(file.get(), number.data(), number.size()) < 0) return false;
  }
  trouble_.clear();
  cgroups_->watch(keeper);
  for (UniqueFd& tree : trees_) tree.reset();
  upper_sender_.reset();
  return true;
}

void SandboxConfinement::started() {
  cgroups_->started();
  collect_stale_cgroups(facts_.host.cgroups);
}

int SandboxConfinement::alarm() const { return cgroups_->alarm(); }

std::optional<process::Deadline> SandboxConfinement::next_look() const {
  return cgroups_->next_look();
}

std::optional<process::Exhausted> SandboxConfinement::look() { return cgroups_->look(); }

void SandboxConfinement::kill_all() {
  cgroups_->kill_all();
  if (keeper_ > 0 && plan_.namespaces) kill(keeper_, SIGKILL);
}

void SandboxConfinement::account(Attempt& attempt, bool accounted) {
  attempt.enforced.isolation = spec_.sandbox.isolation;
  if (!cgroups_) return;
  cgroups_->account(attempt.usage, accounted);
  const Limits& limits = spec_.limits;
  attempt.enforced = plan_.enforced;
  attempt.enforced.memory =
      if_asked(limits.memory.has_value(), cgroups_->enforcer(Controller::kMemory));
  attempt.enforced.pids = if_asked(limits.pids.has_value(), cgroups_->enforcer(Controller::kPids));
  attempt.enforced.cpus = if_asked(limits.cpus.has_value(), cgroups_->enforcer(Controller::kCpu));
  attempt.enforced.cpu_time =
      if_asked(limits.cpu_time.has_value(), cgroups_->enforcer(Controller::kCpuacct));
  if (timings_.get() == nullptr) return;
  for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
    const ExplainedStep step = explain_step(plan_.steps[i], plan_.identity);
    attempt.timings.push_back(
        {concat(step.name, ": ", step.detail), std::chrono::nanoseconds(timings_.get()[i])});
  }
}

std::optional<OutOfMemory> SandboxConfinement::out_of_memory() {
  return cgroups_ ? cgroups_->out_of_memory() : std::nullopt;
}

void SandboxConfinement::conclude(Attempt& attempt) {
  // After this a cgroup is gone also when the attempt object lives on.
  cgroups_.reset();
  if (network_ && attempt.survivors == 0) {
    kept_for_next_.networks.give_back(*std::exchange(network_, std::nullopt));
  }
  if (!upper_receiver_) return;
  const UniqueFd upper = receive_upper(upper_receiver_.get());
  if (!upper) return;
  attempt.changes =
      settle_changes(upper.get(), spec_.sandbox.workspace, succeeded(attempt.outcome));
}

NotStarted SandboxConfinement::explain(const process::StartFailure& failure) const {
  if (refusal_) return {StartStep::kSandbox, 0, refusal_->message(), true, refusal_->next()};
  if (trouble_ == kCloning && failure.error_number == EAGAIN) {
    return {StartStep::kFork, EAGAIN, {}, true, {}};
  }
  NotStarted out{StartStep::kSandbox, failure.error_number, trouble_, true, {}};
  if (trouble_.empty() && failure.index < plan_.steps.size()) {
    const Step& step = plan_.steps[failure.index];
    const ExplainedStep words = explain_step(step, plan_.identity);
    out.subject = concat(words.name, ": ", words.detail);
    out.remedy = remedy_for(step, failure.error_number);
  } else {
    const Availability now = try_user_namespace();
    out.remedy = now.yes ? "muster doctor shows what this host allows" : now.remedy;
  }
  return out;
}

std::string SandboxConfinement::remedy_for(const Step& step, int error_number) const {
  switch (step.action) {
    case Action::kBind:
    case Action::kTmpfs:
    case Action::kFromScratch:
    case Action::kOverlay:
      if (error_number == ENOENT) {
        return concat("inside ", step.target,
                      " there is no such place to mount on: make it on the host, or choose a path "
                      "outside of mounted folders");
      }
      if (error_number == ESTALE) return "somebody replaced it meanwhile: run it again";
      if (error_number == EACCES) return concat("you need the right to read ", step.source);
      return "muster doctor shows what this host allows";
    case Action::kProc:
      return facts_.host.private_proc.yes ? "muster doctor shows what this host allows"
                                          : facts_.host.private_proc.remedy;
    default:
      return "muster doctor shows what this host allows";
  }
}

}  // namespace muster::sandbox
