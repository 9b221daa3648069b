// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <string>

#include "exec/sink.h"

namespace muster {

/// Puts the time of arrival, RFC 3339 in UTC, and a blank in front of every line, then passes the
/// lines on to another sink, which must outlive it.
class StampedSink : public Sink {
 public:
  using Now = std::function<std::chrono::system_clock::time_point()>;

  StampedSink(Sink& next, Now now) : next_(next), now_(std::move(now)) {}

  std::optional<int> direct(Stream /*stream*/) override { return std::nullopt; }
  bool merged() const override { return next_.merged(); }
  Taken take(Stream stream, std::string_view bytes) override;
  bool flush(Stream stream) override;
  int descriptor(Stream stream) const override { return next_.descriptor(stream); }

 private:
  struct Line {
    bool at_start = true;
    Taken end;  ///< with `gone` set once the next sink takes no more
    std::string pending;
  };
  Line& line(Stream stream);
  void stamp(Line& line, std::string_view bytes);

  Sink& next_;
  Now now_;
  std::array<Line, 2> lines_;
};

}  // namespace muster
