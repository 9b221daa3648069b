// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

namespace muster {

/// Calls `action` when the scope is left, by whichever way. `action` must not throw.
template <typename Action>
class [[nodiscard]] ScopeExit {
 public:
  explicit ScopeExit(Action action) : action_(std::move(action)) {}
  ScopeExit(const ScopeExit&) = delete;
  ScopeExit& operator=(const ScopeExit&) = delete;
  ~ScopeExit() { action_(); }

 private:
  Action action_;
};

}  // namespace muster
