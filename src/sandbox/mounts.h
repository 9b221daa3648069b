// SPDX-License-Identifier: Apache-2.0
#pragma once

// Mounts by descriptor. Every function runs between clone and exec: it allocates nothing, throws
// nothing, and says what went wrong in errno. Descriptors are close-on-exec and owned by nobody;
// the process ends or executes soon.

#include <cstdint>

namespace muster::sandbox {

/// Opens what a spec names on the host, as a path only. `exact`: the path was resolved before, so a
/// link in it means that somebody has put another thing there since: ELOOP. -1 with errno.
int open_source(const char* path, bool exact);

/// A detached copy of the mounts at `path` below `folder` and of what is mounted below, or of
/// `folder` itself when `path` is "". -1 with errno.
int clone_tree(int folder, const char* path);

/// Flags of a mount, MOUNT_ATTR_* of mount_setattr(2).
struct MountFlags {
  bool writable = false;
  bool executable = true;
  bool devices = false;
};

/// Sets the flags on `tree` and on everything mounted below it, and cuts it off from the mounts it
/// was copied from. Never clears what the host has set.
bool restrict_tree(int tree, const MountFlags& flags);

/// A detached mount of a new file system of `type`; `options` are key, value, key, value, ... ended
/// by nullptr. -1 with errno.
int make_file_system(const char* type, const char* const* options, const MountFlags& flags);

/// Puts the detached mount onto the open file or folder.
bool attach(int mount, int target);

/// Opens `path` as the processes inside will see it, `root` being their root: links lead nowhere
/// out of it (openat2(2), RESOLVE_IN_ROOT). -1 with errno.
int open_inside(int root, const char* path);

/// The same, made where it is missing: the folders above it, and itself as a folder or an empty
/// file. Makes things only on the file systems named in `ours`; elsewhere ENOENT stays.
struct OwnFileSystems {
  static constexpr unsigned kMost = 16;
  std::uint64_t devices[kMost] = {};
  unsigned count = 0;
  void add(std::uint64_t device) {
    if (count < kMost) devices[count++] = device;
  }
  bool holds(std::uint64_t device) const {
    for (unsigned i = 0; i < count; ++i) {
      if (devices[i] == device) return true;
    }
    return false;
  }
};
int make_inside(int root, const char* path, bool folder, const OwnFileSystems& ours);

/// st_dev of an open file; 0 where that fails.
std::uint64_t device_of(int descriptor);

}  // namespace muster::sandbox
