// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <span>
#include <string>

#include "cli/streams.h"
#include "config/config.h"
#include "domain/attempt.h"

namespace muster::cli {

/// Whether the changes that were to reach the workspace did, or were rightly held back because the
/// command did not succeed.
bool published(const Spec& spec, const Attempt& attempt);

/// What `run` says on stderr beside the command. References outlive it.
class RunReport {
 public:
  RunReport(const Config& config, const Streams& streams, const Spec& spec)
      : config_(config), streams_(streams), spec_(spec) {}

  bool talks() const { return !config_.flag("quiet"); }

  /// What best effort could not do; each sentence is said once, however often it comes.
  void tell_missing(std::span<const std::string> sentences);

  /// How it ended, what it changed and how long the set-up took; `last` decides.
  void tell_end(const Attempt& last) const;

 private:
  std::string subject() const;
  void tell_faults(const Attempt& last) const;
  void tell_losses(const Attempt& last) const;
  void tell_changes(const Attempt& last) const;
  void tell_reason(const Outcome& outcome) const;

  const Config& config_;
  const Streams& streams_;
  const Spec& spec_;
  std::set<std::string, std::less<>> said_;
};

}  // namespace muster::cli
