// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/duration.h"

namespace muster {

/// What an attempt used, over every process of its tree that was waited for (getrusage(2)).
struct Usage {
  Duration wall{};
  Duration user{};
  Duration system{};
  Bytes peak_memory;                       ///< most in use at a time; see `peak_of_tree`
  bool peak_of_tree = false;               ///< false: the peak is the largest process's alone
  Bytes read;                              ///< bytes fetched from block devices
  Bytes written;                           ///< bytes sent to block devices
  std::uint64_t voluntary_switches = 0;    ///< context switches by waiting
  std::uint64_t involuntary_switches = 0;  ///< context switches by preemption
  std::uint64_t major_faults = 0;          ///< page faults that needed I/O
  std::optional<Duration> throttled;       ///< time in which the limit on cpus made it wait
  std::optional<std::uint64_t> oom_kills;  ///< processes killed because memory ran out
  std::optional<std::uint64_t> peak_pids;  ///< most processes and threads at a time
  bool operator==(const Usage&) const = default;
};

/// What happened to the output of an attempt. Counts are absent where the command wrote straight
/// to its destination and muster saw no byte. Where both streams went through one pipe, because
/// they end in the same place, `out` counts both and `err` is absent.
struct OutputTotals {
  std::optional<Bytes> out;  ///< bytes the command wrote to stdout
  std::optional<Bytes> err;  ///< bytes the command wrote to stderr
  Bytes cut{};               ///< of these, how many were not passed on because of the limit
  Bytes unread{};            ///< and how many because nobody read them in time after the end
  int error_number = 0;      ///< errno of the write that ended the relay; 0: none failed
  bool operator==(const OutputTotals&) const = default;
};

}  // namespace muster
