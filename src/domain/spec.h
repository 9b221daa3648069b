// SPDX-License-Identifier: Apache-2.0
#pragma once

// What to run. A spec is complete: whoever executes it looks at nothing else.

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "domain/limits.h"
#include "domain/retry.h"
#include "domain/sandbox.h"

namespace muster {

/// Where the command reads from.
enum class StdinSource {
  kInherit,  ///< the standard input of muster itself
  kNull,     ///< /dev/null
};

struct Spec {
  std::string name;                      ///< for people; empty when none was given
  std::vector<std::string> argv;         ///< never empty; handed to execve(2) as it is
  std::vector<std::string> environment;  ///< the whole of it, each "NAME=value"
  std::vector<std::string> env_set;      ///< names that flags or files set, for the record
  std::string workdir;                   ///< empty: where muster was started
  std::optional<mode_t> umask;
  std::optional<int> nice;  ///< added to muster's own niceness, -20 to 19
  StdinSource stdin_source = StdinSource::kInherit;
  bool tty = false;  ///< give the command a terminal of its own
  SandboxSpec sandbox;
  Limits limits;
  RetryPolicy retry;
};

}  // namespace muster
