// SPDX-License-Identifier: Apache-2.0
#include "base/file_replacement.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace muster {

namespace {

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

int write_whole(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

FileReplacement::FileReplacement(std::string path, mode_t mode) : path_(std::move(path)) {
  const std::string folder = folder_of(path_);
  std::string name = concat(folder, "/.muster.XXXXXX");
  file_.reset(mkostemp(name.data(), O_CLOEXEC));
  if (!file_) throw Error::from_errno(errno, concat("creating ", in_quotes(path_)));
  temporary_ = std::move(name);
  if (fchmod(file_.get(), mode) == 0) return;
  const int error = errno;
  unlink(temporary_.c_str());
  throw Error::from_errno(error, concat("setting the mode of ", temporary_));
}

FileReplacement::~FileReplacement() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void FileReplacement::finish(std::string_view text) {
  if (const int error = write_whole(file_.get(), text)) {
    throw Error::from_errno(error, concat("writing ", in_quotes(path_)));
  }
  if (fsync(file_.get()) != 0 || close(file_.release()) != 0) {
    throw Error::from_errno(errno, concat("writing ", in_quotes(path_)));
  }
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) {
    throw Error::from_errno(errno, concat("replacing ", in_quotes(path_)));
  }
  temporary_.clear();
  sync_folder(folder_of(path_));
}

}  // namespace muster
