// SPDX-License-Identifier: Apache-2.0
#pragma once

// The folder .muster-apply inside a workspace, where changes are gathered before they are put in
// place:
//   new/SLOT   what is to be put in place        old/SLOT   what stood there
//   journal    what is being done; there from the moment at which everything is gathered until the
//              moment at which everything is in place, or undone
// Its lock (flock(2)) is held by the process that works on it.

#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "sandbox/changes.h"
#include "sandbox/changes_journal.h"
#include "sandbox/changes_tree.h"

namespace muster::sandbox {

inline constexpr std::string_view kStageName = ".muster-apply";

/// The stage of one workspace, locked for as long as the object lives.
class Stage {
 public:
  /// The stage that is there, once it is ours alone; nothing where there is none. Throws Error when
  /// what bears its name is not a folder that only this user can have filled.
  static std::optional<Stage> find(const Tree& workspace, const AfterStep& after_step);

  /// Makes an empty one; nothing when another process made one just now. Throws Error(kIo).
  static std::optional<Stage> make(const Tree& workspace, const AfterStep& after_step);

  /// The folder, with its path for messages. The descriptor is this object's.
  Tree tree() const { return {folder_.get(), label_}; }

  /// Writes the journal so that it is there whole, and on disk, or not at all.
  void commit(const Journal& journal) const;
  /// The journal; nothing where none was committed. Throws Error when it makes no sense.
  std::optional<Journal> journal() const;
  /// From here on, nothing is left to do or to undo.
  void close_journal() const;

  /// Removes the stage and what is in it. Throws Error(kIo).
  void remove(const Tree& workspace) const;

 private:
  Stage(UniqueFd folder, std::string label, const AfterStep& after_step)
      : folder_(std::move(folder)), label_(std::move(label)), after_step_(&after_step) {}

  UniqueFd folder_;
  std::string label_;
  const AfterStep* after_step_;
};

/// "new/SLOT" and "old/SLOT".
std::string new_path(std::uint64_t slot);
std::string old_path(std::uint64_t slot);

}  // namespace muster::sandbox
