// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/parse.h"
#include "cli/streams.h"
#include "config/config.h"
#include "exec/executor.h"
#include "exec/host.h"

namespace muster::cli {

/// What the composition root hands to the commands. References outlive every command.
struct Services {
  Executor& executor;
  Host& host;
  const char* const* environment;  ///< the caller's, as in environ(7)
};

/// What one command works with.
struct Context {
  const CommandLine& line;
  const Config& config;
  const Streams& streams;
  const Services& services;
};

/// Each runs its command and returns the exit code. Faults are thrown.
int run_command(const Context& context);
int config_command(const Context& context);
int doctor_command(const Context& context);
int version_command(const Context& context);
/// `muster` alone: where it stands and what to try.
int home_command(const Context& context);

}  // namespace muster::cli
