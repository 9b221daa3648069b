// SPDX-License-Identifier: Apache-2.0
#pragma once

// What came of executing a spec.

#include <chrono>
#include <optional>
#include <vector>

#include "domain/enforced.h"
#include "domain/outcome.h"
#include "domain/spec.h"
#include "domain/usage.h"

namespace muster {

/// One execution of a task, ended.
struct Attempt {
  int number = 1;
  std::chrono::system_clock::time_point started;
  std::chrono::system_clock::time_point ended;
  Outcome outcome;
  Usage usage;
  OutputTotals output;
  int survivors = 0;  ///< processes of the tree that could not be killed, such as another user's
  Enforced enforced;
  std::optional<WorkspaceChanges> changes;  ///< of an overlay workspace
  std::vector<StepTiming> timings;          ///< when the spec asked for them
};

/// What `run` reports: the spec and every attempt at it, the last one deciding.
struct Record {
  Spec spec;
  std::vector<Attempt> attempts;  ///< never empty
};

}  // namespace muster
