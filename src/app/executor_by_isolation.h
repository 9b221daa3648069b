// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exec/executor.h"

namespace muster::app {

/// Hands each spec to the executor for its isolation. Both outlive it.
class ExecutorByIsolation : public Executor {
 public:
  /// `plain` executes what asks for no isolation, `sandbox` everything else.
  ExecutorByIsolation(Executor& plain, Executor& sandbox) : plain_(plain), sandbox_(sandbox) {}

  Attempt execute(const Spec& spec, Sink& sink, Orders& orders) override {
    return executor_for(spec).execute(spec, sink, orders);
  }

  Explanation explain(const Spec& spec) override { return executor_for(spec).explain(spec); }

 private:
  Executor& executor_for(const Spec& spec) {
    return spec.sandbox.isolation == Isolation::kNone ? plain_ : sandbox_;
  }

  Executor& plain_;
  Executor& sandbox_;
};

}  // namespace muster::app
