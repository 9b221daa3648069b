// SPDX-License-Identifier: Apache-2.0
#include "sandbox/changes_content.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/error.h"

namespace muster::sandbox {

namespace {

constexpr std::size_t kPiece = 256 * 1024;

// Where the next byte that is no hole stands, at or behind `at`; `end` where none does.
off_t next_data(int file, off_t at, off_t end) {
  const off_t found = lseek(file, at, SEEK_DATA);
  if (found >= 0) return std::min(found, end);
  return errno == ENXIO ? end : at;
}

// Reads what is there of buffer.size() bytes at `at`; fewer only at the end of the file.
std::size_t read_piece(int file, std::vector<char>& buffer, off_t at) {
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const ssize_t count = pread(file, buffer.data() + filled, buffer.size() - filled,
                                at + static_cast<off_t>(filled));
    if (count == 0) break;
    if (count > 0) {
      filled += static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      throw Error::from_errno(errno, "reading");
    }
  }
  return filled;
}

bool same_bytes(int one, int other, off_t size) {
  std::vector<char> left(kPiece);
  std::vector<char> right(kPiece);
  for (off_t at = 0; at < size; at += static_cast<off_t>(kPiece)) {
    at = std::min(next_data(one, at, size), next_data(other, at, size));
    const std::size_t count = read_piece(one, left, at);
    if (count != read_piece(other, right, at)) return false;
    if (std::memcmp(left.data(), right.data(), count) != 0) return false;
  }
  return true;
}

bool same_time(const timespec& one, const timespec& other) {
  return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
}

}  // namespace

bool differs(const Entry& one, const Entry& other) {
  const mode_t kind = one.status.st_mode & S_IFMT;
  if (kind != (other.status.st_mode & S_IFMT)) return true;
  if (kind == S_IFLNK)
    return link_text(one.folder, one.name) != link_text(other.folder, other.name);
  if (one.status.st_mode != other.status.st_mode) return true;
  if (kind == S_IFCHR || kind == S_IFBLK) return one.status.st_rdev != other.status.st_rdev;
  if (kind != S_IFREG) return false;
  if (one.status.st_size != other.status.st_size ||
      !same_time(one.status.st_mtim, other.status.st_mtim)) {
    return true;
  }
  const UniqueFd left = open_file(one);
  const UniqueFd right = open_file(other);
  return !same_bytes(left.get(), right.get(), one.status.st_size);
}

std::string link_text(int folder, const std::string& name) {
  std::string text(256, '\0');
  for (;;) {
    const ssize_t length = readlinkat(folder, name.c_str(), text.data(), text.size());
    if (length < 0) throw Error::from_errno(errno, "reading the link");
    if (static_cast<std::size_t>(length) < text.size()) {
      text.resize(static_cast<std::size_t>(length));
      return text;
    }
    text.resize(text.size() * 2);
  }
}

UniqueFd open_file(const Entry& entry) {
  // Not blocking: what was a file may be a fifo by now.
  UniqueFd file(openat(entry.folder, entry.name.c_str(),
                       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file) throw Error::from_errno(errno, "opening");
  struct stat status{};
  if (fstat(file.get(), &status) != 0) throw Error::from_errno(errno, "opening");
  if (!S_ISREG(status.st_mode) || status.st_ino != entry.status.st_ino) {
    throw Error(ErrorCode::kIo, "it was replaced while it was read");
  }
  return file;
}

}  // namespace muster::sandbox
