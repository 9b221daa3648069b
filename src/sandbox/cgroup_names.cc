// SPDX-License-Identifier: Apache-2.0
#include "sandbox/cgroup_names.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "base/text.h"
#include "sandbox/cgroup_folder.h"

namespace muster::sandbox {

namespace {

// A fork counts for itself: its pid and start time are others.
std::string name_numbered(std::uint64_t number) {
  const pid_t pid = getpid();
  return concat(kPrefix, pid, '-', start_time_of(pid).value_or(0), '-', number);
}

// Only what to_string() would have written.
std::optional<std::uint64_t> plain_number(std::string_view text) {
  const std::optional<std::uint64_t> number = parse_number(text);
  if (!number || concat(*number) != text) return std::nullopt;
  return number;
}

bool lives(const CgroupOwner& owner) { return start_time_of(owner.pid) == owner.start_time; }

void collect_below(const std::string& parent) {
  const int folder = open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (folder < 0) return;
  DIR* const entries = fdopendir(folder);
  if (entries == nullptr) {
    close(folder);
    return;
  }
  // The stream is this call's own. NOLINTNEXTLINE(concurrency-mt-unsafe)
  while (const dirent* entry = readdir(entries)) {
    const std::optional<CgroupOwner> owner = parse_cgroup_name(entry->d_name);
    // One that still has processes is not removed by the kernel; a later start meets it again.
    if (owner && !lives(*owner)) unlinkat(folder, entry->d_name, AT_REMOVEDIR);
  }
  closedir(entries);
}

}  // namespace

std::optional<CgroupOwner> parse_cgroup_name(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  const std::vector<std::string_view> parts = split(name.substr(kPrefix.size()), '-');
  if (parts.size() != 3) return std::nullopt;
  const auto pid = plain_number(parts[0]);
  const auto start = plain_number(parts[1]);
  if (!pid || !start || !plain_number(parts[2])) return std::nullopt;
  if (*pid == 0 || *pid > INT32_MAX) return std::nullopt;
  return CgroupOwner{static_cast<pid_t>(*pid), *start};
}

std::string next_cgroup_name() {
  static std::atomic<std::uint64_t> last{0};
  return name_numbered(++last);
}

std::string own_leaf_name() { return name_numbered(0); }

std::string scope_name() { return concat(name_numbered(0), ".scope"); }

std::optional<std::uint64_t> start_time_of(pid_t pid) {
  const std::optional<std::string> stat =
      read_file(AT_FDCWD, concat("/proc/", pid, "/stat").c_str());
  if (!stat) return std::nullopt;
  // The second field, in parentheses, may hold anything; the third follows it.
  const std::size_t end_of_name = stat->rfind(')');
  if (end_of_name == std::string::npos || end_of_name + 2 > stat->size()) return std::nullopt;
  const auto fields = split(std::string_view(*stat).substr(end_of_name + 2), ' ');
  constexpr std::size_t kStartTime = 22 - 3;
  if (fields.size() <= kStartTime) return std::nullopt;
  return parse_number(fields[kStartTime]);
}

void collect_stale_cgroups(const CgroupFacts& facts) {
  std::array<std::string_view, kControllers> seen;
  std::size_t count = 0;
  for (const ControllerPlace& place : facts.places) {
    const auto end = seen.begin() + static_cast<std::ptrdiff_t>(count);
    if (place.parent.empty() || std::find(seen.begin(), end, place.parent) != end) continue;
    seen[count++] = place.parent;
    collect_below(place.parent);
  }
}

}  // namespace muster::sandbox
