// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <csignal>
#include <functional>
#include <optional>

#include "base/unique_fd.h"
#include "exec/orders.h"

namespace muster::cli {

/// Turns the signals that reach this process into orders. While it lives all of them are blocked
/// and read from a descriptor, so no handler ever runs. One object per process, on the main thread.
class SignalOrders : public Orders {
 public:
  using Now = std::function<std::chrono::steady_clock::time_point()>;

  /// A second SIGINT within this time kills the command.
  static constexpr std::chrono::seconds kSecondInterrupt{2};

  /// Throws Error where no descriptor can be had.
  explicit SignalOrders(Now now);
  SignalOrders(const SignalOrders&) = delete;
  SignalOrders& operator=(const SignalOrders&) = delete;
  ~SignalOrders() override;

  int descriptor() const override { return descriptor_.get(); }
  std::optional<Order> next() override;
  void suspend(bool whole_job) override;

  /// The last signal that asks for an end (INT, TERM, HUP, QUIT), if one has come.
  std::optional<int> end_asked() const { return end_asked_; }

 private:
  Order order_for(int signal);

  Now now_;
  sigset_t before_{};
  UniqueFd descriptor_;
  std::optional<std::chrono::steady_clock::time_point> last_interrupt_;
  std::optional<int> end_asked_;
};

}  // namespace muster::cli
