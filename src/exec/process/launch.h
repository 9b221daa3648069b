// SPDX-License-Identifier: Apache-2.0
#pragma once

// Everything the keeper and the command need between fork and exec, laid out beforehand as plain
// memory: after the fork of a process that may have threads nothing may be allocated.

#include <sys/resource.h>
#include <sys/types.h>
#include <termios.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/outcome.h"
#include "domain/spec.h"

namespace muster::process {

/// The span as the kernel takes it; not negative.
timespec to_timespec(Duration duration);

/// A resource limit to set with setrlimit(2).
struct ResourceLimit {
  int resource = 0;
  rlim_t value = 0;
};

/// What the command's own process says when a step fails; sent through a close-on-exec pipe.
struct StartFailure {
  StartStep step = StartStep::kFork;
  int error_number = 0;
  std::size_t index = 0;  ///< which candidate or which limit
  bool found = true;
};

/// What the two new processes read. Pointers lead into the PreparedLaunch that made the plan.
struct LaunchPlan {
  char* const* argv = nullptr;
  char* const* environment = nullptr;
  const char* const* candidates = nullptr;  ///< paths to try, in order, ended by nullptr
  const char* workdir = nullptr;            ///< nullptr: stay
  std::array<int, 3> streams = {0, 1, 2};   ///< what becomes 0, 1 and 2 of the command
  std::array<int, 6> close_in_keeper = {-1, -1, -1, -1, -1, -1};
  const ResourceLimit* limits = nullptr;
  std::size_t limit_count = 0;
  bool has_umask = false;
  mode_t umask = 0;
  bool has_nice = false;
  int nice = 0;
  int terminal = -1;        ///< the command's own terminal; -1: it has none
  int outer_terminal = -1;  ///< restored by the keeper when muster is killed; -1: none
  termios outer_modes{};
  sigset_t signal_mask{};  ///< in force when muster was started
  timespec grace{};        ///< for what the command leaves behind
  pid_t supervisor = 0;
  int socket = -1;  ///< the keeper's end

  /// The keeper is pid 1 of a pid namespace: kill(2) with pid -1 reaches its tree and nothing else,
  /// and nothing that muster itself was given is passed on but `streams`.
  bool is_init = false;
  int death_signal = SIGTERM;  ///< what the keeper gets when the supervisor has died
  /// The keeper makes the surroundings with it, before the command is forked; nullptr: there are
  /// none. False with `failure` filled in. Allocates nothing.
  bool (*enter)(void* context, StartFailure& failure) = nullptr;
  /// Run in the command's own process right before it executes. False with errno.
  bool (*last)(void* context) = nullptr;
  void* context = nullptr;
  const int* kept = nullptr;  ///< with `is_init`: sorted descriptors that `enter` needs
  std::size_t kept_count = 0;
  /// The memory of muster's own command line, which an init wipes in its copy: everybody inside may
  /// read /proc/1/cmdline. Empty: it is left as it is.
  std::span<char> command_line;
  bool first_to_die = false;  ///< where memory runs out the command goes before the keeper
};

/// From the keeper to the supervisor, one per datagram.
struct Report {
  enum class Kind : std::uint8_t { kFailed, kStarted, kStopped, kEnded, kDone };
  Kind kind = Kind::kDone;
  StartFailure failure;  ///< kFailed
  int status = 0;        ///< kEnded, as wait(2) gives it
  timespec moment{};     ///< CLOCK_MONOTONIC
  rusage usage{};        ///< kDone: over everything that was reaped
  int survivors = 0;     ///< kDone: processes that could not be killed
};

/// From the supervisor to the keeper, one per datagram.
struct Command {
  enum class Kind : std::uint8_t { kSignal, kResume, kKillTree, kEnter };
  Kind kind = Kind::kSignal;
  int signal = 0;  ///< kSignal: for the whole process group of the command
};

/// Owns the memory behind a LaunchPlan. Lives until the keeper has been started.
class PreparedLaunch {
 public:
  PreparedLaunch(const Spec& spec, const sigset_t& inherited_mask);
  PreparedLaunch(const PreparedLaunch&) = delete;
  PreparedLaunch& operator=(const PreparedLaunch&) = delete;

  LaunchPlan& plan() { return plan_; }

  /// Puts `extra` behind the limits of the spec.
  void add_limits(const std::vector<ResourceLimit>& extra);

  /// What the failed step was about, for people.
  std::string subject(const StartFailure& failure) const;

 private:
  void find_candidates();
  void add_limits_of_spec();

  const Spec& spec_;
  LaunchPlan plan_;
  std::vector<char*> argv_;
  std::vector<char*> environment_;
  std::vector<std::string> candidate_paths_;
  std::vector<const char*> candidates_;
  std::vector<ResourceLimit> limits_;
};

}  // namespace muster::process
