// SPDX-License-Identifier: Apache-2.0
#pragma once

// One attempt from its start to its end, seen from muster's side: starts the keeper, then runs one
// poll loop over its reports, the orders, the clock, the output and the terminal.

#include <sys/types.h>

#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "domain/attempt.h"
#include "exec/orders.h"
#include "exec/process/confinement.h"
#include "exec/process/keeper.h"
#include "exec/process/launch.h"
#include "exec/process/output_side.h"
#include "exec/process/terminal.h"
#include "exec/sink.h"

namespace muster::process {

/// The keeper as a child process: destroying it makes the keeper end everything, and reaps it.
class KeeperProcess {
 public:
  KeeperProcess() = default;
  KeeperProcess(const KeeperProcess&) = delete;
  KeeperProcess& operator=(const KeeperProcess&) = delete;
  ~KeeperProcess() { end(); }

  /// Forks it as `confinement` wants it. False with errno set where that is impossible.
  bool start(LaunchPlan& plan, Confinement& confinement);
  int socket() const { return socket_.get(); }
  pid_t pid() const { return pid_; }
  /// Closes the socket, on which the keeper ends whatever is left, and waits for it.
  void end();

 private:
  UniqueFd socket_;
  pid_t pid_ = -1;
};

class Supervision {
 public:
  /// Everything named outlives the object.
  Supervision(const Spec& spec, Sink& sink, Orders& orders, Confinement& confinement,
              const sigset_t& inherited_mask);

  /// Runs the attempt to its end. Once.
  Attempt run();
  /// Whether the keeper vanished, so that nobody has ended what the command left behind.
  bool keeper_lost() const { return !failure_ && !accounted_; }

 private:
  void open_input(LaunchPlan& plan);
  void enter_terminal();
  void turn();
  void take_reports();
  void take(const Report& report);
  void take_orders();
  void forward(int signal);
  void stopped();
  void check_clock();
  void check_confinement();
  void kill_tree();
  void end_by_force();
  void time_out(Deadline now);
  void read_keys();
  void type_keys();
  void send(Command command);
  std::optional<Deadline> next_deadline() const;
  Ending ending() const;
  Outcome outcome() const;
  bool admit_keeper();

  const Spec& spec_;
  Orders& orders_;
  Confinement& confinement_;
  PreparedLaunch launch_;
  std::unique_ptr<CommandTerminal> terminal_;
  OutputSide output_;
  UniqueFd null_input_;
  KeeperProcess keeper_;

  Attempt attempt_;
  std::optional<StartFailure> failure_;
  std::optional<Deadline> started_;
  std::optional<Deadline> ended_;
  std::optional<Deadline> timed_out_;  ///< when SIGTERM was sent because of the limit
  std::optional<Deadline> kill_at_;
  std::optional<Deadline> force_at_;  ///< when a keeper that was told to kill is not waited for
  bool forced_ = false;               ///< the keeper was not waited for
  std::optional<std::string> killed_by_;
  std::optional<Exhausted> exhausted_;
  int status_ = 0;
  bool done_ = false;
  bool accounted_ = false;  ///< the keeper has reported that nothing is left
  bool stop_ordered_ = false;

  bool keys_open_ = false;  ///< standard input feeds the command's terminal
  std::string keys_;        ///< typed but not yet taken by the command's terminal
  char last_key_ = '\n';
  std::vector<pollfd> polls_;
};

}  // namespace muster::process
