// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "base/unique_fd.h"
#include "exec/sink.h"

namespace muster {

/// Passes output to two descriptors of this process, normally its own stdout and stderr. Never
/// changes their flags: they may be shared with other programs.
class DescriptorSink : public Sink {
 public:
  /// `relay`: hand no descriptor to the command, even where that would be possible.
  DescriptorSink(int out, int err, bool relay);

  std::optional<int> direct(Stream stream) override;
  bool merged() const override { return merged_; }
  Taken take(Stream stream, std::string_view bytes) override;
  bool flush(Stream /*stream*/) override { return true; }
  int descriptor(Stream stream) const override { return end(stream).descriptor; }

 private:
  /// One destination. Pipes and terminals are opened once more so that this process can write to
  /// them without blocking; where that is not allowed, writes stay below what cannot block.
  struct End {
    int descriptor = -1;
    int handed = -1;          ///< what the command gets when it writes by itself
    std::size_t at_once = 0;  ///< the most bytes one write may carry
    bool socket = false;
    UniqueFd reopened;
  };
  static End open_end(int descriptor);
  const End& end(Stream stream) const { return ends_[static_cast<std::size_t>(stream)]; }

  bool relay_;
  bool merged_;
  std::array<End, 2> ends_;
};

}  // namespace muster
