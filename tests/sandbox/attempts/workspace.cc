// SPDX-License-Identifier: Apache-2.0
// Leaving something in the workspace that harms whoever finds it, or writing where it is not ours.

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "attempt.h"

namespace attempts {

namespace {

bool has_privilege_bits(const char* path) {
  struct stat status{};
  return lstat(path, &status) == 0 && (status.st_mode & (S_ISUID | S_ISGID)) != 0;
}

int left_with_bits(const char* path) {
  if (has_privilege_bits(path)) return leaked("%s is left setuid or setgid", path);
  return held("%s has no such bits", path);
}

int plain_file(const char* path) { return open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0755); }

int setuid_by_chmod(Arguments) {
  if (plain_file("a") < 0) return leaked("the workspace cannot be written");
  (void)!chmod("a", S_ISUID | 0755);
  return left_with_bits("a");
}
int setuid_by_fchmod(Arguments) {
  const int fd = plain_file("b");
  (void)!fchmod(fd, S_ISUID | S_ISGID | 0755);
  return left_with_bits("b");
}
int setuid_by_fchmodat(Arguments) {
  close(plain_file("c"));
  (void)!fchmodat(AT_FDCWD, "c", S_ISUID | 0755, 0);
  return left_with_bits("c");
}
int setuid_by_fchmodat2(Arguments) {
  close(plain_file("k"));
  constexpr long kFchmodat2 = 452;  // since Linux 6.6
  syscall(kFchmodat2, AT_FDCWD, "k", S_ISUID | 0755, 0);
  return left_with_bits("k");
}
int setgid_by_chmod(Arguments) {
  close(plain_file("l"));
  (void)!chmod("l", S_ISGID | 0755);
  return left_with_bits("l");
}
// The file has no name until it has its bits.
int setuid_by_tmpfile(Arguments) {
  umask(0);
  const int fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, S_ISUID | 0755);
  if (fd < 0) return held("a file without a name: %s", std::strerror(errno));
  char path[64];
  (void)std::snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  (void)!linkat(AT_FDCWD, path, AT_FDCWD, "m", AT_SYMLINK_FOLLOW);
  return left_with_bits("m");
}
int setuid_by_creat(Arguments) {
  umask(0);
  (void)!creat("n", S_ISUID | 0755);
  return left_with_bits("n");
}
int setuid_by_mknodat(Arguments) {
  umask(0);
  (void)!mknodat(AT_FDCWD, "o", S_IFREG | S_ISGID | 0755, 0);
  return left_with_bits("o");
}
int setuid_by_open(Arguments) {
  umask(0);
  (void)!open("d", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, S_ISUID | S_ISGID | 0755);
  return left_with_bits("d");
}
int setuid_by_mknod(Arguments) {
  umask(0);
  (void)!mknod("e", S_IFREG | S_ISUID | 0755, 0);
  return left_with_bits("e");
}
int setuid_by_openat2(Arguments) {
  umask(0);
  unsigned long how[3] = {O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, S_ISUID | 0755, 0};
  syscall(SYS_openat2, AT_FDCWD, "f", how, sizeof how);
  return left_with_bits("f");
}

int file_capabilities(Arguments) {
  close(plain_file("g"));
  const vfs_cap_data data{VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
                          {{1U << CAP_NET_RAW, 0}, {}}};
  const long result = setxattr("g", "security.capability", &data, sizeof data, 0);
  return refused("security.capability", result, {EPERM, EOPNOTSUPP});
}

int trusted_attribute(Arguments) {
  close(plain_file("h"));
  const long result = setxattr("h", "trusted.overlay.opaque", "y", 1, 0);
  return refused("a trusted attribute", result, {EPERM, EOPNOTSUPP});
}

int give_away(uid_t to) {
  if (plain_file("i") < 0) return leaked("the workspace cannot be written");
  // A mount that maps ids has no word for those it does not know: EOVERFLOW.
  return refused("chown", chown("i", to, to), {EPERM, EINVAL, EOVERFLOW});
}
int give_to_root(Arguments) { return give_away(0); }
int give_to_nobody(Arguments) { return give_away(65534); }

int immutable(Arguments) {
  if (is_host_root()) return leaked("root of the host can do this");
  const int fd = plain_file("j");
  // FS_IOC_SETFLAGS with FS_IMMUTABLE_FL and FS_APPEND_FL, of linux/fs.h.
  const int flags = 0x10 | 0x20;
  const long result = syscall(SYS_ioctl, fd, 0x40086602UL, &flags);
  return refused("an immutable file", result, {EPERM, ENOTTY, EOPNOTSUPP});
}

int write_read_only(Arguments) {
  const int fd = open("written", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  return refused("a file in a read-only workspace", fd, {EROFS});
}

// The runner looks whether it came through to the host.
int write_overlay(Arguments) {
  const int fd = open("written", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0 || write(fd, "x", 1) != 1) return leaked("an overlay cannot be written");
  if (unlink("there") != 0) return leaked("an overlay's file cannot be deleted");
  return held("written above the workspace");
}

int write_temporary(Arguments) {
  const int fd = open("/tmp/muster-attempt-in-tmp", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) return leaked("/tmp cannot be written: %s", std::strerror(errno));
  return held("written to a /tmp of its own");
}

// Whether a symlink the caller's folder holds leads writes to the host.
int through_symlink(Arguments) {
  const int fd = open("link/written", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  return refused("a file behind a symlink out of the workspace", fd,
                 {ENOENT, EROFS, EACCES, ENOTDIR});
}

int leave_symlink(Arguments) {
  if (symlink("/etc/shadow", "result") != 0) return cannot_try("symlink: %s", std::strerror(errno));
  const int verdict = refused("reading it", open("result", O_RDONLY | O_CLOEXEC), {ENOENT, EACCES});
  unlink("result");
  return verdict;
}

constexpr Attempt kAttempts[] = {
    {"leave-setuid-by-chmod", 65, "no bits are left", setuid_by_chmod},
    {"leave-setuid-by-fchmod", 65, "no bits are left", setuid_by_fchmod},
    {"leave-setuid-by-fchmodat", 65, "no bits are left", setuid_by_fchmodat},
    {"leave-setuid-by-fchmodat2", 65, "no bits are left", setuid_by_fchmodat2},
    {"leave-setgid-by-chmod", 65, "no bits are left", setgid_by_chmod},
    {"leave-setuid-by-tmpfile", 65, "no bits are left", setuid_by_tmpfile},
    {"leave-setuid-by-creat", 65, "no bits are left", setuid_by_creat},
    {"leave-setgid-by-mknodat", 65, "no bits are left", setuid_by_mknodat},
    {"leave-setuid-by-open", 65, "no bits are left", setuid_by_open},
    {"leave-setuid-by-mknod", 65, "no bits are left", setuid_by_mknod},
    {"leave-setuid-by-openat2", 65, "no bits are left", setuid_by_openat2},
    {"leave-file-capabilities", 65, "EPERM", file_capabilities},
    {"leave-trusted-attribute", 65, "EPERM", trusted_attribute},
    {"give-file-to-root", 65, "EPERM", give_to_root},
    {"give-file-to-nobody", 65, "EPERM", give_to_nobody},
    {"leave-immutable-file", 65, "EPERM", immutable},
    {"write-read-only-workspace", 62, "EROFS", write_read_only},
    {"write-overlay-workspace", 62, "nothing reaches the host", write_overlay},
    {"write-tmp", 62, "nothing reaches the host", write_temporary},
    {"write-through-symlink", 69, "ENOENT", through_symlink},
    {"read-through-own-symlink", 69, "ENOENT", leave_symlink},
};

}  // namespace

std::span<const Attempt> workspace_attempts() { return kAttempts; }

}  // namespace attempts
