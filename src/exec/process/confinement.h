// SPDX-License-Identifier: Apache-2.0
#pragma once

// What surrounds one attempt: how its keeper comes to be, who counts what the tree uses, and which
// limits beside the clock end it. The supervision drives it from its own thread and poll loop. This
// base is the plain process: nothing surrounds it.

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <vector>

#include "domain/attempt.h"
#include "exec/process/launch.h"

namespace muster::process {

using Deadline = std::chrono::steady_clock::time_point;

/// A limit that the tree has reached, so that it has to be ended.
enum class Exhausted { kMemory, kCpuTime };

class Confinement {
 public:
  Confinement() = default;
  Confinement(const Confinement&) = delete;
  Confinement& operator=(const Confinement&) = delete;
  virtual ~Confinement() = default;

  /// Adds what the keeper needs to `plan`. Where the surroundings cannot be made, fork_keeper()
  /// fails.
  virtual void prepare(LaunchPlan& /*plan*/) {}

  /// Limits on each process by itself that stand in for those on the tree.
  virtual std::vector<ResourceLimit> limits() const { return {}; }

  /// Like fork(2): the keeper's pid, 0 in the keeper itself, -1 with errno. All signals are
  /// blocked.
  virtual pid_t fork_keeper();
  /// What a failure of fork_keeper() is reported as.
  virtual StartStep fork_step() const { return StartStep::kFork; }

  /// In the supervisor, while the keeper waits in `plan.enter`. False with errno set: it is to be
  /// given up.
  virtual bool admit(pid_t /*keeper*/) { return true; }

  /// The keeper has said that the command runs.
  virtual void started() {}

  /// To be polled for POLLIN: readable when look() has something to see; -1: nothing to wait for.
  virtual int alarm() const { return -1; }
  /// When look() is due without an alarm; nothing: never.
  virtual std::optional<Deadline> next_look() const { return std::nullopt; }
  /// Whether a limit has been reached since.
  virtual std::optional<Exhausted> look() { return std::nullopt; }

  /// The keeper did not end by itself after it was told to kill everything.
  virtual void kill_all() {}

  /// No process is left: completes usage and whatever else the surroundings know. `accounted`: the
  /// keeper has reported the usage of the tree.
  virtual void account(Attempt& /*attempt*/, bool /*accounted*/) {}
  /// After account(): whether processes were killed because memory ran out, and the memory limit.
  virtual std::optional<OutOfMemory> out_of_memory() { return std::nullopt; }

  /// The outcome is known; last chance to add to the attempt. Throws nothing.
  virtual void conclude(Attempt& /*attempt*/) {}

  /// What a failure in fork_keeper(), admit() or `plan.enter` was about.
  virtual NotStarted explain(const StartFailure& failure) const;
};

}  // namespace muster::process
