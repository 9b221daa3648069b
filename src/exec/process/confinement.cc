// SPDX-License-Identifier: Apache-2.0
#include "exec/process/confinement.h"

#include <unistd.h>

namespace muster::process {

pid_t Confinement::fork_keeper() { return _Fork(); }

NotStarted Confinement::explain(const StartFailure& failure) const {
  return {failure.step, failure.error_number, {}, failure.found};
}

}  // namespace muster::process
