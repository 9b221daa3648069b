// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where the output of one attempt goes. The executor drives it from the thread the attempt runs on;
// whoever asked for the attempt owns it and keeps it alive until the attempt has ended.

#include <cstddef>
#include <optional>
#include <string_view>

namespace muster {

enum class Stream { kOut, kErr };

/// What a sink did with the bytes it was offered.
struct Taken {
  std::size_t count = 0;  ///< how many it took; 0 with `gone` false: full, wait for `descriptor`
  bool gone = false;      ///< no further byte will ever be taken: nobody reads, or writing failed
  int error_number = 0;   ///< with `gone`: the errno of a write that failed; 0: nobody reads
};

/// A destination for both output streams.
class Sink {
 public:
  virtual ~Sink() = default;

  /// A descriptor the command may write to by itself, so that no byte is copied on the way; nothing
  /// when the bytes have to pass through take(). Asked once per attempt, before it starts.
  virtual std::optional<int> direct(Stream stream) = 0;

  /// Whether both streams end in the same place, so that their order among each other matters and
  /// the executor should give the command one pipe for both.
  virtual bool merged() const = 0;

  /// Takes a prefix of `bytes` without ever blocking.
  virtual Taken take(Stream stream, std::string_view bytes) = 0;

  /// Passes on what take() took but kept back. True when nothing is left, also when nobody reads.
  virtual bool flush(Stream stream) = 0;

  /// The descriptor to poll for POLLOUT after a full take() or an incomplete flush().
  virtual int descriptor(Stream stream) const = 0;
};

}  // namespace muster
