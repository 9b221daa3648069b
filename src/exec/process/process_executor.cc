// SPDX-License-Identifier: Apache-2.0
#include "exec/process/process_executor.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/scope_exit.h"
#include "exec/process/supervision.h"
#include "exec/process/tree.h"

namespace muster {

namespace {

// The keeper was killed, so what it had adopted came to this process.
void end_what_is_left() {
  process::kill_descendants(getpid());
  while (waitpid(-1, nullptr, 0) > 0) {
  }
}

}  // namespace

Attempt ProcessExecutor::execute(const Spec& spec, Sink& sink, Orders& orders) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  ++running_;
  const ScopeExit ended([this] { --running_; });
  process::Confinement none;
  process::Supervision supervision(spec, sink, orders, none, inherited_mask_);
  Attempt attempt = supervision.run();
  if (supervision.keeper_lost() && running_ == 1) end_what_is_left();
  return attempt;
}

Explanation ProcessExecutor::explain(const Spec& /*spec*/) {
  return {{{"process", "a plain process with the rights of its caller", "--isolation none"}}, {}};
}

}  // namespace muster
