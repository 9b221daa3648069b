// SPDX-License-Identifier: Apache-2.0
#pragma once

// Files that are written whole or not at all.

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace muster {

/// Writes all of `text` to `descriptor`. Returns 0, or the errno of the write that failed.
int write_whole(int descriptor, std::string_view text);

/// A new file that takes the place of `path` when it is finished and vanishes when it is not. A
/// reader, and whoever comes after a crash, finds the old bytes or the new ones, nothing between.
class FileReplacement {
 public:
  /// Creates the new file in the same folder. Throws Error(kIo).
  FileReplacement(std::string path, mode_t mode);
  FileReplacement(const FileReplacement&) = delete;
  FileReplacement& operator=(const FileReplacement&) = delete;
  ~FileReplacement();

  /// Writes `text`, makes it durable and puts it in place. Once. Throws Error(kIo), as on a full
  /// disk; then the old file stays.
  void finish(std::string_view text);

 private:
  std::string path_;
  std::string temporary_;
  UniqueFd file_;
};

}  // namespace muster
