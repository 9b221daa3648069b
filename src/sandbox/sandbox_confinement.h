// SPDX-License-Identifier: Apache-2.0
#pragma once

// The supervisor's side of one sandbox: plans it, opens what only the supervisor may open, clones
// the init into its namespaces, admits it, and afterwards says what was used, what held and what
// was changed. Lives on the thread of its attempt, for that attempt.

#include <linux/filter.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/unique_fd.h"
#include "exec/process/confinement.h"
#include "sandbox/apply.h"
#include "sandbox/cgroup.h"
#include "sandbox/facts.h"
#include "sandbox/kept_for_next.h"
#include "sandbox/plan.h"
#include "sandbox/shared_timings.h"

namespace muster::sandbox {

class SandboxConfinement : public process::Confinement {
 public:
  /// `spec` and `kept` outlive the object. `command_line`: as LaunchPlan::command_line.
  SandboxConfinement(const Spec& spec, Facts facts, std::span<char> command_line,
                     KeptForNext& kept);

  void prepare(process::LaunchPlan& launch) override;
  std::vector<process::ResourceLimit> limits() const override;
  pid_t fork_keeper() override;
  StartStep fork_step() const override { return StartStep::kSandbox; }
  bool admit(pid_t keeper) override;
  void started() override;
  int alarm() const override;
  std::optional<process::Deadline> next_look() const override;
  std::optional<process::Exhausted> look() override;
  void kill_all() override;
  void account(Attempt& attempt, bool accounted) override;
  std::optional<OutOfMemory> out_of_memory() override;
  void conclude(Attempt& attempt) override;
  NotStarted explain(const process::StartFailure& failure) const override;

 private:
  void build(process::LaunchPlan& launch);
  void make_plan();
  bool open_trees();
  bool open_tree_of(const Step& step, UniqueFd& tree);
  void recover_workspace() const;
  pid_t clone_keeper();
  void lay_out(process::LaunchPlan& launch);
  std::string remedy_for(const Step& step, int error_number) const;

  const Spec& spec_;
  Facts facts_;
  std::span<char> command_line_;
  KeptForNext& kept_for_next_;
  Plan plan_;
  std::optional<Cgroups> cgroups_;
  std::vector<UniqueFd> trees_;
  std::vector<int> tree_numbers_;
  std::vector<int> kept_;
  std::optional<QuietNetwork> network_;  ///< that the init was cloned in; nothing: it has made one
  UniqueFd upper_receiver_;
  UniqueFd upper_sender_;
  std::vector<sock_filter> own_filter_;
  std::vector<sock_filter> policy_;
  SharedTimings timings_;
  Entrance entrance_;
  pid_t keeper_ = -1;
  bool joins_by_file_ = false;    ///< the kernel's clone could not put the init into its cgroup
  std::string trouble_;           ///< what failed outside of the walk
  std::optional<Error> refusal_;  ///< why there is nothing to start in
};

}  // namespace muster::sandbox
