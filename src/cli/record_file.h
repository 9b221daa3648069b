// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/file_replacement.h"
#include "base/unique_fd.h"

namespace muster::cli {

/// The file of `--record`. Opened before the command starts, so that a folder that is missing or
/// not writable is known in time, and put in place whole: a reader sees the old file or the new
/// one.
class RecordFile {
 public:
  /// Throws Error when nothing can be written there. A symbolic link is followed. A path that
  /// exists and is no regular file (a terminal, a fifo, /dev/fd/3) is written to as it is.
  explicit RecordFile(const std::string& path);

  /// Writes `text`. Once. Throws Error; then an old regular file stays as it was.
  void finish(std::string_view text);

 private:
  std::string path_;
  std::optional<FileReplacement> replacement_;
  UniqueFd special_;
};

}  // namespace muster::cli
