// SPDX-License-Identifier: Apache-2.0
#pragma once

// What may be asked of an attempt while it runs. The executor polls the descriptor beside its own
// and takes the orders one by one; whoever asked for the attempt owns the object.

#include <optional>
#include <string>
#include <variant>

namespace muster {

/// Send this signal to the whole process group of the command.
struct ForwardSignal {
  int signal = 0;
};

/// End the whole tree now, without grace. `by` says who asked, for the record.
struct KillNow {
  std::string by;
};

using Order = std::variant<ForwardSignal, KillNow>;

/// The orders of one attempt.
class Orders {
 public:
  virtual ~Orders() = default;

  /// Readable whenever next() has an order to give; -1 when no order can ever come.
  virtual int descriptor() const = 0;

  /// The oldest order not taken yet, or nothing. Never blocks.
  virtual std::optional<Order> next() = 0;

  /// The command has stopped under job control: stops the caller as well, where that is possible,
  /// and returns when the command is to go on. `whole_job`: the stop was typed into a terminal that
  /// only the command saw, so the caller's whole process group has to stop with it.
  virtual void suspend(bool whole_job) = 0;
};

}  // namespace muster
