// SPDX-License-Identifier: Apache-2.0
#pragma once

// One cgroup as the folder it is, whatever its version: made, written, read, removed.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/duration.h"
#include "base/unique_fd.h"

namespace muster::sandbox {

/// The first of the lines "KEY NUMBER" of a file of a cgroup with this key; nothing without one.
std::optional<std::uint64_t> keyed_number(std::string_view text, std::string_view key);

/// Whether `words`, separated by blanks, has `word`.
bool has_word(std::string_view words, std::string_view word);

/// The text of a small file below `folder` (AT_FDCWD: where `name` leads); nothing where it cannot
/// be read. Files of cgroups and of /proc are taken whole.
std::optional<std::string> read_file(int folder, const char* name);

/// Writes `value` with one write(2) into a file that exists. False with errno set.
bool write_file(int folder, const char* name, std::string_view value);

/// What the controllers of one version have counted; absent: none of them knows.
struct Counted {
  std::optional<Bytes> peak_memory;
  std::optional<std::uint64_t> oom_kills;
  std::optional<std::uint64_t> peak_pids;
  std::optional<Duration> throttled;
  std::optional<Duration> user;
  std::optional<Duration> system;
};

/// An open cgroup.
class CgroupHandle {
 public:
  /// Opens the folder `path`. Throws Error(kUnavailable).
  explicit CgroupHandle(std::string path);

  const std::string& path() const { return path_; }
  int descriptor() const { return folder_.get(); }

  /// Whether the controller here has the file.
  bool has(const char* file) const;
  /// Sets a limit. Throws Error(kUnavailable) naming file and value.
  void set(const char* file, std::string_view value) const;
  /// The open file. Throws Error(kUnavailable).
  UniqueFd open_file(const char* file, int flags) const;

  std::optional<std::string> text(const char* file) const;
  std::optional<std::uint64_t> number(const char* file) const;
  std::optional<std::uint64_t> number(const char* file, std::string_view key) const;

 private:
  std::string path_;
  UniqueFd folder_;
};

/// Owns one cgroup; its destructor removes it.
class CgroupFolder : public CgroupHandle {
 public:
  /// Makes `parent`/`name`. Throws Error(kUnavailable).
  CgroupFolder(const std::string& parent, const std::string& name);
  /// Takes over a folder that exists. Throws Error(kUnavailable).
  explicit CgroupFolder(std::string path);
  CgroupFolder(const CgroupFolder&) = delete;
  CgroupFolder& operator=(const CgroupFolder&) = delete;
  /// What is still dying in the cgroup is waited for, for about a second; then it is left to
  /// collect_stale_cgroups().
  ~CgroupFolder();
};

}  // namespace muster::sandbox
