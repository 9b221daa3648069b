// SPDX-License-Identifier: Apache-2.0
#include "config/file_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.h"
#include "base/text.h"
#include "base/unique_fd.h"

namespace muster {
namespace {

constexpr std::size_t kLargest = std::size_t{1} << 20;

std::string_view kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a fifo";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

Error not_open(const std::string& path, int error_number) {
  if (error_number == ENOENT || error_number == ENOTDIR) {
    return {ErrorCode::kNotFound, concat(path, ": there is no such file")};
  }
  // open(2) says ENXIO of a socket.
  if (error_number == ENXIO) {
    return {ErrorCode::kInvalidArgument, concat(path, " is a socket or device, not a file")};
  }
  return Error::from_errno(error_number, concat("opening ", path));
}

std::string read_all(int descriptor, const std::string& path) {
  std::string text;
  char piece[1 << 14];
  while (text.size() <= kLargest) {
    const ssize_t count = read(descriptor, piece, sizeof piece);
    if (count == 0) return text;
    if (count > 0) {
      text.append(piece, static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      throw Error::from_errno(errno, concat("reading ", path));
    }
  }
  throw Error(ErrorCode::kInvalidArgument, concat(path, " is larger than 1 MiB"));
}

}  // namespace

FileText read_regular_file(const std::string& path) {
  const UniqueFd descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!descriptor) throw not_open(path, errno);
  struct stat status{};
  if (fstat(descriptor.get(), &status) != 0) {
    throw Error::from_errno(errno, concat("reading ", path));
  }
  if (!S_ISREG(status.st_mode)) {
    throw Error(ErrorCode::kInvalidArgument,
                concat(path, " is ", kind_of(status.st_mode), ", not a file"));
  }
  return {read_all(descriptor.get(), path), status.st_mode & mode_t{07777}};
}

}  // namespace muster
