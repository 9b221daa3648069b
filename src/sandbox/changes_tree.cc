// SPDX-License-Identifier: Apache-2.0
#include "sandbox/changes_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "base/scope_exit.h"
#include "base/text.h"

namespace muster::sandbox {

namespace {

// A path is handed to the kernel in parts below PATH_MAX (4096), which counts the ending zero.
constexpr std::size_t kLongestPart = 4000;

UniqueFd open_part(int folder, std::string_view part, int flags) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  const std::string text(part);
  return UniqueFd(static_cast<int>(syscall(SYS_openat2, folder, text.c_str(), &how, sizeof how)));
}

// Deletes what is no folder in `folder`; the names of the folders remain in `names`.
int remove_files(int folder, std::vector<std::string>& names,
                 const std::function<void()>& after_step) {
  std::vector<std::string> folders;
  for (std::string& name : names) {
    if (unlinkat(folder, name.c_str(), 0) == 0) {
      after_step();
    } else if (errno == EISDIR) {
      folders.push_back(std::move(name));
    } else if (errno != ENOENT) {
      return errno;
    }
  }
  names = std::move(folders);
  return 0;
}

// The same for the folder at `path`, which is made writable if it is ours.
int empty_of_files(int root, const std::string& path, std::vector<std::string>& names,
                   const std::function<void()>& after_step) {
  const UniqueFd place = open_below(root, path, O_PATH | O_DIRECTORY);
  struct stat status{};
  if (!place || fstat(place.get(), &status) != 0) return errno;
  // A refusal shows in what follows.
  if ((status.st_mode & S_IRWXU) != S_IRWXU) chmod(proc_path(place.get()).c_str(), S_IRWXU);
  const UniqueFd folder = open_below(place.get(), "", O_RDONLY | O_DIRECTORY);
  if (!folder || !names_in(folder.get(), names)) return errno;
  return remove_files(folder.get(), names, after_step);
}

}  // namespace

Error Tree::fault(std::string_view doing, std::string_view path) const {
  return Error::from_errno(errno, concat(doing, ' ', quoted(path)));
}

std::string Tree::quoted(std::string_view path) const {
  return in_quotes(concat(label, label.ends_with('/') || path.empty() ? "" : "/", path));
}

UniqueFd open_below(int root, std::string_view path, int flags) {
  path = plain(path);
  if (path.empty()) return open_part(root, ".", flags);
  // Closing the folders on the way must not hide what went wrong.
  int error = 0;
  const ScopeExit restore([&error] { errno = error; });
  UniqueFd reached;
  while (path.size() > kLongestPart) {
    const auto slash = path.rfind('/', kLongestPart);
    if (slash == std::string_view::npos) break;  // too long for a name, as the kernel will say
    UniqueFd next =
        open_part(reached ? reached.get() : root, path.substr(0, slash), O_PATH | O_DIRECTORY);
    error = errno;
    if (!next) return {};
    reached = std::move(next);
    path.remove_prefix(slash + 1);
  }
  UniqueFd opened = open_part(reached ? reached.get() : root, path, flags);
  error = errno;
  return opened;
}

Place place_of(const Tree& tree, std::string_view path) {
  path = plain(path);
  const auto slash = path.rfind('/');
  const std::string_view parent =
      slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
  Place place{open_below(tree.root, parent, O_PATH | O_DIRECTORY),
              std::string(slash == std::string_view::npos ? path : path.substr(slash + 1))};
  if (!place.folder) throw tree.fault("opening the folder of", path);
  return place;
}

std::optional<struct stat> entry_at(const Tree& tree, int folder, const std::string& name,
                                    std::string_view path) {
  struct stat status{};
  if (fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return status;
  if (errno == ENOENT) return std::nullopt;
  throw tree.fault("looking at", path);
}

std::optional<struct stat> entry_at(const Tree& tree, std::string_view path) {
  const UniqueFd entry = open_below(tree.root, path, O_PATH | O_NOFOLLOW);
  struct stat status{};
  if (entry && fstat(entry.get(), &status) == 0) return status;
  if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
  throw tree.fault("looking at", path);
}

bool names_in(int folder, std::vector<std::string>& names) {
  // struct dirent64 of glibc has the layout that getdents64(2) fills in.
  using Entry = struct dirent64;
  alignas(Entry) std::array<char, 32768> buffer{};
  if (lseek(folder, 0, SEEK_SET) < 0) return false;
  for (;;) {
    const long size = syscall(SYS_getdents64, folder, buffer.data(), buffer.size());
    if (size <= 0) return size == 0;
    for (long at = 0; at < size;) {
      const char* start = buffer.data() + at;
      unsigned short length = 0;
      std::memcpy(&length, start + offsetof(Entry, d_reclen), sizeof length);
      at += length;
      const std::string_view name(start + offsetof(Entry, d_name));
      if (name != "." && name != "..") names.emplace_back(name);
    }
  }
}

int remove_below(int root, const std::string& path, const std::function<void()>& after_step) {
  const Tree tree{root, {}};
  std::vector<std::string> pending{path};
  while (!pending.empty()) {
    const std::string at = pending.back();
    const auto status = entry_at(tree, at);
    std::vector<std::string> names;
    if (status && S_ISDIR(status->st_mode)) {
      if (const int error = empty_of_files(root, at, names, after_step)) return error;
    }
    for (const std::string& name : names) pending.push_back(concat(at, '/', name));
    if (!names.empty()) continue;
    pending.pop_back();
    if (!status) continue;
    const Place place = place_of(tree, at);
    const int kind = S_ISDIR(status->st_mode) ? AT_REMOVEDIR : 0;
    if (unlinkat(place.folder.get(), place.name.c_str(), kind) != 0) return errno;
    after_step();
  }
  return 0;
}

std::string_view plain(std::string_view path) {
  if (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

std::string proc_path(int descriptor) { return concat("/proc/self/fd/", descriptor); }

}  // namespace muster::sandbox
