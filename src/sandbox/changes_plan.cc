// SPDX-License-Identifier: Apache-2.0
#include "sandbox/changes_plan.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <utility>

#include "base/text.h"
#include "sandbox/changes_stage.h"

namespace muster::sandbox {

namespace {

constexpr mode_t kAllBits = 07777;
constexpr mode_t kSetIdBits = 06000;
constexpr mode_t kToRename = S_IWUSR | S_IXUSR;

// What becomes of one path.
struct Draft {
  bool removes = false;
  bool removes_folder = false;
  bool puts = false;
  bool puts_folder = false;
  std::uint64_t slot = 0;
};

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

class Planning {
 public:
  Planning(const Tree& upper, const Tree& lower) : upper_(upper), lower_(lower) {
    if (fstat(lower_.root, &workspace_) != 0) throw lower_.fault("looking at", "");
  }

  ApplyPlan plan(const std::vector<ChangedPath>& changes) {
    for (const ChangedPath& change : changes) add(change);
    for (auto& [path, draft] : drafts_) {
      draft.slot = plan_.owners.size();
      add_operation(path, draft);
    }
    for (std::size_t i = 0; i < plan_.entries.size(); ++i) {
      StagedEntry& entry = plan_.entries[i];
      entry.slot = drafts_.at(entry.path.substr(0, top_lengths_[i])).slot;
    }
    for (auto& [path, mode] : modes_) plan_.journal.modes.push_back(std::move(mode));
    return std::move(plan_);
  }

 private:
  void add(const ChangedPath& change) {
    const std::string path(plain(change.path));
    if (split(path, '/').front() == kStageName) {
      throw Error(
          ErrorCode::kIo,
          concat("the task changed ", in_quotes(change.path), ", which muster keeps for itself"),
          "let the task use another name");
    }
    const bool folder = is_folder_path(change.path);
    if (change.kind == ChangeKind::kDeleted) {
      Draft& draft = drafts_[path];
      draft.removes = true;
      draft.removes_folder = folder;
      return;
    }
    const struct stat status = changed_entry(change.path);
    if (change.kind == ChangeKind::kModified && folder) return change_mode(path, status);
    if (change.kind == ChangeKind::kAdded && !top_.empty() && change.path.starts_with(top_)) {
      return add_entry(change.path, top_.size() - 1);
    }
    Draft& draft = drafts_[path];
    draft.puts = true;
    draft.puts_folder = folder;
    if (change.kind == ChangeKind::kModified) draft.removes = true;
    add_entry(change.path, path.size());
    if (folder) top_ = change.path;
    if (folder && (status.st_mode & S_IRWXU) != S_IRWXU) {
      modes_[path] = {path, std::nullopt, status.st_mode & kAllBits & ~kSetIdBits};
    }
  }

  // `top_length`: of the part of the path that changes hands as one.
  void add_entry(const std::string& path, std::size_t top_length) {
    plan_.entries.push_back({path, 0, std::string(plain(path).substr(top_length))});
    top_lengths_.push_back(top_length);
  }

  // The entry of the upper layer, which must be what the changes say and of a kind to be copied.
  struct stat changed_entry(const std::string& path) const {
    const auto status = entry_at(upper_, path);
    if (!status || S_ISDIR(status->st_mode) != is_folder_path(path)) {
      throw Error(ErrorCode::kIo, concat(upper_.quoted(path), " is not what it was listed as"));
    }
    if (is_copyable(status->st_mode)) return *status;
    throw Error(
        ErrorCode::kIo,
        concat("the task made ", in_quotes(path), ", a ",
               S_ISSOCK(status->st_mode) ? "socket" : "device", ", which cannot be applied"),
        "let the task remove it before it ends");
  }

  void change_mode(const std::string& path, const struct stat& upper) {
    const auto lower = entry_at(lower_, path);
    if (!lower || !S_ISDIR(lower->st_mode)) throw conflict(path, "is no folder any more");
    const mode_t before = lower->st_mode & kAllBits;
    modes_[path] = {path, before, (upper.st_mode & kAllBits & ~kSetIdBits) | (before & kSetIdBits)};
  }

  void add_operation(const std::string& path, const Draft& draft) {
    const auto there = entry_at(lower_, path);
    if (!draft.removes && there) throw conflict(path, "is there already");
    if (draft.removes && !there) throw conflict(path, "is gone");
    if (draft.removes && S_ISDIR(there->st_mode) != draft.removes_folder) {
      throw conflict(path, draft.removes_folder ? "is no folder any more" : "is a folder now");
    }
    const std::string parent = parent_of(path);
    const auto parent_status = parent.empty() ? workspace_ : entry_at(lower_, parent);
    if (!parent_status || !S_ISDIR(parent_status->st_mode)) {
      throw conflict(parent, "is no folder any more");
    }
    open_for_renames(parent, *parent_status, true);
    // To move a folder to another, its ".." is written (rename(2)).
    if (draft.removes_folder) open_for_renames(path, *there, false);
    plan_.owners.push_back(owner_of(draft, there, *parent_status));
    const Move move = !draft.removes ? Move::kPut : draft.puts ? Move::kReplace : Move::kRemove;
    plan_.journal.operations.push_back({move, draft.slot, path});
  }

  // Root needs no permission and other users' folders cannot be changed.
  void open_for_renames(const std::string& path, const struct stat& status, bool stays) {
    const mode_t mode = status.st_mode & kAllBits;
    if (geteuid() == 0 || status.st_uid != geteuid() || (mode & kToRename) == kToRename) return;
    modes_.try_emplace(path, FolderMode{path, mode, stays ? std::optional(mode) : std::nullopt});
  }

  Ownership owner_of(const Draft& draft, const std::optional<struct stat>& there,
                     const struct stat& parent) const {
    const bool root = geteuid() == 0;
    const bool replaces = there && !draft.removes_folder && !draft.puts_folder;
    Ownership owner;
    if (root) owner = {workspace_.st_uid, workspace_.st_gid};
    if (replaces) {
      owner.gid = there->st_gid;
      if (root) owner.uid = there->st_uid;
    } else if ((parent.st_mode & S_ISGID) != 0) {
      owner.gid = parent.st_gid;  // as if it were created there
    }
    return owner;
  }

  Error conflict(const std::string& path, std::string_view what) const {
    return {ErrorCode::kIo, concat(lower_.quoted(path), " changed while the task ran: it ", what),
            "run the task again, or take its changes over by hand"};
  }

  const Tree& upper_;
  const Tree& lower_;
  struct stat workspace_{};
  std::map<std::string, Draft> drafts_;
  std::map<std::string, FolderMode> modes_;
  std::string top_;  // the added folder, with its slash, in which the walk through the changes is
  std::vector<std::size_t> top_lengths_;  // by entry
  ApplyPlan plan_;
};

}  // namespace

ApplyPlan plan_changes(const Tree& upper, const Tree& lower,
                       const std::vector<ChangedPath>& changes) {
  return Planning(upper, lower).plan(changes);
}

}  // namespace muster::sandbox
