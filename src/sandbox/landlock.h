// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <vector>

namespace muster::sandbox {

/// What a Landlock domain leaves to the command. The paths are those of the new root.
struct LandlockRules {
  int abi = 0;  ///< as the kernel told (landlock(7)); above 0
  const std::vector<std::string>* readable = nullptr;
  const std::vector<std::string>* writable = nullptr;
  std::array<int, 3> streams{};  ///< what was handed over open; may be opened again, as it is open
};

/// Puts the calling process, which has no-new-privileges, into such a domain: files but for what
/// the rules leave, and from ABI 6 on signals and abstract sockets of processes outside. Allocates
/// nothing. False with errno set.
bool enter_landlock(const LandlockRules& rules);

}  // namespace muster::sandbox
