// SPDX-License-Identifier: Apache-2.0
#pragma once

// The upper layer of an overlay after the end of the task: received from the init, read, and where
// it is wanted moved into the workspace.

#include "base/unique_fd.h"
#include "domain/enforced.h"
#include "domain/sandbox.h"

namespace muster::sandbox {

/// The folder that the init has sent over `socket`; owns nothing where it did not get that far.
UniqueFd receive_upper(int socket);

/// What was changed, and after `success` with Workspace::apply the changes in place. A failure to
/// apply them is told in the result.
WorkspaceChanges settle_changes(int upper, const Workspace& workspace, bool success);

}  // namespace muster::sandbox
