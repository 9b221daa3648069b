// SPDX-License-Identifier: Apache-2.0
#include "exec/output_cap.h"

#include <algorithm>
#include <utility>

namespace muster {

std::size_t OutputCap::admit(Stream stream, std::string_view bytes) {
  if (!limit_) return bytes.size();
  const std::uint64_t room = limit_->count - std::min(limit_->count, passed_);
  const auto passes = static_cast<std::size_t>(std::min<std::uint64_t>(room, bytes.size()));
  passed_ += passes;
  if (passes < bytes.size()) keep(stream, bytes.substr(passes));
  return passes;
}

void OutputCap::keep(Stream stream, std::string_view bytes) {
  if (bytes.size() > kTail) {
    cut_ += bytes.size() - kTail;
    bytes.remove_prefix(bytes.size() - kTail);
  }
  // Small writes share a piece; a piece stays small enough for its front to be cut off cheaply.
  constexpr std::size_t kPiece = 4096;
  const bool joins = !tail_.empty() && tail_.back().stream == stream &&
                     tail_.back().bytes.size() + bytes.size() <= kPiece;
  if (joins) {
    tail_.back().bytes += bytes;
  } else {
    tail_.push_back({stream, std::string(bytes)});
  }
  kept_ += bytes.size();
  while (kept_ > kTail) {
    std::string& oldest = tail_.front().bytes;
    const std::uint64_t excess = std::min<std::uint64_t>(kept_ - kTail, oldest.size());
    cut_ += excess;
    kept_ -= excess;
    if (excess == oldest.size()) {
      tail_.pop_front();
    } else {
      oldest.erase(0, static_cast<std::size_t>(excess));
    }
  }
}

std::optional<OutputPiece> OutputCap::next_of_tail() {
  if (tail_.empty()) return std::nullopt;
  OutputPiece piece = std::move(tail_.front());
  tail_.pop_front();
  return piece;
}

}  // namespace muster
