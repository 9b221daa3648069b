// SPDX-License-Identifier: Apache-2.0
#pragma once

// One try to get out of a sandbox, past a limit or at what it hides. An attempt runs in a process
// of its own, as the command of the sandbox, and says what came of it. All are harmless where they
// succeed: they name what does not exist, write back what they read, or undo what they did.

#include <initializer_list>
#include <span>

namespace attempts {

/// The exit codes of the program.
inline constexpr int kHeld = 0;
inline constexpr int kLeaked = 1;
inline constexpr int kCannotTry = 77;

/// The limits that the runner sets; an attempt that passes them has leaked.
inline constexpr long kPids = 64;
inline constexpr long kMemory = 256L << 20;
inline constexpr long kDisk = 64L << 20;
inline constexpr long kInodes = 16384;
inline constexpr long kOpenFiles = 256;
inline constexpr long kFileSize = 64L << 20;

/// What stands behind the name of the attempt on the command line.
using Arguments = std::span<char* const>;

struct Attempt {
  const char* name;
  int row;              ///< in the table of abuse the suite grew from; 0: not in it
  const char* expects;  ///< what a sandbox that holds makes of it
  int (*run)(Arguments);
};

/// Each prints its sentence and returns the exit code that says so.
[[gnu::format(printf, 1, 2)]] int held(const char* format, ...);
[[gnu::format(printf, 1, 2)]] int leaked(const char* format, ...);
[[gnu::format(printf, 1, 2)]] int cannot_try(const char* format, ...);

/// Held when `result` is -1 with errno one of `expected`. Everything else got past the check that
/// should have stopped it, a complaint about the arguments included.
int refused(const char* what, long result, std::initializer_list<int> expected);

/// Whether a success would reach the whole host: root of the first user namespace.
bool is_host_root();

/// Opens and closes; the errno of open(2), or 0.
int open_error(const char* path, int flags);

/// Whether `path` names nothing, or nothing that can be looked at.
bool is_absent(const char* path);

/// Runs `body` in a child and waits; the status as of waitpid(2), -1 where there is no child.
int status_of_child(void (*body)());

/// Seconds since some moment, never going back.
double now();

std::span<const Attempt> limit_attempts();
std::span<const Attempt> memory_attempts();
std::span<const Attempt> disk_attempts();
std::span<const Attempt> ending_attempts();
std::span<const Attempt> process_attempts();
std::span<const Attempt> init_attempts();
std::span<const Attempt> identity_attempts();
std::span<const Attempt> namespace_attempts();
std::span<const Attempt> mount_attempts();
std::span<const Attempt> device_attempts();
std::span<const Attempt> terminal_attempts();
std::span<const Attempt> sysctl_attempts();
std::span<const Attempt> kernel_file_attempts();
std::span<const Attempt> syscall_attempts();
std::span<const Attempt> abi_attempts();
std::span<const Attempt> socket_attempts();
std::span<const Attempt> host_network_attempts();
std::span<const Attempt> hidden_attempts();
std::span<const Attempt> write_attempts();
std::span<const Attempt> workspace_attempts();
std::span<const Attempt> descriptor_attempts();
std::span<const Attempt> neighbour_attempts();
std::span<const Attempt> controls();

}  // namespace attempts
