// SPDX-License-Identifier: Apache-2.0
#pragma once

// How far a task is kept apart from the host, and what of the host it may see all the same. Values;
// how it is done on a kernel is the business of an executor.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace muster {

/// How far a task is kept apart from the host.
enum class Isolation {
  kSandbox,     ///< everything asked for, or no start at all
  kBestEffort,  ///< what this host allows; what it does not is said and recorded
  kNone,        ///< a plain supervised process
};

/// What becomes of the folder a task works in.
enum class WorkspaceMode {
  kReadWrite,  ///< the folder itself
  kReadOnly,
  kOverlay,  ///< writes go to a layer above it
  kNone,     ///< the task does not see it
};

/// The folder a task works in, and how it sees it.
struct Workspace {
  WorkspaceMode mode = WorkspaceMode::kReadWrite;
  std::string directory;   ///< absolute; appears inside under this path; empty with kNone
  bool show_diff = false;  ///< kOverlay: list the changed paths at the end
  bool apply = false;      ///< kOverlay: move the changes into the folder after success
};

/// Which network a task sees.
enum class Network {
  kNone,  ///< loopback of its own and nothing else
  kHost,
};

/// A file or folder of the host that the task sees.
struct Bind {
  bool writable = false;
  std::string source;  ///< absolute, on the host
  std::string target;  ///< absolute, inside
  bool operator==(const Bind&) const = default;
};

/// Reads `[ro:|rw:]SRC[:DST]`; read-only without a word, DST is SRC without one. A colon or a
/// backslash in a path is written with a backslash before it. Throws Error(kInvalidArgument).
Bind parse_bind(std::string_view text);
std::string format_bind(const Bind& bind);

/// An empty folder inside that vanishes with the task.
struct Tmpfs {
  std::string target;         ///< absolute
  std::optional<Bytes> size;  ///< of its own; without one it shares the limit on disk
  bool operator==(const Tmpfs&) const = default;
};

/// Reads `DST[:SIZE]`, with backslashes as parse_bind. Throws Error(kInvalidArgument).
Tmpfs parse_tmpfs(std::string_view text);
std::string format_tmpfs(const Tmpfs& tmpfs);

/// `path` with `.`, `..` and doubled slashes resolved as text, without looking at any file. Throws
/// Error(kInvalidArgument) unless it is absolute and free of NUL.
std::string normal_absolute_path(std::string_view path);

/// What an action of a system call filter does, weakest first.
enum class SyscallAction { kAllow, kLog, kErrno, kKillThread, kKillProcess };

/// One comparison of an argument; all comparisons of a rule must hold.
struct SyscallArgument {
  /// Of unsigned 64-bit numbers.
  enum class Operator {
    kEqual,
    kNotEqual,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual,
    kMaskedEqual
  };
  unsigned index = 0;  ///< 0 to 5
  Operator op = Operator::kEqual;
  std::uint64_t value = 0;   ///< kMaskedEqual: the mask
  std::uint64_t value2 = 0;  ///< kMaskedEqual: what the masked argument must be
  bool operator==(const SyscallArgument&) const = default;
};

/// What becomes of some system calls.
struct SyscallRule {
  std::vector<std::string> names;
  SyscallAction action = SyscallAction::kAllow;
  std::optional<int> error_number;  ///< kErrno; EPERM without one
  std::vector<SyscallArgument> arguments;
  bool operator==(const SyscallRule&) const = default;
};

/// A filter of the user's, which narrows the built-in one further.
struct SyscallPolicy {
  SyscallAction fallback = SyscallAction::kAllow;
  std::optional<int> fallback_errno;
  std::vector<SyscallRule> rules;
  bool operator==(const SyscallPolicy&) const = default;
};

/// All that a task asks of its sandbox but for limits. With kNone nothing else of it counts.
struct SandboxSpec {
  Isolation isolation = Isolation::kSandbox;
  Workspace workspace;
  Network network = Network::kNone;
  std::vector<Bind> binds;
  std::vector<Tmpfs> tmpfs;
  std::string rootfs;                ///< absolute; empty: the host's /usr
  std::string home;                  ///< absolute; where HOME is inside; an empty folder
  std::vector<std::string> devices;  ///< names below /dev
  std::vector<std::string> allow;    ///< names of groups of system calls, see syscall_groups()
  std::optional<SyscallPolicy> policy;
  std::string policy_path;  ///< where `policy` came from, for the record
  bool landlock = true;
  bool map_root = false;  ///< uid 0 inside, which is still nobody outside
  std::string hostname = "muster";
  bool timings = false;  ///< measure every step of the set-up
};

/// A group of system calls, or of uses of them, that the built-in filter refuses unless allowed.
struct SyscallGroup {
  std::string_view name;
  std::string_view brief;
};

/// Every group there is, sorted by name.
std::span<const SyscallGroup> syscall_groups();

}  // namespace muster
