// SPDX-License-Identifier: Apache-2.0
#pragma once

// The two layers of an overlay as folders of one test, built by hand, and what a folder holds as a
// value that tests compare.

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "domain/enforced.h"
#include "sandbox/changes.h"

namespace muster::sandbox {

/// Paths with what stands there: kind, mode, and bytes and time, link text or device number.
using Snapshot = std::map<std::string, std::string>;

/// What `folder` holds, of itself nothing.
Snapshot snapshot(const std::string& folder);

/// What leads from one to the other, worded as find_changes() does.
std::vector<ChangedPath> difference(const Snapshot& before, const Snapshot& after);

/// "added a/", "deleted b", for messages and comparisons.
std::vector<std::string> words(const std::vector<ChangedPath>& changes);

/// A folder of its own with `lower`, `upper`, `work` and `merged` in it, in memory where possible.
class Layers {
 public:
  Layers();
  Layers(const Layers&) = delete;
  Layers& operator=(const Layers&) = delete;
  ~Layers();

  /// Paths here begin with a layer: "upper/a/b".
  std::string path(const std::string& name) const { return path_ + "/" + name; }
  /// Each makes the folders on the way, and the entry with a fixed time of change.
  void file(const std::string& name, const std::string& text, mode_t mode = 0644) const;
  void folder(const std::string& name, mode_t mode = 0755) const;
  void link(const std::string& name, const std::string& text) const;
  void fifo(const std::string& name) const;
  void whiteout(const std::string& name) const;
  /// Sets an overlay's mark: trusted.overlay.NAME for root, user.overlay.NAME for others.
  void mark(const std::string& name, const std::string& which, const std::string& value) const;
  std::string read(const std::string& name) const;
  bool has(const std::string& name) const;

  std::vector<ChangedPath> found() const;
  /// Finds and applies. What was thrown, in words; empty when nothing was.
  std::string apply(const AfterStep& after_step = {}) const;
  std::string recover(const AfterStep& after_step = {}) const;

  int upper() const { return upper_.get(); }
  int lower() const { return lower_.get(); }

 private:
  std::string path_;
  UniqueFd upper_;
  UniqueFd lower_;
};

/// Gives every entry below, and the folder itself, to a user.
void give_away(const std::string& folder, uid_t uid, gid_t gid);

/// Forks and runs `work`, and gives the status of the child's end. An exception ends it with 99.
int status_of_child(const std::function<void()>& work);

}  // namespace muster::sandbox
