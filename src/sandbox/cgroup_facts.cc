// SPDX-License-Identifier: Apache-2.0
#include "sandbox/cgroup_facts.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.h"
#include "sandbox/cgroup_folder.h"

namespace muster::sandbox {

namespace {

bool is_octal(char digit) { return digit >= '0' && digit <= '7'; }

// proc(5): blanks, tabs, line feeds and backslashes are written as \ooo.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '\\' && i + 3 < text.size() && is_octal(text[i + 1]) &&
                         is_octal(text[i + 2]) && is_octal(text[i + 3]);
    if (!escaped) {
      out += text[i];
      continue;
    }
    const int code = (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0');
    out += static_cast<char>(code);
    i += 3;
  }
  return out;
}

}  // namespace

std::vector<Membership> parse_memberships(std::string_view text) {
  std::vector<Membership> found;
  for (const std::string_view line : split(text, '\n')) {
    // "ID:CONTROLLERS:PATH"; the path may have colons.
    const std::size_t first = line.find(':');
    if (first == std::string_view::npos) continue;
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    found.push_back({std::string(line.substr(first + 1, second - first - 1)),
                     std::string(line.substr(second + 1))});
  }
  return found;
}

std::vector<CgroupMount> parse_cgroup_mounts(std::string_view text) {
  std::vector<CgroupMount> found;
  for (const std::string_view line : split(text, '\n')) {
    // "ID PARENT DEVICE ROOT POINT OPTIONS [FIELDS...] - TYPE SOURCE SUPER_OPTIONS"
    const std::size_t dash = line.find(" - cgroup");
    if (dash == std::string_view::npos) continue;
    const std::vector<std::string_view> where = split(line.substr(0, dash), ' ');
    const std::vector<std::string_view> what = split(line.substr(dash + 3), ' ');
    if (where.size() < 6 || what.size() < 3) continue;
    const bool is_v2 = what[0] == "cgroup2";
    if (!is_v2 && what[0] != "cgroup") continue;
    found.push_back({is_v2, std::string(what[2]), unescape(where[3]), unescape(where[4])});
  }
  return found;
}

std::optional<std::string> seen_at(const CgroupMount& mount, std::string_view path) {
  // From inside a cgroup namespace a path above its root begins with "/..".
  if (!path.starts_with('/') || path.starts_with("/..")) return std::nullopt;
  std::string_view rest = path;
  if (mount.root != "/") {
    if (!path.starts_with(mount.root)) return std::nullopt;
    rest = path.substr(mount.root.size());
    if (!rest.empty() && !rest.starts_with('/')) return std::nullopt;
  }
  return rest == "/" ? mount.point : concat(mount.point, rest);
}

bool lists(std::string_view list, std::string_view word) {
  const std::vector<std::string_view> all = split(list, ',');
  return std::find(all.begin(), all.end(), word) != all.end();
}

std::string_view name_of(Controller controller) {
  switch (controller) {
    case Controller::kMemory:
      return "memory";
    case Controller::kPids:
      return "pids";
    case Controller::kCpu:
      return "cpu";
    case Controller::kCpuacct:
      return "cpuacct";
  }
  __builtin_unreachable();
}

std::optional<OwnCgroup> find_own_cgroup(const std::string& root,
                                         const std::vector<CgroupMount>& mounts,
                                         std::string_view path) {
  // A later mount may hide an earlier one.
  for (auto mount = mounts.rbegin(); mount != mounts.rend(); ++mount) {
    if (!mount->is_v2) continue;
    const std::optional<std::string> seen = seen_at(*mount, path);
    if (!seen) continue;
    OwnCgroup own;
    own.mount_point = concat(root, mount->point);
    own.folder = concat(root, *seen);
    const std::string procs = concat(own.folder, "/cgroup.procs");
    if (access(procs.c_str(), F_OK) != 0) continue;
    // cgroups(7): the root of the hierarchy alone has no cgroup.type.
    own.is_root = access(concat(own.folder, "/cgroup.type").c_str(), F_OK) != 0;
    // The root may list every process of the host, and who may use it needs not be alone there.
    own.alone =
        !own.is_root && trim(read_file(AT_FDCWD, procs.c_str()).value_or("")) == concat(getpid());
    return own;
  }
  return std::nullopt;
}

}  // namespace muster::sandbox
