// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whether two entries of the same name are the same thing, and what their bytes are.

#include <sys/stat.h>

#include <string>

#include "base/unique_fd.h"

namespace muster::sandbox {

/// One entry of an open folder and what stat said of it; refers to what the caller holds.
struct Entry {
  int folder = -1;
  const std::string& name;
  const struct stat& status;
};

/// Whether they differ in kind, mode, link text, device number, or, for files, in size, time of
/// change or bytes. Opens regular files only. Throws Error(kIo) without naming the path.
bool differs(const Entry& one, const Entry& other);

/// The text of a symbolic link. Throws Error(kIo) without naming the path.
std::string link_text(int folder, const std::string& name);

/// Opens the regular file that `entry` was when it was looked at. Throws Error(kIo), as when
/// something else stands there now, without naming the path.
UniqueFd open_file(const Entry& entry);

}  // namespace muster::sandbox
