// SPDX-License-Identifier: Apache-2.0
#include "config/file_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/error.h"
#include "base/scope_exit.h"
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

void write_all(int descriptor, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t count = write(descriptor, text.data(), text.size());
    if (count >= 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      throw Error::from_errno(errno, concat("writing ", path));
    }
  }
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// The new name must be on disk as well before the change counts as made (fsync(2)).
void sync_folder(const std::string& folder) {
  const UniqueFd descriptor(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor || fsync(descriptor.get()) != 0) {
    throw Error::from_errno(errno, concat("syncing ", folder));
  }
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

void replace_file(const std::string& path, std::string_view text, mode_t mode) {
  const std::string folder = folder_of(path);
  std::string temporary = concat(folder, "/.muster-config.XXXXXX");
  UniqueFd descriptor(mkostemp(temporary.data(), O_CLOEXEC));
  if (!descriptor) throw Error::from_errno(errno, concat("creating a file in ", folder));
  bool renamed = false;
  const ScopeExit remove([&] {
    if (!renamed) unlink(temporary.c_str());
  });
  if (fchmod(descriptor.get(), mode) != 0) {
    throw Error::from_errno(errno, concat("setting the mode of ", temporary));
  }
  write_all(descriptor.get(), text, temporary);
  if (fsync(descriptor.get()) != 0 || close(descriptor.release()) != 0) {
    throw Error::from_errno(errno, concat("writing ", temporary));
  }
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    throw Error::from_errno(errno, concat("replacing ", path));
  }
  renamed = true;
  sync_folder(folder);
}

}  // namespace muster
