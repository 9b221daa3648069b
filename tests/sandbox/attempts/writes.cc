// SPDX-License-Identifier: Apache-2.0
// Changing what is bound read-only.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "attempt.h"

namespace attempts {

namespace {

// A new file there; taken away again where it could be made.
template <const char* kFolder>
int created(Arguments) {
  if (is_host_root()) return leaked("root of the host can do this");
  char path[256];
  (void)std::snprintf(path, sizeof path, "%s/muster-attempt", kFolder);
  const int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (fd >= 0) unlink(path);
  return refused(path, fd, {EROFS, EACCES, EPERM, ENOENT});
}

constexpr char kUsr[] = "/usr";
constexpr char kUsrBin[] = "/usr/bin";
constexpr char kUsrLocal[] = "/usr/local/bin";
constexpr char kBin[] = "/bin";
constexpr char kLib[] = "/lib";
constexpr char kEtc[] = "/etc";
constexpr char kRoot[] = "";
constexpr char kProc[] = "/proc";
constexpr char kVar[] = "/var";
constexpr char kRun[] = "/run";

// What the runner binds read-only: a folder with `file` in it, and a mount `below` in that.
constexpr const char* kBound = "/bound";
constexpr const char* kBoundFile = "/bound/file";

int refused_in_bind(const char* what, long result) {
  const int error = errno;
  if (is_absent(kBound)) return cannot_try("nothing is bound");
  errno = error;
  return refused(what, result, {EROFS, EACCES, EPERM, EXDEV});
}

int create_in_bind(Arguments) {
  return refused_in_bind("creat", open("/bound/new", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
}
int create_below_bind(Arguments) {
  return refused_in_bind("creat", open("/bound/below/new", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
}
int open_in_bind(Arguments) {
  return refused_in_bind("open", open(kBoundFile, O_WRONLY | O_CLOEXEC));
}
int truncate_in_bind(Arguments) { return refused_in_bind("truncate", truncate(kBoundFile, 0)); }
int unlink_in_bind(Arguments) { return refused_in_bind("unlink", unlink(kBoundFile)); }
int chmod_in_bind(Arguments) { return refused_in_bind("chmod", chmod(kBoundFile, 0777)); }
int chown_in_bind(Arguments) {
  return refused_in_bind("chown", chown(kBoundFile, getuid(), getgid()));
}
int touch_in_bind(Arguments) {
  return refused_in_bind("utimensat", utimensat(AT_FDCWD, kBoundFile, nullptr, 0));
}
int attribute_in_bind(Arguments) {
  return refused_in_bind("setxattr", setxattr(kBoundFile, "user.muster", "x", 1, 0));
}
int link_in_bind(Arguments) { return refused_in_bind("link", link(kBoundFile, "/bound/link")); }
int link_out_of_bind(Arguments) { return refused_in_bind("link", link(kBoundFile, "linked")); }
int rename_in_bind(Arguments) {
  return refused_in_bind("rename", rename(kBoundFile, "/bound/renamed"));
}

int reopen_for_writing(Arguments) {
  const int fd = open(kBoundFile, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return cannot_try("nothing is bound");
  char path[64];
  (void)std::snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return refused(path, open(path, O_WRONLY | O_CLOEXEC), {EROFS, EACCES, EPERM});
}

int lease_in_bind(Arguments) {
  const int fd = open(kBoundFile, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return cannot_try("nothing is bound");
  struct stat status{};
  if (fstat(fd, &status) == 0 && status.st_uid == getuid()) return cannot_try("the file is ours");
  return refused("a lease", fcntl(fd, F_SETLEASE, F_RDLCK), {EACCES, EPERM});
}

int device_in_bind(Arguments) {
  if (is_absent("/bound/null")) return cannot_try("no device is bound");
  return refused("a device in a bind", open("/bound/null", O_RDWR | O_CLOEXEC), {EACCES, EPERM});
}

int write_library(Arguments) {
  for (const char* path : {"/usr/bin/env", "/usr/lib/os-release", "/etc/passwd", "/etc/hosts",
                           "/etc/ld.so.cache", "/bin/sh"}) {
    if (is_host_root()) return leaked("root of the host can do this");
    if (open_error(path, O_WRONLY) == 0) return leaked("%s can be written", path);
  }
  return held("no program and no setting can be written");
}

int link_to_password(Arguments) {
  const long result = linkat(AT_FDCWD, "/etc/passwd", AT_FDCWD, "linked", 0);
  if (result == 0) unlink("linked");
  return refused("a hard link to /etc/passwd", result, {EXDEV, EPERM, EACCES, EROFS});
}

int link_to_program(Arguments) {
  const long result = linkat(AT_FDCWD, "/usr/bin/env", AT_FDCWD, "/tmp/linked", AT_SYMLINK_FOLLOW);
  if (result == 0) unlink("/tmp/linked");
  return refused("a hard link to a program", result, {EXDEV, EPERM, EACCES, EROFS});
}

constexpr Attempt kAttempts[] = {
    {"write-usr", 62, "EROFS", created<kUsr>},
    {"write-usr-bin", 62, "EROFS", created<kUsrBin>},
    {"write-usr-local-bin", 62, "EROFS", created<kUsrLocal>},
    {"write-bin", 62, "EROFS", created<kBin>},
    {"write-lib", 62, "EROFS", created<kLib>},
    {"write-etc", 62, "EROFS", created<kEtc>},
    {"write-root-folder", 62, "EROFS", created<kRoot>},
    {"write-proc", 62, "ENOENT", created<kProc>},
    {"write-var", 62, "EROFS or ENOENT", created<kVar>},
    {"write-run", 62, "EROFS or ENOENT", created<kRun>},
    {"write-programs-and-settings", 62, "EROFS", write_library},
    {"create-in-read-only-bind", 62, "EROFS", create_in_bind},
    {"create-in-mount-below-read-only-bind", 62, "EROFS", create_below_bind},
    {"open-in-read-only-bind", 62, "EROFS", open_in_bind},
    {"truncate-in-read-only-bind", 62, "EROFS", truncate_in_bind},
    {"unlink-in-read-only-bind", 62, "EROFS", unlink_in_bind},
    {"chmod-in-read-only-bind", 62, "EROFS", chmod_in_bind},
    {"chown-in-read-only-bind", 62, "EROFS", chown_in_bind},
    {"touch-in-read-only-bind", 62, "EROFS", touch_in_bind},
    {"attribute-in-read-only-bind", 62, "EROFS", attribute_in_bind},
    {"link-in-read-only-bind", 62, "EROFS", link_in_bind},
    {"link-out-of-read-only-bind", 62, "EXDEV", link_out_of_bind},
    {"rename-in-read-only-bind", 62, "EROFS", rename_in_bind},
    {"reopen-through-proc", 62, "EROFS", reopen_for_writing},
    {"lease-in-read-only-bind", 71, "EACCES", lease_in_bind},
    {"device-in-bind", 33, "EACCES: nodev", device_in_bind},
    {"link-to-passwords", 62, "EXDEV", link_to_password},
    {"link-to-program", 62, "EXDEV", link_to_program},
};

}  // namespace

std::span<const Attempt> write_attempts() { return kAttempts; }

}  // namespace attempts
