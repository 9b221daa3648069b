// SPDX-License-Identifier: Apache-2.0
#pragma once

// Reading a folder of /proc with bare system calls into the stack: the keeper is a fork of a
// process that may have threads, where opendir(3) could wait for ever for a lock nobody holds any
// more.

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace muster::process {

/// Calls `take(folder_descriptor, name, number)` for every entry of `folder` whose name is a
/// number. Does nothing where the folder cannot be opened. Allocates nothing.
template <typename Take>
void for_each_numbered_entry(const char* folder, Take take) {
  // struct dirent64 of glibc has the layout that getdents64(2) fills in.
  using Entry = struct dirent64;
  const int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  alignas(Entry) std::array<char, 16384> buffer{};
  for (;;) {
    const long size = syscall(SYS_getdents64, descriptor, buffer.data(), buffer.size());
    if (size <= 0) break;
    for (long at = 0; at < size;) {
      const char* start = buffer.data() + at;
      unsigned short length = 0;
      std::memcpy(&length, start + offsetof(Entry, d_reclen), sizeof length);
      at += length;
      const std::string_view name(start + offsetof(Entry, d_name));
      int number = 0;
      const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
      if (parsed.ec == std::errc{}) take(descriptor, name, number);
    }
  }
  close(descriptor);
}

}  // namespace muster::process
