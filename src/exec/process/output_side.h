// SPDX-License-Identifier: Apache-2.0
#pragma once

// The output of one attempt: which descriptors the command gets, the relays behind them, the limit
// over both, and the last bytes after the end.

#include <poll.h>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "domain/spec.h"
#include "domain/usage.h"
#include "exec/orders.h"
#include "exec/output_cap.h"
#include "exec/process/confinement.h"
#include "exec/process/launch.h"
#include "exec/process/relay.h"
#include "exec/process/terminal.h"
#include "exec/sink.h"

namespace muster::process {

class OutputSide {
 public:
  /// `sink` outlives this object.
  OutputSide(const Limits& limits, Sink& sink) : sink_(sink), cap_(limits.output) {}

  /// Chooses the streams 1 and 2 of `plan`. `terminal`: the command's own, or nullptr.
  void prepare(LaunchPlan& plan, CommandTerminal* terminal);
  /// The command has its copies now.
  void close_handed();

  /// Appends what to poll for to `polls`.
  void add_polls(std::vector<pollfd>& polls) const;
  /// Moves whatever can be moved.
  void pump();

  /// After the end of the tree: hands over what is left, waiting for a slow reader until
  /// `deadline` (nothing: as long as it takes) or until an order comes. Returns the totals.
  OutputTotals finish(Orders& orders, std::optional<Deadline> deadline);

 private:
  void add_relay(Stream stream, int source, LaunchPlan& plan);
  void open_pipe(Stream stream, std::size_t slot, LaunchPlan& plan);
  bool wait_for_room(int descriptor, Orders& orders, std::optional<Deadline> deadline);
  bool write_whole(const OutputPiece& piece, Orders& orders, std::optional<Deadline> deadline);
  OutputTotals totals(std::uint64_t abandoned) const;

  Sink& sink_;
  OutputCap cap_;
  int error_number_ = 0;  ///< of a write of the tail
  std::vector<std::unique_ptr<Relay>> relays_;
  std::vector<UniqueFd> handed_;
};

}  // namespace muster::process
