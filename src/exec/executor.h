// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "domain/attempt.h"
#include "domain/spec.h"
#include "exec/orders.h"
#include "exec/sink.h"

namespace muster {

/// Executes specs. One object may execute several attempts at once, each on a thread of its own.
class Executor {
 public:
  virtual ~Executor() = default;

  /// Runs `spec` once and returns when the command has ended, nothing of its process tree is left
  /// and all its output has been handed to `sink`. However the command ends, also when it could
  /// not be started, is an outcome and not an exception. Throws Error only where muster itself
  /// fails before there is anything to report (no descriptors left, no terminal for `tty`).
  virtual Attempt execute(const Spec& spec, Sink& sink, Orders& orders) = 0;

  /// What execute() would do with `spec` here and now, step by step; nothing is started. Throws
  /// Error(kUnavailable) naming what is missing where it could not do what `spec` demands.
  virtual Explanation explain(const Spec& spec) = 0;
};

}  // namespace muster
