// SPDX-License-Identifier: Apache-2.0

// How changes reach a workspace whole or not at all. Everything is copied into the stage; the
// journal is committed; what is replaced moves into the stage and what is new out of it. Every
// rename is atomic and leaves its trace in the stage alone, so whoever comes after a kill sees what
// was done by looking there, and does the rest or undoes it.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "sandbox/changes.h"
#include "sandbox/changes_copy.h"
#include "sandbox/changes_plan.h"
#include "sandbox/changes_stage.h"
#include "sandbox/changes_tree.h"

namespace muster::sandbox {

namespace {

// Up to here each file is synced by itself; beyond, the whole file system at once is cheaper.
constexpr std::size_t kMostSingleSyncs = 64;

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

// Copies the entries of a plan into the stage.
class Gathering {
 public:
  Gathering(const Tree& upper, const Stage& stage, const ApplyPlan& plan,
            const AfterStep& after_step)
      : upper_(upper),
        stage_(stage.tree()),
        plan_(plan),
        after_step_(after_step),
        sync_each_(plan.entries.size() <= kMostSingleSyncs) {}

  void gather() {
    for (const StagedEntry& entry : plan_.entries) at(entry, [&] { copy(entry); });
    // From the innermost outwards: filling a folder changes its time and may need its mode.
    for (auto entry = plan_.entries.rbegin(); entry != plan_.entries.rend(); ++entry) {
      if (is_folder_path(entry->path)) at(*entry, [&] { finish(*entry); });
    }
    if (plan_.entries.empty()) return;
    const UniqueFd top = open_below(stage_.root, "new", O_RDONLY | O_DIRECTORY);
    if (!top || (sync_each_ ? fsync(top.get()) : syncfs(top.get())) != 0) {
      throw stage_.fault("syncing", "new");
    }
  }

 private:
  // Says which entry it was that failed.
  template <typename Work>
  void at(const StagedEntry& entry, const Work& work) const {
    try {
      work();
    } catch (const Error& error) {
      throw error.within(concat("copying ", in_quotes(entry.path)));
    }
  }

  static std::string target_of(const StagedEntry& entry) {
    return concat(new_path(entry.slot), entry.below);
  }

  void copy(const StagedEntry& entry) {
    const Place from = place_of(upper_, entry.path);
    const auto status = entry_at(upper_, from.folder.get(), from.name, entry.path);
    if (!status || S_ISDIR(status->st_mode) != is_folder_path(entry.path)) {
      throw Error(ErrorCode::kIo, "it is not what it was listed as");
    }
    const Place to = place_of(stage_, target_of(entry));
    copy_entry(from, *status, to, plan_.owners.at(entry.slot), sync_each_);
    after_step_();
  }

  void finish(const StagedEntry& entry) {
    const auto status = entry_at(upper_, entry.path);
    const UniqueFd folder = open_below(stage_.root, target_of(entry), O_RDONLY | O_DIRECTORY);
    if (!status || !folder) throw stage_.fault("opening", target_of(entry));
    // What is moved must be writable for its owner (rename(2)); it gets its own mode in its place.
    const mode_t to_be_moved = entry.below.empty() ? mode_t{S_IRWXU} : mode_t{0};
    finish_folder(folder.get(), *status, (status->st_mode & 01777) | to_be_moved,
                  plan_.owners.at(entry.slot));
    if (sync_each_ && fsync(folder.get()) != 0) throw stage_.fault("syncing", target_of(entry));
    after_step_();
  }

  const Tree& upper_;
  const Tree stage_;
  const ApplyPlan& plan_;
  const AfterStep& after_step_;
  const bool sync_each_;
};

// Carries a committed journal out, or undoes it, from wherever it was left.
class Carrying {
 public:
  Carrying(const Tree& lower, const Stage& stage, const Journal& journal,
           const AfterStep& after_step)
      : lower_(lower), stage_(stage.tree()), journal_(journal), after_step_(after_step) {}

  void forward() {
    for (const FolderMode& mode : journal_.modes) {
      if (mode.before) set_mode(mode.path, *mode.before | S_IRWXU, Absent::kFine);
    }
    for (const Operation& operation : journal_.operations) {
      const std::string fresh = new_path(operation.slot);
      const std::string stale = old_path(operation.slot);
      if (operation.move != Move::kPut && !staged(stale)) {
        move(lower_, operation.path, stage_, stale);
      }
      if (operation.move != Move::kRemove && staged(fresh)) {
        move(stage_, fresh, lower_, operation.path);
      }
    }
    for (auto mode = journal_.modes.rbegin(); mode != journal_.modes.rend(); ++mode) {
      if (mode->after) set_mode(mode->path, *mode->after, Absent::kFault);
    }
    sync();
  }

  void back() {
    for (const FolderMode& mode : journal_.modes) {
      set_mode(mode.path, mode.before.value_or(mode.after.value_or(0)) | S_IRWXU, Absent::kFine);
    }
    const auto& operations = journal_.operations;
    for (auto operation = operations.rbegin(); operation != operations.rend(); ++operation) {
      const std::string fresh = new_path(operation->slot);
      const std::string stale = old_path(operation->slot);
      if (operation->move != Move::kRemove && !staged(fresh)) {
        move(lower_, operation->path, stage_, fresh);
      }
      if (operation->move != Move::kPut && staged(stale)) {
        move(stage_, stale, lower_, operation->path);
      }
    }
    for (auto mode = journal_.modes.rbegin(); mode != journal_.modes.rend(); ++mode) {
      if (mode->before) set_mode(mode->path, *mode->before, Absent::kFault);
    }
    sync();
  }

 private:
  enum class Absent { kFine, kFault };

  bool staged(const std::string& path) const { return entry_at(stage_, path).has_value(); }

  void move(const Tree& from, const std::string& path, const Tree& to, const std::string& target) {
    const Place source = place_of(from, path);
    const Place place = place_of(to, target);
    int result = renameat2(source.folder.get(), source.name.c_str(), place.folder.get(),
                           place.name.c_str(), RENAME_NOREPLACE);
    if (result != 0 && (errno == EINVAL || errno == ENOSYS)) {
      // Not every file system can see to it by itself.
      if (entry_at(to, place.folder.get(), place.name, target)) {
        errno = EEXIST;
      } else {
        result = renameat(source.folder.get(), source.name.c_str(), place.folder.get(),
                          place.name.c_str());
      }
    }
    if (result != 0) throw from.fault(concat("moving to ", to.quoted(target), " what was"), path);
    after_step_();
  }

  // Sets the mode of a folder; of nothing that is no folder.
  void set_mode(const std::string& path, mode_t mode, Absent absent) {
    const UniqueFd folder = open_below(lower_.root, path, O_PATH | O_DIRECTORY);
    const bool none = !folder && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP);
    if (none && absent == Absent::kFine) return;
    struct stat status{};
    if (folder && fstat(folder.get(), &status) == 0 && (status.st_mode & 07777) == mode) return;
    if (!folder || chmod(proc_path(folder.get()).c_str(), mode) != 0) {
      throw lower_.fault("setting the mode of", path);
    }
    after_step_();
  }

  void sync() const {
    std::set<std::string> parents;
    for (const Operation& operation : journal_.operations) {
      parents.insert(parent_of(operation.path));
      if (parents.size() > kMostSingleSyncs) break;
    }
    bool synced = parents.size() <= kMostSingleSyncs;
    for (auto parent = parents.begin(); synced && parent != parents.end(); ++parent) {
      const UniqueFd folder = open_below(lower_.root, *parent, O_RDONLY | O_DIRECTORY);
      synced = folder && fsync(folder.get()) == 0;
    }
    if (!synced && syncfs(stage_.root) != 0) throw lower_.fault("syncing", "");
  }

  const Tree& lower_;
  const Tree stage_;
  const Journal& journal_;
  const AfterStep& after_step_;
};

// The end of a stage that nothing depends on any more. What is left of it after a failure goes, or
// fails aloud, when the folder is next used.
void discard(const Stage& stage, const Tree& lower) {
  try {
    stage.remove(lower);
  } catch (const Error&) {
    // said above
  }
}

// Carries the journal out. When that fails undoes it and throws what failed.
void carry_out(const Tree& lower, const Stage& stage, const Journal& journal,
               const AfterStep& after_step) {
  Carrying carrying(lower, stage, journal, after_step);
  try {
    carrying.forward();
  } catch (const Error& error) {
    try {
      carrying.back();
      stage.close_journal();
    } catch (const Error& second) {
      throw Error(
          error.code(),
          concat(error.message(), "; undoing what was done so far failed: ", second.message()),
          concat("mend that; the next run in ", in_quotes(lower.label),
                 " finishes or undoes the rest"));
    }
    discard(stage, lower);
    throw;
  }
  try {
    stage.close_journal();
  } catch (const Error& error) {
    throw Error(error.code(), error.message(), "everything is in place; remove the folder by hand");
  }
  discard(stage, lower);
}

// Recovers what `stage` was left with. Where it can be neither finished nor undone, throws.
void recover(const Tree& lower, const Stage& stage, const AfterStep& after_step) {
  const auto journal = stage.journal();
  if (!journal) return stage.remove(lower);
  try {
    carry_out(lower, stage, *journal, after_step);
  } catch (const Error&) {
    // Undone is recovered as well; then no journal is left.
    if (stage.journal()) throw;
  }
}

Error told(const Error& error, const std::string& directory) {
  Error whole = error.within(concat("applying the changes to ", in_quotes(directory)));
  if (!whole.next().empty()) return whole;
  return {whole.code(), whole.message(), "mend that and run the task again; nothing was applied"};
}

}  // namespace

void apply_changes(int upper, int lower, const std::vector<ChangedPath>& changes,
                   const std::string& directory, const AfterStep& after_step) {
  if (changes.empty()) return;
  const AfterStep step = after_step ? after_step : [] {};
  const Tree from{upper, "what the task changed"};
  const Tree to{lower, directory};
  try {
    std::optional<Stage> stage;
    while (!stage) {
      if (const auto left = Stage::find(to, step)) recover(to, *left, step);
      stage = Stage::make(to, step);
    }
    ApplyPlan plan;
    try {
      plan = plan_changes(from, to, changes);
      Gathering(from, *stage, plan, step).gather();
      stage->commit(plan.journal);
    } catch (...) {
      discard(*stage, to);
      throw;
    }
    carry_out(to, *stage, plan.journal, step);
  } catch (const Error& error) {
    throw told(error, directory);
  }
}

bool recover_changes(int lower, const std::string& directory, const AfterStep& after_step) {
  const AfterStep step = after_step ? after_step : [] {};
  const Tree workspace{lower, directory};
  try {
    const auto stage = Stage::find(workspace, step);
    if (!stage) return false;
    recover(workspace, *stage, step);
    return true;
  } catch (const Error& error) {
    throw error.within(concat("recovering ", in_quotes(directory)));
  }
}

}  // namespace muster::sandbox
