// SPDX-License-Identifier: Apache-2.0
#pragma once

// Paths below an open folder, reached without following anything out of it. They may be longer than
// PATH_MAX and as deep as the disk allows, so nothing here recurses or keeps a descriptor per
// level. Thread-safe.

#include <sys/stat.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/unique_fd.h"

namespace muster::sandbox {

/// An open folder and how messages call it. The descriptor belongs to the caller.
struct Tree {
  int root = -1;
  std::string label;

  /// The fault of a system call (errno) at `path`: "copying 'LABEL/path': No space left on device".
  Error fault(std::string_view doing, std::string_view path) const;
  /// 'LABEL/path' in quotes.
  std::string quoted(std::string_view path) const;
};

/// Opens `path` below `root` without following symbolic links or crossing mounts (openat2(2));
/// "" is `root` itself and a slash at the end is ignored. Invalid with errno set.
UniqueFd open_below(int root, std::string_view path, int flags);

/// A name in the folder that holds it.
struct Place {
  UniqueFd folder;  ///< O_PATH
  std::string name;
};

/// Where `path`, which is not empty, stands or would stand below the tree. Throws Error(kIo).
Place place_of(const Tree& tree, std::string_view path);

/// The entry itself, not what a symbolic link names. Nothing where there is none; throws Error.
std::optional<struct stat> entry_at(const Tree& tree, int folder, const std::string& name,
                                    std::string_view path);

/// The same for a path below the tree; nothing too where a folder on the way is absent.
std::optional<struct stat> entry_at(const Tree& tree, std::string_view path);

/// The names in a folder open for reading, but for "." and "..". False with errno set.
bool names_in(int folder, std::vector<std::string>& names);

/// Removes the entry `path` below `root` and everything in it, making folders of ours writable
/// where needed. Calls `after_step` after each removal. 0 or the errno of what failed; where a
/// folder on the way cannot be looked at, throws Error(kIo).
int remove_below(int root, const std::string& path, const std::function<void()>& after_step);

/// The path without the slash that marks a folder.
std::string_view plain(std::string_view path);

inline bool is_folder_path(std::string_view path) { return path.ends_with('/'); }

/// The path by which calls that know no descriptors reach one of ours: /proc/self/fd/N.
std::string proc_path(int descriptor);

}  // namespace muster::sandbox
