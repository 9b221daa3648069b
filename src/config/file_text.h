// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whole small files, read at once.

#include <sys/types.h>

#include <string>

namespace muster {

/// A file's bytes, and its permission bits (07777).
struct FileText {
  std::string text;
  mode_t mode = 0;
};

/// Reads the regular file at `path`, or where a symbolic link there leads. Throws Error: kNotFound
/// when there is none, kInvalidArgument for a directory, a fifo or anything else that is no
/// regular file and for one above 1 MiB, kIo when it cannot be read. Never waits for a writer.
FileText read_regular_file(const std::string& path);

}  // namespace muster
