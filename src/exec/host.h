// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "domain/enforced.h"

namespace muster {

/// The capability that sums the others up: kNo where no task can be started in a sandbox at all.
inline constexpr std::string_view kSandboxCapability = "sandbox";

/// What the kernel, the user and the surroundings of this process allow an executor to enforce.
class Host {
 public:
  virtual ~Host() = default;

  /// Every capability in a fixed order, found out by trying; takes some milliseconds. Never throws
  /// for what is missing: that is what it reports.
  virtual std::vector<Capability> capabilities() = 0;
};

}  // namespace muster
