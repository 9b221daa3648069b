// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sandbox/plan.h"

namespace muster::sandbox {

/// Who the command is to be. Pure. Never the root of the host: throws Error(kUnavailable) where
/// nobody else is to be had.
Identity choose_identity(const SandboxSpec& spec, const Facts& facts);

/// "uid 1000 inside, 1879048193 outside"
std::string describe_identity(const Identity& identity);

}  // namespace muster::sandbox
