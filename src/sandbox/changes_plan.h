// SPDX-License-Identifier: Apache-2.0
#pragma once

// What applying changes consists of: which entries are copied, and which renames and modes put them
// in place. Looks at both folders and changes nothing.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "domain/enforced.h"
#include "sandbox/changes_copy.h"
#include "sandbox/changes_journal.h"
#include "sandbox/changes_tree.h"

namespace muster::sandbox {

/// One entry of the upper layer that is copied into the stage.
struct StagedEntry {
  std::string path;  ///< in the upper layer, with a slash at the end when it is a folder
  std::uint64_t slot = 0;
  std::string below;  ///< where it stands below the slot; "" for the slot itself
};

/// What is to be copied, for whom, and what happens then.
struct ApplyPlan {
  std::vector<StagedEntry> entries;  ///< folders before what is in them
  std::vector<Ownership> owners;     ///< by slot
  Journal journal;
};

/// Throws Error naming the path that cannot be applied: a socket, a device, the stage itself, or
/// what is not as the changes say in either folder.
ApplyPlan plan_changes(const Tree& upper, const Tree& lower,
                       const std::vector<ChangedPath>& changes);

}  // namespace muster::sandbox
