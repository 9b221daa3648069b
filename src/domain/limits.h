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
  std::optional<Duration> cpu_time;          ///< user and system time of the whole tree together
  std::optional<Bytes> memory;               ///< of the whole tree together; it gets no swap
  std::optional<double> cpus;                ///< processors' worth of time, 0.5 is half of one
  std::optional<std::uint64_t> pids;         ///< processes and threads at a time
  std::optional<Bytes> disk;                 ///< everything written that is not a file of the host
  std::optional<std::uint64_t> inodes;       ///< files and folders in what `disk` counts
  std::optional<Bytes> output;               ///< relayed bytes kept from the head of both streams
  std::optional<std::uint64_t> open_files;   ///< RLIMIT_NOFILE
  std::optional<Bytes> core;                 ///< RLIMIT_CORE
  std::optional<Bytes> file_size;            ///< RLIMIT_FSIZE
  std::optional<Bytes> stack;                ///< RLIMIT_STACK
};

}  // namespace muster
