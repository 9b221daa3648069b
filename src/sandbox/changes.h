// SPDX-License-Identifier: Apache-2.0
#pragma once

// What an overlay's upper layer says was changed, and how that reaches the folder below it.
//
// The upper layer is what an untrusted task made of it: everything is reached by descriptor,
// nothing is followed out of the two folders, and only files and folders that were looked at are
// opened.

#include <functional>
#include <string>
#include <vector>

#include "domain/enforced.h"

namespace muster::sandbox {

/// Compares the upper layer of an overlay (overlayfs(5): whiteouts, opaque folders) with the folder
/// below it. Both are open folders; nothing is followed out of them. Sorted by path. Throws
/// Error(kIo).
///
/// An added folder is listed with all it holds, a deleted one alone. What was copied up and is
/// equal in content, mode and time of change is no change; neither are owners, extended attributes,
/// the times of folders and the mode of the top folder, none of which can be applied. A path that
/// became a folder or ceased to be one is both deleted and added.
///
/// Layers of a mount with metacopy or redirect_dir do not hold what they stand for and are refused.
std::vector<ChangedPath> find_changes(int upper, int lower);

/// Called after every step that changed the file system, for tests that die or interfere there.
using AfterStep = std::function<void()>;

/// Moves the changes into `lower`: everything is copied beside it first, so that a full disk or an
/// unreadable file changes nothing, then put in place by renames that are undone when one of them
/// fails. Interrupted by SIGKILL, it is completed or undone by recover_changes(). Throws Error.
/// `directory` is the path of `lower`, for messages. Waits for another process that applies to, or
/// recovers, the same folder.
///
/// Contents, modes and times are kept. Set-user-ID and set-group-ID bits are not; extended
/// attributes are not; hard links become separate files. What is new belongs to the caller; for
/// root, to the owner of `lower`. What replaces a file belongs to that file's owner where the
/// caller may arrange it. Sockets and devices are refused, with nothing changed.
///
/// What others did to `lower` meanwhile is noticed where it conflicts in kind (a path that should
/// be absent, or should be a folder): nothing is applied then. A file that they and the task both
/// changed becomes the task's.
void apply_changes(int upper, int lower, const std::vector<ChangedPath>& changes,
                   const std::string& directory, const AfterStep& after_step = {});

/// Finishes or undoes what a killed apply_changes() left in `lower`; does nothing, at the price of
/// one system call, where there is nothing. True when something was recovered. Throws Error.
bool recover_changes(int lower, const std::string& directory, const AfterStep& after_step = {});

}  // namespace muster::sandbox
