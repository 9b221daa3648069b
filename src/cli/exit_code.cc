// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.h"

#include <csignal>

namespace muster::cli {

namespace {

int code_of(const Ending& ending) {
  if (const auto* exited = std::get_if<Exited>(&ending)) return exited->code;
  return kExitSignal + std::get<Signaled>(ending).signal;
}

struct OutcomeCode {
  bool preserve_status = false;

  int operator()(const Exited& exited) const { return code_of(exited); }
  int operator()(const Signaled& signaled) const { return code_of(signaled); }
  int operator()(const TimedOut& timed_out) const {
    return preserve_status ? code_of(timed_out.ending) : kExitTimedOut;
  }
  int operator()(const OutOfMemory& /*out*/) const { return kExitSignal + SIGKILL; }
  int operator()(const Cancelled& cancelled) const { return code_of(cancelled.ending); }
  int operator()(const Denied& /*denied*/) const { return kExitNotExecutable; }
  int operator()(const NotStarted& not_started) const {
    if (not_started.step != StartStep::kExec) return kExitMuster;
    return not_started.found ? kExitNotExecutable : kExitNotFound;
  }
  int operator()(const Lost& /*lost*/) const { return kExitMuster; }
};

}  // namespace

int exit_code(const Outcome& outcome, bool preserve_status) {
  return std::visit(OutcomeCode{preserve_status}, outcome);
}

int exit_code(const Error& error, bool runs_command) {
  if (error.code() == ErrorCode::kUsage) return kExitUsage;
  return runs_command ? kExitMuster : kExitFailed;
}

}  // namespace muster::cli
