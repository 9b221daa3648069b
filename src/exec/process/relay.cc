// SPDX-License-Identifier: Apache-2.0
#include "exec/process/relay.h"

#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace muster::process {

Relay::Relay(Stream stream, UniqueFd source, Sink& sink, OutputCap& cap)
    : stream_(stream),
      source_(std::move(source)),
      sink_(sink),
      cap_(cap),
      buffer_(std::make_unique_for_overwrite<char[]>(kBuffer)) {}

int Relay::wants_input() const { return blocked_ ? -1 : source_.get(); }

int Relay::wants_room() const { return blocked_ ? sink_.descriptor(stream_) : -1; }

void Relay::pump() {
  constexpr int kMostRounds = 16;  // then the other streams, the clock and the orders have a turn
  if (!deliver()) return;
  for (int round = 0; round < kMostRounds; ++round) {
    if (!fetch() || !deliver()) return;
  }
}

void Relay::last_call() {
  last_call_ = true;
  do {
    pump();
  } while (!blocked_ && source_);
}

// False when the sink has no room.
bool Relay::deliver() {
  while (begin_ < end_) {
    const Taken taken = sink_.take(stream_, {buffer_.get() + begin_, end_ - begin_});
    if (taken.gone) {
      // The command learns it as it would without muster: by SIGPIPE or EPIPE at its next write.
      error_number_ = taken.error_number;
      begin_ = end_ = 0;
      source_.reset();
      break;
    }
    begin_ += taken.count;
    if (taken.count == 0) break;
  }
  blocked_ = begin_ < end_ || !sink_.flush(stream_);
  return !blocked_;
}

// False when nothing can be read now.
bool Relay::fetch() {
  if (!source_) return false;
  ssize_t size = -1;
  do {
    size = read(source_.get(), buffer_.get(), kBuffer);
  } while (size < 0 && errno == EINTR);
  if (size < 0 && errno == EAGAIN && !last_call_) return false;
  // A terminal whose other side is closed answers EIO (ioctl_tty(2)); both mean the end.
  if (size <= 0) {
    source_.reset();
    return false;
  }
  const std::string_view bytes(buffer_.get(), static_cast<std::size_t>(size));
  received_ += bytes.size();
  begin_ = 0;
  end_ = cap_.admit(stream_, bytes);
  return true;
}

std::uint64_t Relay::abandon() {
  std::uint64_t left = end_ - begin_;
  while (source_) {
    const ssize_t size = read(source_.get(), buffer_.get(), kBuffer);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    left += static_cast<std::uint64_t>(size);
    received_ += static_cast<std::uint64_t>(size);
  }
  begin_ = end_ = 0;
  blocked_ = false;
  source_.reset();
  return left;
}

}  // namespace muster::process
