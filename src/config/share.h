// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/bytes.h"

namespace muster {

/// Reads a size as parse_bytes does, or `80%` as that share of this machine's memory. Throws
/// Error(kInvalidArgument).
Bytes parse_share(std::string_view text);

}  // namespace muster
