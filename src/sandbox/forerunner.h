// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "sandbox/facts.h"
#include "sandbox/network_pool.h"

namespace muster::sandbox {

/// A thread that does ahead of the first attempt what needs no spec, while muster still reads its
/// own settings: it looks at the host and makes a network. Used by one thread, and gone when the
/// object is.
class Forerunner {
 public:
  /// `networks` outlives the object.
  explicit Forerunner(NetworkPool& networks) : networks_(networks) {}
  Forerunner(const Forerunner&) = delete;
  Forerunner& operator=(const Forerunner&) = delete;
  ~Forerunner() { finish(); }

  void start();

  /// Waits for the look at the host. nullptr where nobody looks; a fault is met again by whoever
  /// does so then.
  std::unique_ptr<HostFacts> take_facts();

  /// Waits for the end of the thread.
  void finish();

 private:
  void work();

  NetworkPool& networks_;
  std::unique_ptr<HostFacts> facts_;
  std::atomic_flag looked_;
  std::thread thread_;
};

}  // namespace muster::sandbox
