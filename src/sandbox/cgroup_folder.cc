// SPDX-License-Identifier: Apache-2.0
#include "sandbox/cgroup_folder.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace muster::sandbox {

namespace {

Error refused(int error_number, std::string_view doing) {
  return {ErrorCode::kUnavailable, concat(doing, ": ", errno_words(error_number))};
}

std::string make(std::string path) {
  if (mkdir(path.c_str(), 0755) != 0) throw refused(errno, concat("making the cgroup ", path));
  return path;
}

}  // namespace

std::optional<std::uint64_t> keyed_number(std::string_view text, std::string_view key) {
  for (const std::string_view line : split(text, '\n')) {
    if (line.size() <= key.size() || line[key.size()] != ' ' || !line.starts_with(key)) continue;
    return parse_number(trim(line.substr(key.size())));
  }
  return std::nullopt;
}

bool has_word(std::string_view words, std::string_view word) {
  const std::vector<std::string_view> all = split(trim(words), ' ');
  return std::find(all.begin(), all.end(), word) != all.end();
}

std::optional<std::string> read_file(int folder, const char* name) {
  const UniqueFd file(openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!file) return std::nullopt;
  std::string text;
  std::array<char, 8192> buffer{};
  for (;;) {
    const ssize_t size = read(file.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return std::nullopt;
    if (size == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
}

bool write_file(int folder, const char* name, std::string_view value) {
  const UniqueFd file(openat(folder, name, O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!file) return false;
  ssize_t size = 0;
  do {
    size = write(file.get(), value.data(), value.size());
  } while (size < 0 && errno == EINTR);
  return size == static_cast<ssize_t>(value.size());
}

CgroupHandle::CgroupHandle(std::string path) : path_(std::move(path)) {
  folder_.reset(open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!folder_) throw refused(errno, concat("opening the cgroup ", path_));
}

CgroupFolder::CgroupFolder(const std::string& parent, const std::string& name)
    : CgroupHandle(make(concat(parent, '/', name))) {}

CgroupFolder::CgroupFolder(std::string path) : CgroupHandle(std::move(path)) {}

CgroupFolder::~CgroupFolder() {
  // A process that was reaped is out of its cgroup; one that somebody else has to reap, or whose
  // last thread is still exiting, keeps it busy for a moment. Nothing announces the end of that in
  // version 1.
  constexpr long kShortest = 100'000;
  constexpr long kLongest = 20'000'000;
  constexpr int kTries = 56;
  timespec pause{0, kShortest};
  for (int i = 0; i < kTries; ++i) {
    if (rmdir(path().c_str()) == 0 || errno != EBUSY) return;
    nanosleep(&pause, nullptr);
    pause.tv_nsec = std::min(pause.tv_nsec * 2, kLongest);
  }
}

bool CgroupHandle::has(const char* file) const {
  return faccessat(folder_.get(), file, F_OK, 0) == 0;
}

void CgroupHandle::set(const char* file, std::string_view value) const {
  if (write_file(folder_.get(), file, value)) return;
  throw refused(errno, concat("writing ", value, " to ", path_, '/', file));
}

UniqueFd CgroupHandle::open_file(const char* file, int flags) const {
  UniqueFd opened(openat(folder_.get(), file, flags | O_CLOEXEC | O_NOFOLLOW));
  if (!opened) throw refused(errno, concat("opening ", path_, '/', file));
  return opened;
}

std::optional<std::string> CgroupHandle::text(const char* file) const {
  return read_file(folder_.get(), file);
}

std::optional<std::uint64_t> CgroupHandle::number(const char* file) const {
  const std::optional<std::string> read = text(file);
  if (!read) return std::nullopt;
  return parse_number(trim(*read));
}

std::optional<std::uint64_t> CgroupHandle::number(const char* file, std::string_view key) const {
  const std::optional<std::string> read = text(file);
  if (!read) return std::nullopt;
  return keyed_number(*read, key);
}

}  // namespace muster::sandbox
