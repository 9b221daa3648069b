// SPDX-License-Identifier: Apache-2.0
#include "exec/stamped_sink.h"

#include <algorithm>

#include "base/duration.h"

namespace muster {

StampedSink::Line& StampedSink::line(Stream stream) {
  // Streams that end in the same place share the start of the line as well.
  return lines_[next_.merged() ? 0 : static_cast<std::size_t>(stream)];
}

void StampedSink::stamp(Line& line, std::string_view bytes) {
  const std::string prefix = format_rfc3339(now_()) + ' ';
  while (!bytes.empty()) {
    if (line.at_start) line.pending += prefix;
    const std::size_t newline = bytes.find('\n');
    const std::size_t size = std::min(newline, bytes.size() - 1) + 1;
    line.pending += bytes.substr(0, size);
    line.at_start = newline != std::string_view::npos;
    bytes.remove_prefix(size);
  }
}

Taken StampedSink::take(Stream stream, std::string_view bytes) {
  if (!flush(stream)) return {};
  Line& current = line(stream);
  if (current.end.gone) return current.end;
  stamp(current, bytes);
  flush(stream);
  return {bytes.size(), false};
}

bool StampedSink::flush(Stream stream) {
  Line& current = line(stream);
  while (!current.pending.empty()) {
    const Taken taken = next_.take(stream, current.pending);
    if (taken.gone) {
      current.end = taken;
      current.pending.clear();
    } else if (taken.count == 0) {
      return false;
    } else {
      current.pending.erase(0, taken.count);
    }
  }
  return next_.flush(stream);
}

}  // namespace muster
