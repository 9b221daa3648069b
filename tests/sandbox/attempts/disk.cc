// SPDX-License-Identifier: Apache-2.0
// More bytes, files or bytes in one file than was given.

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "attempt.h"

namespace attempts {

namespace {

// Pages and inodes are rounded up; more than this is no rounding.
constexpr long kRounding = 1L << 20;

// Never fills a file system that is not of the sandbox: one larger than anything the runner allows.
bool is_bounded(const char* folder) {
  struct statvfs status{};
  if (statvfs(folder, &status) != 0) return true;
  return status.f_blocks * status.f_frsize <= 4UL * kDisk;
}

// Bytes written into `folder` in files of 8 MiB until something stops it.
long fill(const char* folder) {
  static char block[1 << 20];
  std::memset(block, 1, sizeof block);
  long sum = 0;
  for (int i = 0; sum < 4 * kDisk; ++i) {
    char path[4096];
    (void)std::snprintf(path, sizeof path, "%s/fill.%d", folder, i);
    const int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) return sum;
    for (int part = 0; part < 8; ++part) {
      const ssize_t written = write(fd, block, sizeof block);
      if (written <= 0) {
        close(fd);
        return sum;
      }
      sum += written;
    }
    close(fd);
  }
  return sum;
}

int fill_folder(const char* folder) {
  if (folder == nullptr) return leaked("there is no HOME");
  if (!is_bounded(folder)) return leaked("%s is larger than the limit on disk", folder);
  const long sum = fill(folder);
  const int error = errno;
  if (sum == 0) return leaked("nothing can be written to %s: %s", folder, std::strerror(error));
  if (sum > kDisk + kRounding) return leaked("%ld MiB in %s", sum >> 20, folder);
  return held("%ld MiB in %s, then: %s", sum >> 20, folder, std::strerror(error));
}

int fill_tmp(Arguments) { return fill_folder("/tmp"); }
int fill_home(Arguments) { return fill_folder(std::getenv("HOME")); }
int fill_shared_memory(Arguments) { return fill_folder("/dev/shm"); }

int fill_everything(Arguments) {
  const char* const folders[] = {"/tmp", std::getenv("HOME"), "/dev/shm", "/var/tmp", "/run"};
  long sum = 0;
  for (const char* folder : folders) {
    if (folder == nullptr || is_absent(folder)) continue;
    if (!is_bounded(folder)) return leaked("%s is larger than the limit on disk", folder);
    sum += fill(folder);
  }
  if (sum > kDisk + kRounding) return leaked("%ld MiB in all folders together", sum >> 20);
  return held("%ld MiB in all folders together", sum >> 20);
}

int reserve(Arguments) {
  if (!is_bounded("/tmp")) return leaked("/tmp is larger than the limit on disk");
  const int fd = open("/tmp/reserved", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  (void)signal(SIGXFSZ, SIG_IGN);
  return refused("fallocate of 1 GiB", fallocate(fd, 0, 0, 1L << 30), {ENOSPC, EFBIG});
}

int count_files(int (*make)(const char*)) {
  if (!is_bounded("/tmp")) return leaked("/tmp is larger than the limit on disk");
  long count = 0;
  for (; count < 2 * kInodes; ++count) {
    char path[64];
    (void)std::snprintf(path, sizeof path, "/tmp/file.%ld", count);
    if (make(path) != 0) break;
  }
  const int error = errno;
  if (count > kInodes) return leaked("%ld files", count);
  if (error != ENOSPC) return leaked("%ld files, then: %s", count, std::strerror(error));
  return held("%ld files, then: %s", count, std::strerror(error));
}

int file_bomb(Arguments) {
  return count_files([](const char* path) { return mknod(path, S_IFREG | 0600, 0); });
}
int folder_bomb(Arguments) {
  return count_files([](const char* path) { return mkdir(path, 0700); });
}
int symlink_bomb(Arguments) {
  return count_files([](const char* path) { return symlink("nowhere", path); });
}
int fifo_bomb(Arguments) {
  return count_files([](const char* path) { return mkfifo(path, 0600); });
}

int file_too_large(const char* path) {
  (void)signal(SIGXFSZ, SIG_IGN);
  const int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return leaked("%s: %s", path, std::strerror(errno));
  const int verdict = refused("a byte beyond the limit", pwrite(fd, "x", 1, kFileSize), {EFBIG});
  unlink(path);
  return verdict;
}

int file_too_large_in_workspace(Arguments) { return file_too_large("large"); }
int file_too_large_in_tmp(Arguments) { return file_too_large("/tmp/large"); }

int file_too_large_by_truncate(Arguments) {
  (void)signal(SIGXFSZ, SIG_IGN);
  const int fd = open("large", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  unlink("large");
  return refused("ftruncate beyond the limit", ftruncate(fd, kFileSize + 1), {EFBIG});
}

constexpr Attempt kAttempts[] = {
    {"fill-tmp", 5, "ENOSPC at the limit on disk", fill_tmp},
    {"fill-home", 5, "ENOSPC at the limit on disk", fill_home},
    {"fill-shared-memory", 5, "ENOSPC at the limit on disk", fill_shared_memory},
    {"fill-everything", 5, "one limit for all folders together", fill_everything},
    {"reserve-disk", 5, "ENOSPC or EFBIG", reserve},
    {"file-bomb", 6, "ENOSPC at the limit on files", file_bomb},
    {"folder-bomb", 6, "ENOSPC at the limit on files", folder_bomb},
    {"symlink-bomb", 6, "ENOSPC at the limit on files", symlink_bomb},
    {"fifo-bomb", 6, "ENOSPC at the limit on files", fifo_bomb},
    {"file-too-large-in-workspace", 7, "EFBIG", file_too_large_in_workspace},
    {"file-too-large-in-tmp", 7, "EFBIG", file_too_large_in_tmp},
    {"file-too-large-by-truncate", 7, "EFBIG", file_too_large_by_truncate},
};

}  // namespace

std::span<const Attempt> disk_attempts() { return kAttempts; }

}  // namespace attempts
