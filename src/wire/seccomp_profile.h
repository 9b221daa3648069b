// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "domain/sandbox.h"

namespace muster {

/// Reads a profile of system calls in the JSON of the OCI runtime specification and of Docker.
/// Rules that `includes` or `excludes` limit to capabilities, machines or kernels are kept where
/// they hold here: a task holds no capability. Lists of architectures and flags change nothing:
/// only calls of this machine pass the built-in filter. Throws Error(kInvalidArgument) with the
/// place
/// ("/syscalls/3/action") and what was expected there.
SyscallPolicy parse_seccomp_profile(std::string_view text);

}  // namespace muster
