// SPDX-License-Identifier: Apache-2.0
#include "sandbox/changes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "sandbox/changes_content.h"
#include "sandbox/changes_tree.h"

namespace muster::sandbox {

namespace {

// All paths together: whoever nests folders without end must not take the memory of muster.
constexpr std::size_t kMostPathBytes = std::size_t{256} << 20;

// overlayfs(5): "trusted." for mounts by the initial user namespace, "user." with userxattr.
constexpr std::array<std::string_view, 2> kMarkPrefixes = {"trusted.overlay.", "user.overlay."};

struct Mark {
  bool present = false;
  char value = 0;  // the first byte; 0 when the value is empty
};

// An overlay's mark on the entry that `path` names for the system; links are not followed.
Mark mark_of(const std::string& path, std::string_view name) {
  for (const std::string_view prefix : kMarkPrefixes) {
    std::array<char, 2> value{};
    const std::string whole = concat(prefix, name);
    const ssize_t size = lgetxattr(path.c_str(), whole.c_str(), value.data(), value.size());
    if (size >= 0) return {true, size > 0 ? value[0] : '\0'};
    if (errno == ERANGE) return {true, '\0'};
    // What its owner may not read was not made by an overlay's mount, and copying it will fail
    // aloud.
    if (errno != ENODATA && errno != EOPNOTSUPP && errno != EACCES) {
      throw Error::from_errno(errno, "reading an overlay's mark");
    }
  }
  return {};
}

class Comparison {
 public:
  Comparison(int upper, int lower)
      : upper_{upper, "what the task changed"}, lower_{lower, "the workspace"} {}

  std::vector<ChangedPath> find() {
    pending_.push_back({"", true, false});
    while (!pending_.empty()) {
      const Pending folder = std::move(pending_.back());
      pending_.pop_back();
      compare_folder(folder);
    }
    std::sort(found_.begin(), found_.end(),
              [](const auto& one, const auto& other) { return one.path < other.path; });
    return std::move(found_);
  }

 private:
  // A folder of the upper layer that is still to be looked into.
  struct Pending {
    std::string path;    // "" or with a slash at the end
    bool over = false;   // it stands over a folder of the lower layer
    bool hides = false;  // a folder around it is opaque, which goes for all that is in that one
  };

  // The folder that is being looked into.
  struct Pair {
    const std::string& path;
    UniqueFd upper;
    UniqueFd lower;                 // owns nothing where there is none
    bool hides = false;             // it is opaque
    bool marked_whiteouts = false;  // zero-size files may be whiteouts (Linux 6.7)
  };

  void compare_folder(const Pending& folder) {
    Pair pair{folder.path, open_below(upper_.root, folder.path, O_RDONLY | O_DIRECTORY), {}};
    std::vector<std::string> names;
    if (!pair.upper || !names_in(pair.upper.get(), names)) {
      throw upper_.fault("reading", folder.path);
    }
    if (folder.over) {
      pair.lower = open_below(lower_.root, folder.path, O_PATH | O_DIRECTORY);
      if (!pair.lower) throw lower_.fault("opening", folder.path);
    }
    const Mark opaque = mark(pair, ".", "opaque", folder.path);
    pair.hides = folder.hides || opaque.value == 'y';
    pair.marked_whiteouts = opaque.value == 'x';
    if (mark(pair, ".", "redirect", folder.path).present)
      throw refused(folder.path, "redirect_dir");
    for (const std::string& name : names) compare_entry(pair, name);
    if (pair.hides && folder.over) list_hidden(pair, names);
  }

  void compare_entry(const Pair& pair, const std::string& name) {
    const std::string path = spent(concat(pair.path, name));
    const auto upper = entry_at(upper_, pair.upper.get(), name, path);
    if (!upper) throw upper_.fault("looking at", path);
    std::optional<struct stat> lower;
    if (pair.lower) lower = entry_at(lower_, pair.lower.get(), name, path);
    if (is_whiteout(pair, name, *upper, path)) {
      if (lower) list(ChangeKind::kDeleted, path, *lower);
      return;
    }
    if (S_ISREG(upper->st_mode) && mark(pair, name, "metacopy", path).present) {
      throw refused(path, "metacopy");
    }
    const bool both = lower && S_ISDIR(lower->st_mode) == S_ISDIR(upper->st_mode);
    if (lower && !both) list(ChangeKind::kDeleted, path, *lower);
    if (!both) list(ChangeKind::kAdded, path, *upper);
    if (S_ISDIR(upper->st_mode)) {
      if (both && ((upper->st_mode ^ lower->st_mode) & 01777) != 0) {
        list(ChangeKind::kModified, path, *upper);
      }
      pending_.push_back({spent(concat(path, '/')), both, pair.hides});
    } else if (both && file_differs({pair.upper.get(), name, *upper},
                                    {pair.lower.get(), name, *lower}, path)) {
      list(ChangeKind::kModified, path, *upper);
    }
  }

  // What stands in the lower folder and nowhere in the opaque one over it.
  void list_hidden(const Pair& pair, const std::vector<std::string>& names) {
    const std::unordered_set<std::string_view> above(names.begin(), names.end());
    const UniqueFd folder = open_below(pair.lower.get(), "", O_RDONLY | O_DIRECTORY);
    std::vector<std::string> below;
    if (!folder || !names_in(folder.get(), below)) throw lower_.fault("reading", pair.path);
    for (const std::string& name : below) {
      if (above.contains(name)) continue;
      const std::string path = spent(concat(pair.path, name));
      const auto lower = entry_at(lower_, pair.lower.get(), name, path);
      if (lower) list(ChangeKind::kDeleted, path, *lower);
    }
  }

  bool is_whiteout(const Pair& pair, const std::string& name, const struct stat& status,
                   const std::string& path) {
    if (S_ISCHR(status.st_mode)) return status.st_rdev == makedev(0, 0);
    return pair.marked_whiteouts && S_ISREG(status.st_mode) && status.st_size == 0 &&
           mark(pair, name, "whiteout", path).present;
  }

  Mark mark(const Pair& pair, const std::string& name, std::string_view which,
            const std::string& path) const {
    try {
      return mark_of(concat(proc_path(pair.upper.get()), '/', name), which);
    } catch (const Error& error) {
      throw error.within(upper_.quoted(path));
    }
  }

  bool file_differs(const Entry& upper, const Entry& lower, const std::string& path) const {
    try {
      return differs(upper, lower);
    } catch (const Error& error) {
      throw error.within(concat("comparing ", in_quotes(path)));
    }
  }

  static Error refused(const std::string& path, std::string_view option) {
    return {ErrorCode::kIo,
            concat("the changes were made under an overlay with ", option, ", so that ",
                   in_quotes(path), " does not hold its own contents"),
            concat("mount the overlay with ", option, "=off")};
  }

  void list(ChangeKind kind, const std::string& path, const struct stat& status) {
    found_.push_back({kind, spent(S_ISDIR(status.st_mode) ? concat(path, '/') : path)});
  }

  // Counts a path that is kept for a while.
  std::string spent(std::string path) {
    path_bytes_ += path.size();
    if (path_bytes_ <= kMostPathBytes) return path;
    throw Error(ErrorCode::kIo,
                concat("the paths that the task changed are longer than ", kMostPathBytes,
                       " bytes together"),
                "give the task a smaller --disk");
  }

  Tree upper_;
  Tree lower_;
  std::vector<Pending> pending_;
  std::vector<ChangedPath> found_;
  std::size_t path_bytes_ = 0;
};

}  // namespace

std::vector<ChangedPath> find_changes(int upper, int lower) {
  try {
    return Comparison(upper, lower).find();
  } catch (const Error& error) {
    if (!error.next().empty()) throw;
    throw Error(error.code(), error.message(),
                "let the task leave what it makes readable for its owner, and run it again");
  }
}

}  // namespace muster::sandbox
