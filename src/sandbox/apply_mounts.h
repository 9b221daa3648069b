// SPDX-License-Identifier: Apache-2.0
#pragma once

// The steps of a plan that build the new root. Part of the walk of apply.h and under its rules: no
// allocation, no exception, errors in errno.

#include <climits>

#include "sandbox/apply.h"
#include "sandbox/mounts.h"

namespace muster::sandbox {

/// Takes the steps that mount, one after the other, in the process that will be the init.
class MountWalk {
 public:
  explicit MountWalk(const Entrance& entrance) : entrance_(entrance) {}

  /// `tree`: what the supervisor has prepared for the step, or -1.
  bool take(const Step& step, int tree);

 private:
  bool make_scratch(const Step& step);
  bool make_root();
  bool make_folder(const Step& step);
  bool make_link(const Step& step);
  bool make_file(const Step& step);
  static int open_tree_of(const Step& step);
  bool bind(const Step& step, int tree);
  bool bind_device(const Step& step);
  bool open_scratch_folder(const Step& step);
  bool make_tmpfs(const Step& step);
  bool overlay(const Step& step, int tree);
  bool mount_proc(const Step& step);
  bool mount_terminals(const Step& step);
  bool prepare_masks();
  bool mask(const Step& step);
  bool protect(const Step& step);
  bool pivot() const;
  bool place(int tree, const Step& step);
  int open_target(const Step& step, bool folder);
  bool open_parent(const char* path);
  bool give_to_command(int folder, const char* name) const;
  bool hand_over_upper() const;

  const Entrance& entrance_;
  OwnFileSystems ours_;
  int scratch_ = -1;
  int root_ = -1;
  int parent_ = -1;  ///< the folder that the last target stood in: the next one often does too
  char parent_path_[PATH_MAX] = {};
  const char* name_ = nullptr;  ///< the last part of the path that open_parent() was asked for
  int null_ = -1;               ///< the sandbox's own /dev/null, seen to be that device
  int nothing_ = -1;            ///< an empty folder under a read-only mount
  unsigned folders_ = 0;        ///< made so far in the scratch file system
};

}  // namespace muster::sandbox
