// SPDX-License-Identifier: Apache-2.0
#include "sandbox/changes_copy.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <vector>

#include "base/file_replacement.h"
#include "sandbox/changes_content.h"

namespace muster::sandbox {

namespace {

constexpr mode_t kKeptBits = 01777;

[[noreturn]] void fail(std::string_view doing) { throw Error::from_errno(errno, doing); }

// The times as utimensat(2) takes them: that of the last access is nobody's business.
std::array<timespec, 2> times_of(const struct stat& status) {
  return {timespec{0, UTIME_OMIT}, status.st_mtim};
}

// Another user may be unable to give a file away, or to a group; it then stays the caller's.
bool owned(int result) { return result == 0 || geteuid() != 0; }

void copy_by_hand(int from, int to, off_t at, off_t end) {
  std::vector<char> buffer(std::size_t{256} * 1024);
  if (lseek(to, at, SEEK_SET) < 0) fail("writing");
  while (at < end) {
    const auto wanted = std::min(buffer.size(), static_cast<std::size_t>(end - at));
    const ssize_t count = pread(from, buffer.data(), wanted, at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("reading");
    if (count == 0) return;
    const std::string_view piece(buffer.data(), static_cast<std::size_t>(count));
    if (const int error = write_whole(to, piece)) throw Error::from_errno(error, "writing");
    at += count;
  }
}

// Copies the bytes from `at` to `end`; inside the kernel, or not at all, where the file system can.
void copy_range(int from, int to, off_t at, off_t end) {
  while (at < end) {
    off_t source = at;
    off_t target = at;
    const ssize_t count =
        copy_file_range(from, &source, to, &target, static_cast<std::size_t>(end - at), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EIO || errno == EFBIG)) {
      fail("copying");
    }
    // It is refused across file systems, and some file systems say 0 for what they cannot do.
    if (count <= 0) return copy_by_hand(from, to, at, end);
    at += count;
  }
}

void copy_data(int from, int to, off_t size) {
  for (off_t at = 0; at < size;) {
    const off_t start = lseek(from, at, SEEK_DATA);
    if (start < 0 && errno == ENXIO) break;
    const off_t end = start < 0 ? -1 : lseek(from, start, SEEK_HOLE);
    if (end < 0) {  // no holes known here
      copy_range(from, to, at, size);
      break;
    }
    copy_range(from, to, start, std::min(end, size));
    at = end;
  }
  if (ftruncate(to, size) != 0) fail("writing");
}

void copy_file(const Place& from, const struct stat& status, const Place& to,
               const Ownership& owner, bool durable) {
  const UniqueFd source = open_file({from.folder.get(), from.name, status});
  const UniqueFd target(openat(to.folder.get(), to.name.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR));
  if (!target) fail("creating its copy");
  copy_data(source.get(), target.get(), status.st_size);
  if (!owned(fchown(target.get(), owner.uid, owner.gid))) fail("setting the owner of its copy");
  // After fchown(2), which may clear bits.
  if (fchmod(target.get(), status.st_mode & kKeptBits) != 0) fail("setting the mode of its copy");
  if (futimens(target.get(), times_of(status).data()) != 0) fail("setting the time of its copy");
  if (durable && fsync(target.get()) != 0) fail("writing");
}

void copy_link(const Place& from, const struct stat& status, const Place& to,
               const Ownership& owner) {
  const std::string text = link_text(from.folder.get(), from.name);
  const int folder = to.folder.get();
  const char* name = to.name.c_str();
  if (symlinkat(text.c_str(), folder, name) != 0) fail("creating its copy");
  if (!owned(fchownat(folder, name, owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW))) {
    fail("setting the owner of its copy");
  }
  if (utimensat(folder, name, times_of(status).data(), AT_SYMLINK_NOFOLLOW) != 0) {
    fail("setting the time of its copy");
  }
}

void copy_fifo(const struct stat& status, const Place& to, const Ownership& owner) {
  const int folder = to.folder.get();
  const char* name = to.name.c_str();
  if (mkfifoat(folder, name, S_IRUSR | S_IWUSR) != 0) fail("creating its copy");
  if (!owned(fchownat(folder, name, owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW))) {
    fail("setting the owner of its copy");
  }
  // No link is followed: the name was made a fifo just now, in a folder for the caller alone.
  if (fchmodat(folder, name, status.st_mode & kKeptBits, 0) != 0) {
    fail("setting the mode of its copy");
  }
}

}  // namespace

bool is_copyable(mode_t mode) {
  return S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode) || S_ISFIFO(mode);
}

void copy_entry(const Place& from, const struct stat& status, const Place& to,
                const Ownership& owner, bool durable) {
  if (S_ISREG(status.st_mode)) {
    copy_file(from, status, to, owner, durable);
  } else if (S_ISLNK(status.st_mode)) {
    copy_link(from, status, to, owner);
  } else if (S_ISFIFO(status.st_mode)) {
    copy_fifo(status, to, owner);
  } else if (!S_ISDIR(status.st_mode)) {
    throw Error(ErrorCode::kIo, "a socket or device cannot be copied");
  } else if (mkdirat(to.folder.get(), to.name.c_str(), S_IRWXU) != 0) {
    fail("creating its copy");
  }
}

void finish_folder(int folder, const struct stat& status, mode_t mode, const Ownership& owner) {
  if (!owned(fchown(folder, owner.uid, owner.gid))) fail("setting the owner of its copy");
  if (fchmod(folder, mode) != 0) fail("setting the mode of its copy");
  if (futimens(folder, times_of(status).data()) != 0) fail("setting the time of its copy");
}

}  // namespace muster::sandbox
