// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <mutex>

namespace muster::sandbox {

/// Numbers that keep sandboxes apart which run at the same time in one process: each is in use
/// once, as long as there are no more than kCount of them. The lowest come first, so that what was
/// made for one is of use to the next. May be used by several threads.
class Lanes {
 public:
  static constexpr std::size_t kCount = 64;

  /// To be given back.
  unsigned take() {
    const std::scoped_lock lock(mutex_);
    const auto least = std::min_element(users_.begin(), users_.end());
    ++*least;
    return static_cast<unsigned>(least - users_.begin());
  }

  void give_back(unsigned lane) {
    const std::scoped_lock lock(mutex_);
    --users_.at(lane);
  }

 private:
  std::mutex mutex_;
  std::array<unsigned, kCount> users_{};
};

}  // namespace muster::sandbox
