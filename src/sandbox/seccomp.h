// SPDX-License-Identifier: Apache-2.0
#pragma once

// System call filters (seccomp(2)). The built-in one is a readable table (syscall_table.h) that is
// compiled when muster is built into a balanced tree: the kernel runs it once for every system call
// number when it is installed, so the number of executed steps is what a start costs.

#include <linux/filter.h>

#include <span>
#include <string>
#include <vector>

#include "domain/sandbox.h"

namespace muster::sandbox {

/// The built-in filter. Static memory.
std::span<const sock_filter> default_filter();

/// The built-in filter without what these groups hold (names of syscall_groups()). Throws
/// Error(kInvalidArgument) naming a group that does not exist.
std::vector<sock_filter> filter_allowing(std::span<const std::string> groups);

/// A user's policy as a program, made by libseccomp. It goes on top of a built-in filter, which
/// deals with the calls of other machines. Calls that only other machines have are passed over, and
/// so are unknown ones where their rule is no stricter than what the policy falls back to. Throws
/// Error(kInvalidArgument) naming an unknown call otherwise, or what cannot be said in a filter.
std::vector<sock_filter> compile_policy(const SyscallPolicy& policy);

/// Installs the program on the calling thread, which must have no-new-privileges set. Allocates
/// nothing. False with errno set.
bool install_filter(std::span<const sock_filter> program);

}  // namespace muster::sandbox
