// SPDX-License-Identifier: Apache-2.0
#include "sandbox/mounts.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

namespace muster::sandbox {

namespace {

int keep_errno(int result, int closed) {
  const int error = errno;
  close(closed);
  errno = error;
  return result;
}

unsigned attributes(const MountFlags& flags) {
  unsigned bits = MOUNT_ATTR_NOSUID;
  if (!flags.writable) bits |= MOUNT_ATTR_RDONLY;
  if (!flags.executable) bits |= MOUNT_ATTR_NOEXEC;
  if (!flags.devices) bits |= MOUNT_ATTR_NODEV;
  return bits;
}

// Makes `name` in the open folder and opens it. What is there all the same is a link that leads
// nowhere: EEXIST.
int make_entry(int parent, const char* name, bool folder) {
  if (folder) {
    if (mkdirat(parent, name, 0755) != 0) return -1;
  } else {
    const int made = openat(parent, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (made < 0) return -1;
    close(made);
  }
  return openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

}  // namespace

int open_source(const char* path, bool exact) {
  struct open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_NO_MAGICLINKS | (exact ? RESOLVE_NO_SYMLINKS : 0);
  return static_cast<int>(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how));
}

int clone_tree(int folder, const char* path) {
  return open_tree(
      folder, path,
      OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_EMPTY_PATH | AT_NO_AUTOMOUNT);
}

bool restrict_tree(int tree, const MountFlags& flags) {
  mount_attr attr{};
  attr.attr_set = attributes(flags);
  attr.propagation = MS_PRIVATE;
  return mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr) == 0;
}

int make_file_system(const char* type, const char* const* options, const MountFlags& flags) {
  const int context = fsopen(type, FSOPEN_CLOEXEC);
  if (context < 0) return -1;
  for (const char* const* option = options; *option != nullptr; option += 2) {
    if (fsconfig(context, FSCONFIG_SET_STRING, option[0], option[1], 0) != 0) {
      return keep_errno(-1, context);
    }
  }
  if (fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
    return keep_errno(-1, context);
  }
  return keep_errno(fsmount(context, FSMOUNT_CLOEXEC, attributes(flags)), context);
}

bool attach(int mount, int target) {
  return move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0;
}

int open_inside(int root, const char* path) {
  struct open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  // EAGAIN: somewhere on this host a mount or a rename happened meanwhile, and the kernel is not
  // sure that ".." stayed below the root (openat2(2)). Nobody can keep that up for this many times.
  constexpr int kMostTries = 10000;
  long opened = -1;
  for (int i = 0; i < kMostTries; ++i) {
    opened = syscall(SYS_openat2, root, path, &how, sizeof how);
    if (opened >= 0 || errno != EAGAIN) break;
  }
  return static_cast<int>(opened);
}

int make_inside(int root, const char* path, bool folder, const OwnFileSystems& ours) {
  int opened = open_inside(root, path);
  if (opened >= 0 || errno != ENOENT) return opened;
  char prefix[PATH_MAX];
  const std::size_t size = std::strlen(path);
  if (size >= sizeof prefix) {
    errno = ENAMETOOLONG;
    return -1;
  }
  std::memcpy(prefix, path, size + 1);
  opened = open_inside(root, "/");
  for (std::size_t at = 1; at <= size && opened >= 0;) {
    const char* slash = std::strchr(prefix + at, '/');
    const std::size_t end = slash == nullptr ? size : static_cast<std::size_t>(slash - prefix);
    prefix[end] = 0;
    int next = open_inside(root, prefix);
    if (next < 0 && errno == ENOENT && ours.holds(device_of(opened))) {
      next = make_entry(opened, prefix + at, folder || end < size);
    }
    opened = keep_errno(next, opened);
    if (end < size) prefix[end] = '/';
    at = end + 1;
  }
  return opened;
}

std::uint64_t device_of(int descriptor) {
  struct stat about{};
  return fstat(descriptor, &about) == 0 ? about.st_dev : 0;
}

}  // namespace muster::sandbox
