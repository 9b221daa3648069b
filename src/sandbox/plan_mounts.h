// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sandbox/plan.h"

namespace muster::sandbox {

/// What stands where below the new root.
struct MountList {
  std::vector<Step> steps;            ///< parents before what lies below them
  std::vector<std::string> writable;  ///< paths the command may write to
};

/// Lays out the root: system folders, a small /etc, /proc, /dev, private writable folders, the
/// workspace and what the spec adds. A later wish for the same path replaces an earlier one. Pure.
/// Throws Error(kUnavailable) for a source that is not there.
MountList plan_mounts(const SandboxSpec& spec, bool tty, const Facts& facts,
                      const Identity& identity);

}  // namespace muster::sandbox
