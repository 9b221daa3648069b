// SPDX-License-Identifier: Apache-2.0
#include "sandbox/text_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/text.h"
#include "base/unique_fd.h"

namespace muster::sandbox {

std::string read_text_file(const std::string& path) {
  std::string text;
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return text;
  std::array<char, 8192> buffer{};
  for (;;) {
    const ssize_t size = read(file.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
}

std::optional<std::uint64_t> read_number_file(const std::string& path) {
  return parse_number(trim(read_text_file(path)));
}

int write_text_file(const std::string& path, const std::string& text) {
  const UniqueFd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file) return errno;
  const ssize_t size = write(file.get(), text.data(), text.size());
  return size == static_cast<ssize_t>(text.size()) ? 0 : errno;
}

}  // namespace muster::sandbox
