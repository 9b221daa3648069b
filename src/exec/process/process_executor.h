// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <csignal>

#include "exec/executor.h"

namespace muster {

/// Executes a spec as a plain process of this host, supervised and accounted but not isolated.
class ProcessExecutor : public Executor {
 public:
  /// `inherited_mask`: the signal mask muster was started with, which commands get back.
  explicit ProcessExecutor(const sigset_t& inherited_mask) : inherited_mask_(inherited_mask) {}

  Attempt execute(const Spec& spec, Sink& sink, Orders& orders) override;
  Explanation explain(const Spec& spec) override;

 private:
  sigset_t inherited_mask_;
  std::atomic<int> running_ = 0;
};

}  // namespace muster
