// SPDX-License-Identifier: Apache-2.0
#pragma once

// Carries one output stream from the command to the sink, without ever blocking, and holds it to
// the output limit. Driven by the supervision's poll loop.

#include <cstdint>
#include <memory>

#include "base/unique_fd.h"
#include "exec/output_cap.h"
#include "exec/sink.h"

namespace muster::process {

class Relay {
 public:
  /// `source`: the readable, non-blocking end. `sink` and `cap` outlive the relay.
  Relay(Stream stream, UniqueFd source, Sink& sink, OutputCap& cap);

  Stream stream() const { return stream_; }
  /// To be polled for POLLIN, or -1 while the sink has no room or after the end.
  int wants_input() const;
  /// To be polled for POLLOUT, or -1 while nothing waits for room.
  int wants_room() const;

  /// Moves what can be moved now, up to a fair share.
  void pump();

  /// No process of the command is left: what the pipe holds now is all there will ever be.
  void last_call();

  /// Everything has arrived at the sink, or nobody is there to read it.
  bool finished() const { return !source_ && !blocked_; }

  /// The errno with which the sink failed; 0 when it did not.
  int error_number() const { return error_number_; }
  /// Bytes that came from the command.
  std::uint64_t received() const { return received_; }
  /// After last_call(): gives up what nobody reads, in the pipe as well; returns how many bytes
  /// that were. Finished afterwards.
  std::uint64_t abandon();

 private:
  bool deliver();
  bool fetch();

  static constexpr std::size_t kBuffer = 256 * 1024;

  Stream stream_;
  UniqueFd source_;
  Sink& sink_;
  OutputCap& cap_;
  std::unique_ptr<char[]> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool blocked_ = false;  ///< the sink had no room
  bool last_call_ = false;
  std::uint64_t received_ = 0;
  int error_number_ = 0;
};

}  // namespace muster::process
