// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/duration.h"

namespace muster {

/// What an attempt may use. An empty limit means none is set by muster.
struct Limits {
  std::optional<Duration> timeout;           ///< wall time from the start of the command
  Duration grace = std::chrono::seconds(5);  ///< from SIGTERM to SIGKILL
  std::optional<Bytes> output;               ///< relayed bytes kept from the head of both streams
  std::optional<std::uint64_t> open_files;   ///< RLIMIT_NOFILE
  std::optional<Bytes> core;                 ///< RLIMIT_CORE
  std::optional<Bytes> file_size;            ///< RLIMIT_FSIZE
  std::optional<Bytes> stack;                ///< RLIMIT_STACK
};

}  // namespace muster
