// SPDX-License-Identifier: Apache-2.0
#include "cli/record_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/error.h"
#include "base/text.h"

namespace muster::cli {

namespace {

Error with_advice(const Error& error) {
  return {error.code(), concat("--record: ", error.message()),
          "name a file in a folder that exists, may be written to and has room"};
}

// The file a symbolic link leads to is replaced or made, not the link.
std::string resolved(const std::string& path) {
  constexpr int kMostLinks = 40;  // as the kernel allows (path_resolution(7))
  std::filesystem::path target = path;
  std::error_code ignored;  // what cannot be followed fails, with its reason, when it is opened
  for (int links = 0; links < kMostLinks && std::filesystem::is_symlink(target, ignored); ++links) {
    target = target.parent_path() / std::filesystem::read_symlink(target, ignored);
  }
  return target.string();
}

bool is_output_of_the_command(const struct stat& record) {
  if (!S_ISREG(record.st_mode) && !S_ISFIFO(record.st_mode)) return false;
  for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat output{};
    if (fstat(descriptor, &output) != 0) continue;
    if (output.st_dev == record.st_dev && output.st_ino == record.st_ino) return true;
  }
  return false;
}

mode_t mode_of_new_files() {
  const mode_t mask = umask(0);
  umask(mask);
  return mode_t{0666} & ~mask;
}

}  // namespace

RecordFile::RecordFile(const std::string& path) : path_(resolved(path)) {
  struct stat about{};
  const bool exists = stat(path.c_str(), &about) == 0;
  if (exists && is_output_of_the_command(about)) {
    throw Error(ErrorCode::kUsage,
                concat("--record: ", in_quotes(path), " is where the command's output goes"),
                "name another file, or use --json for the record on stderr");
  }
  if (exists && !S_ISREG(about.st_mode)) {
    special_.reset(open(path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
    if (!special_) throw with_advice(Error::from_errno(errno, concat("opening ", in_quotes(path))));
    return;
  }
  try {
    replacement_.emplace(path_, exists ? about.st_mode & mode_t{07777} : mode_of_new_files());
  } catch (const Error& error) {
    throw with_advice(error);
  }
}

void RecordFile::finish(std::string_view text) {
  try {
    if (replacement_) {
      replacement_->finish(text);
    } else if (const int error = write_whole(special_.get(), text)) {
      throw Error::from_errno(error, concat("writing ", in_quotes(path_)));
    }
  } catch (const Error& error) {
    throw with_advice(error);
  }
}

}  // namespace muster::cli
