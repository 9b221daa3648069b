// SPDX-License-Identifier: Apache-2.0
#pragma once

// The limit on the output of one attempt: the head passes, the last 1 MiB is kept back until the
// end and then passed on, and what lay between is counted and dropped.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "exec/sink.h"

namespace muster {

/// A run of bytes of one stream.
struct OutputPiece {
  Stream stream = Stream::kOut;
  std::string bytes;
};

class OutputCap {
 public:
  /// How much of the end is always kept.
  static constexpr std::uint64_t kTail = 1024 * 1024;

  /// Without a limit everything passes.
  explicit OutputCap(std::optional<Bytes> limit) : limit_(limit) {}

  /// How many of `bytes`, from their front, are to be passed on now. The rest is kept for the tail.
  std::size_t admit(Stream stream, std::string_view bytes);

  /// The oldest piece of the tail that has not been taken yet, or nothing.
  std::optional<OutputPiece> next_of_tail();

  /// How many bytes were dropped between the head and the tail.
  Bytes cut() const { return Bytes{cut_}; }

 private:
  void keep(Stream stream, std::string_view bytes);

  std::optional<Bytes> limit_;
  std::uint64_t passed_ = 0;
  std::uint64_t cut_ = 0;
  std::uint64_t kept_ = 0;
  std::deque<OutputPiece> tail_;
};

}  // namespace muster
