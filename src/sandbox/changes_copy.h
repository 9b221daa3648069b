// SPDX-License-Identifier: Apache-2.0
#pragma once

// Copying one entry of what a task changed, of which nothing is believed, to a new name.

#include <sys/stat.h>

#include "sandbox/changes_tree.h"

namespace muster::sandbox {

/// To whom a copy shall belong; an id of -1 stays the caller's. Root's wish is carried out; of
/// another user's, as much as the system allows.
struct Ownership {
  uid_t uid = static_cast<uid_t>(-1);
  gid_t gid = static_cast<gid_t>(-1);
};

/// Whether entries of this kind can be copied: files, folders, symbolic links and fifos.
bool is_copyable(mode_t mode);

/// Makes `to` the copy of `from`, which `status` describes: holes stay holes, mode and time of
/// change stay, set-user-ID and set-group-ID do not. A folder is made empty, for the caller alone,
/// and wants finish_folder() once it is filled. `durable`: the bytes are on disk on return. Throws
/// Error(kIo) without naming the path.
void copy_entry(const Place& from, const struct stat& status, const Place& to,
                const Ownership& owner, bool durable);

/// Gives the open folder the mode and time of `status`, and its owner.
void finish_folder(int folder, const struct stat& status, mode_t mode, const Ownership& owner);

}  // namespace muster::sandbox
