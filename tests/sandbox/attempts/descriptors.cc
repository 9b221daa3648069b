// SPDX-License-Identifier: Apache-2.0
// Getting out through an open file that was handed in.

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "attempt.h"

namespace attempts {

namespace {

int inherited(Arguments) {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return cannot_try("there is no /proc");
  int verdict = kHeld;
  while (const dirent* entry = readdir(folder)) {
    const int fd = std::atoi(entry->d_name);
    if (entry->d_name[0] == '.' || fd <= 2 || fd == dirfd(folder)) continue;
    char path[64];
    char target[256] = "";
    (void)std::snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    (void)!readlink(path, target, sizeof target - 1);
    verdict = leaked("descriptor %d is open: %s", fd, target);
  }
  closedir(folder);
  return verdict == kHeld ? held("0, 1 and 2 alone are open") : verdict;
}

// stdin is a file of the caller's, opened for reading, and the caller may write it.
int write_input(Arguments) {
  const int fd = open("/proc/self/fd/0", O_WRONLY | O_CLOEXEC);
  return refused("opening stdin for writing", fd, {EACCES, EPERM, EROFS, ENOENT, ENXIO});
}

int change_mode_of_input(Arguments) {
  struct stat status{};
  if (fstat(STDIN_FILENO, &status) != 0) return cannot_try("there is no stdin");
  return refused("fchmod of stdin", fchmod(STDIN_FILENO, status.st_mode & 07777),
                 {EPERM, EACCES, EROFS, EINVAL});
}

// stdout is a file that the caller appends to: what is in it is not the task's to read or to cut.
bool output_is_file() {
  struct stat status{};
  return fstat(STDOUT_FILENO, &status) == 0 && S_ISREG(status.st_mode);
}

int read_output(Arguments) {
  if (!output_is_file()) return cannot_try("stdout is no file");
  const int fd = open("/proc/self/fd/1", O_RDONLY | O_CLOEXEC);
  return refused("opening stdout for reading", fd, {EACCES, EPERM, EROFS, ENOENT, ENXIO});
}

int truncate_output(Arguments) {
  if (!output_is_file()) return cannot_try("stdout is no file");
  const int fd = open("/proc/self/fd/1", O_WRONLY | O_TRUNC | O_CLOEXEC);
  return refused("opening stdout to cut it", fd, {EACCES, EPERM, EROFS, ENOENT, ENXIO});
}

// stdin is a folder of the host.
int walk_input(Arguments) {
  const int above = openat(STDIN_FILENO, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (above >= 0) return leaked("the folder above stdin can be opened");
  return refused("a file in stdin", openat(STDIN_FILENO, "secret", O_RDONLY | O_CLOEXEC),
                 {EACCES, EPERM, ENOTDIR, EBADF, ENOENT});
}

int enter_input(Arguments) {
  return refused("fchdir to stdin", fchdir(STDIN_FILENO), {EACCES, EPERM, ENOTDIR, EBADF});
}

int look_at_input(Arguments) {
  struct stat status{};
  return refused("a stat beside stdin", fstatat(STDIN_FILENO, "secret", &status, 0),
                 {EACCES, EPERM, ENOTDIR, EBADF, ENOENT});
}

constexpr Attempt kAttempts[] = {
    {"use-inherited-descriptors", 18, "they are closed", inherited},
    {"write-input-file", 18, "EACCES", write_input},
    {"change-mode-of-input-file", 18, "EPERM", change_mode_of_input},
    {"read-output-file", 18, "EACCES", read_output},
    {"truncate-output-file", 18, "EACCES", truncate_output},
    {"walk-out-of-input-folder", 18, "EACCES or ENOTDIR", walk_input},
    {"enter-input-folder", 18, "EACCES or ENOTDIR", enter_input},
    {"look-beside-input-folder", 18, "EACCES or ENOTDIR", look_at_input},
};

}  // namespace

std::span<const Attempt> descriptor_attempts() { return kAttempts; }

}  // namespace attempts
