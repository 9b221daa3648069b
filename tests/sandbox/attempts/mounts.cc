// SPDX-License-Identifier: Apache-2.0
// Changing what is mounted, and walking out of the root folder.

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "attempt.h"

namespace attempts {

namespace {

// A folder of the attempt's own; what is mounted there hides nothing.
const char* own_folder() {
  static char path[] = "/tmp/mount.XXXXXX";
  return mkdtemp(path);
}

int mounted(const char* type) {
  const char* folder = own_folder();
  if (folder == nullptr) return cannot_try("no folder in /tmp");
  const int verdict = refused(type, mount("none", folder, type, 0, nullptr), {EPERM});
  umount2(folder, MNT_DETACH);
  rmdir(folder);
  return verdict;
}

int mount_tmpfs(Arguments) { return mounted("tmpfs"); }
int mount_proc(Arguments) { return mounted("proc"); }
int mount_sysfs(Arguments) { return mounted("sysfs"); }
int mount_cgroup(Arguments) { return mounted("cgroup2"); }
int mount_devpts(Arguments) { return mounted("devpts"); }
int mount_mqueue(Arguments) { return mounted("mqueue"); }

int mount_bind(Arguments) {
  const char* folder = own_folder();
  if (folder == nullptr) return cannot_try("no folder in /tmp");
  const long result = mount("/usr", folder, nullptr, MS_BIND | MS_REC, nullptr);
  const int verdict = refused("a bind mount", result, {EPERM});
  umount2(folder, MNT_DETACH);
  rmdir(folder);
  return verdict;
}

int mount_overlay(Arguments) {
  const char* folder = own_folder();
  if (folder == nullptr) return cannot_try("no folder in /tmp");
  const long result = mount("none", folder, "overlay", 0, "lowerdir=/usr:/etc");
  const int verdict = refused("overlay", result, {EPERM});
  umount2(folder, MNT_DETACH);
  rmdir(folder);
  return verdict;
}

// Outside of a sandbox these act on mounts of everybody.
int remount_writable(Arguments) {
  if (is_host_root()) return leaked("root of the host can do this");
  const long result = mount(nullptr, "/usr", nullptr, MS_REMOUNT | MS_BIND, nullptr);
  return refused("remounting /usr", result, {EPERM});
}

int make_shared(Arguments) {
  if (is_host_root()) return leaked("root of the host can do this");
  const long result = mount(nullptr, "/", nullptr, MS_SHARED | MS_REC, nullptr);
  return refused("making / shared", result, {EPERM});
}

int move_mount_old(Arguments) {
  if (is_host_root()) return leaked("root of the host can do this");
  return refused("moving /proc", mount("/proc", "/tmp", nullptr, MS_MOVE, nullptr), {EPERM});
}

int unmount_proc(Arguments) {
  if (is_host_root()) return leaked("root of the host can do this");
  return refused("unmounting /proc", umount2("/proc", MNT_DETACH), {EPERM});
}

int unmount_masks(Arguments) {
  if (is_host_root()) return leaked("root of the host can do this");
  return refused("unmounting a mask", umount2("/proc/kcore", MNT_DETACH), {EPERM});
}

int unmount_root(Arguments) {
  if (is_host_root()) return leaked("root of the host can do this");
  return refused("unmounting /", umount2("/", MNT_DETACH), {EPERM});
}

int new_fsopen(Arguments) { return refused("fsopen", syscall(SYS_fsopen, "tmpfs", 0), {EPERM}); }
int new_fspick(Arguments) {
  return refused("fspick", syscall(SYS_fspick, AT_FDCWD, "/", 0), {EPERM});
}
int new_fsconfig(Arguments) {
  return refused("fsconfig", syscall(SYS_fsconfig, -1, 0, nullptr, nullptr, 0), {EPERM});
}
int new_fsmount(Arguments) { return refused("fsmount", syscall(SYS_fsmount, -1, 0, 0), {EPERM}); }
int new_open_tree(Arguments) {
  const long result = syscall(SYS_open_tree, AT_FDCWD, "/usr", 1 | O_CLOEXEC);
  return refused("open_tree", result, {EPERM});
}
int new_open_tree_attr(Arguments) {
  constexpr long kOpenTreeAttr = 467;
  const long result = syscall(kOpenTreeAttr, AT_FDCWD, "/usr", 1 | O_CLOEXEC, nullptr, 0);
  return refused("open_tree_attr", result, {EPERM, ENOSYS});
}
int new_move_mount(Arguments) {
  return refused("move_mount", syscall(SYS_move_mount, -1, "", -1, "", 0), {EPERM});
}
int new_mount_setattr(Arguments) {
  unsigned long attributes[4] = {};
  const long result = syscall(SYS_mount_setattr, -1, "", 0x1000, attributes, sizeof attributes);
  return refused("mount_setattr", result, {EPERM});
}

int change_root(Arguments) {
  // A root of its own is the beginning of every way out of a chroot.
  return refused("chroot", chroot("/"), {EPERM});
}

int pivot(Arguments) {
  return refused("pivot_root", syscall(SYS_pivot_root, "/nowhere", "/nowhere"), {EPERM});
}

int above_root(Arguments) {
  struct stat root{};
  struct stat above{};
  if (stat("/", &root) != 0 || stat("/../../../../../../../..", &above) != 0) {
    return cannot_try("stat: %s", std::strerror(errno));
  }
  const bool same = root.st_dev == above.st_dev && root.st_ino == above.st_ino;
  return same ? held("nothing is above /") : leaked("there is a folder above /");
}

int outside_working_folder(Arguments) {
  char path[4096];
  // getcwd(2) itself, for libc hides the "(unreachable)" in front.
  const long size = syscall(SYS_getcwd, path, sizeof path);
  if (size < 0) return leaked("getcwd: %s", std::strerror(errno));
  return path[0] == '/' ? held("%s", path) : leaked("%s", path);
}

int handle_of(Arguments) {
  struct {
    unsigned bytes = 128;
    int type = 0;
    unsigned char data[128] = {};
  } handle;
  int mount_id = 0;
  const long result = syscall(SYS_name_to_handle_at, AT_FDCWD, "/usr", &handle, &mount_id, 0);
  return refused("name_to_handle_at", result, {EPERM});
}

int by_handle(Arguments) {
  struct {
    unsigned bytes = 8;
    int type = 1;
    unsigned inode[2] = {2, 0};  // the root of an ext4
  } handle;
  const int fd = open(".", O_RDONLY | O_CLOEXEC);
  return refused("open_by_handle_at", syscall(SYS_open_by_handle_at, fd, &handle, O_RDONLY),
                 {EPERM});
}

constexpr Attempt kAttempts[] = {
    {"mount-tmpfs", 26, "EPERM", mount_tmpfs},
    {"mount-proc", 26, "EPERM", mount_proc},
    {"mount-sysfs", 26, "EPERM", mount_sysfs},
    {"mount-cgroup", 40, "EPERM", mount_cgroup},
    {"mount-devpts", 26, "EPERM", mount_devpts},
    {"mount-mqueue", 26, "EPERM", mount_mqueue},
    {"mount-bind", 26, "EPERM", mount_bind},
    {"mount-overlay", 26, "EPERM", mount_overlay},
    {"remount-writable", 26, "EPERM", remount_writable},
    {"make-mounts-shared", 26, "EPERM", make_shared},
    {"move-a-mount", 26, "EPERM", move_mount_old},
    {"unmount-proc", 26, "EPERM", unmount_proc},
    {"unmount-a-mask", 26, "EPERM", unmount_masks},
    {"unmount-root", 26, "EPERM", unmount_root},
    {"new-mount-api-fsopen", 27, "EPERM", new_fsopen},
    {"new-mount-api-fspick", 27, "EPERM", new_fspick},
    {"new-mount-api-fsconfig", 27, "EPERM", new_fsconfig},
    {"new-mount-api-fsmount", 27, "EPERM", new_fsmount},
    {"new-mount-api-open-tree", 27, "EPERM", new_open_tree},
    {"new-mount-api-open-tree-attr", 27, "EPERM or ENOSYS", new_open_tree_attr},
    {"new-mount-api-move-mount", 27, "EPERM", new_move_mount},
    {"new-mount-api-setattr", 27, "EPERM", new_mount_setattr},
    {"change-root", 28, "EPERM", change_root},
    {"pivot-root", 28, "EPERM", pivot},
    {"look-above-root", 28, "nothing is there", above_root},
    {"working-folder-outside", 0, "it is inside", outside_working_folder},
    {"name-to-handle", 50, "EPERM", handle_of},
    {"open-by-handle", 50, "EPERM", by_handle},
};

}  // namespace

std::span<const Attempt> mount_attempts() { return kAttempts; }

}  // namespace attempts
