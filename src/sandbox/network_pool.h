// SPDX-License-Identifier: Apache-2.0
#pragma once

// Network namespaces with nothing but loopback in them, for privileged muster. Making one is the
// dearest part of a sandbox, so one in which nothing has ever happened serves the next as well.
// decisions/0008 says when that is.

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"

namespace muster::sandbox {

/// A namespace and what could be seen in it when it was made.
struct QuietNetwork {
  UniqueFd descriptor;
  std::string portrait;
};

/// May be used by several threads; each has to leave() what it has entered before it does anything
/// else.
class NetworkPool {
 public:
  /// Makes the namespace for the first enter(), which comes after this has returned. On a thread
  /// that then ends: it stays in there.
  void make_ahead();

  /// Moves this thread into a namespace that no process is in and in which none has left a trace.
  /// Nothing where that cannot be had here, and the first time, which may be the only one, unless
  /// it was made ahead; then this thread has not moved.
  std::optional<QuietNetwork> enter();

  /// Moves this thread back. Aborts where the kernel refuses: nothing may go on in the wrong one.
  void leave();

  /// For a later enter(). No process is in it any more.
  void give_back(QuietNetwork network);

 private:
  bool is_worth_it();
  std::optional<QuietNetwork> enter_first();
  std::optional<QuietNetwork> take();
  std::optional<QuietNetwork> enter_new();

  std::mutex mutex_;
  bool asked_before_ = false;
  UniqueFd home_;
  bool refused_ = false;  ///< this host does not let muster do so; asked once
  UniqueFd ahead_;
  std::vector<QuietNetwork> kept_;
};

}  // namespace muster::sandbox
