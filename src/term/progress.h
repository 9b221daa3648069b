// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a command shows while it works: a line on stderr that is overprinted on a terminal, and
// plain lines in logs.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/duration.h"
#include "term/terminal.h"

namespace muster {

/// Where a status line is written.
using WriteText = std::function<void(std::string_view)>;

/// Writes all of a text to `descriptor`, which must stay open. What cannot be written is dropped:
/// a status line is no reason to fail.
WriteText write_to(int descriptor);

/// One status line. Whoever writes something else to the same stream calls clear() before.
/// Belongs to one thread; its end clears the line.
class StatusLine {
 public:
  StatusLine(WriteText write, const TerminalFacts& facts);
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;
  ~StatusLine();

  /// On a terminal `text` replaces what was shown, cut to the width. Elsewhere, and in CI, `text`
  /// is printed as a line when `state` is another than at the last call: let `text` hold the
  /// spinner and the clock, and `state` only what is worth a line in a log. `text` is one line,
  /// may be painted, and is not escaped here.
  void show(std::string_view text, std::string_view state);

  /// Removes the line from the terminal. Idempotent; does nothing elsewhere.
  void clear();

 private:
  WriteText write_;
  bool overprints_;
  int columns_;
  std::string shown_;
  std::optional<std::string> state_;
};

/// The spinner's picture for the tick, counted from 0 up; one column wide.
std::string_view spinner_frame(std::size_t tick, bool is_utf8);

/// `[#####-----]  50%  4/8  eta 12s` in at most `width` columns; the counts, then the estimate,
/// then the bar are left out when they do not fit. There is an estimate once something is done and
/// `elapsed` is known. A `done` beyond `total` counts as `total`; nothing to do is all done.
std::string progress_bar(std::uint64_t done, std::uint64_t total, int width, Duration elapsed);

}  // namespace muster
