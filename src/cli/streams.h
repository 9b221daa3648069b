// SPDX-License-Identifier: Apache-2.0
#pragma once

// How commands speak: results go to stdout, everything else to stderr.

#include <string>
#include <string_view>

#include "base/error.h"
#include "term/style.h"
#include "term/terminal.h"

namespace muster::cli {

/// Standard output and error of one command, with what is known of the terminals behind them.
class Streams {
 public:
  Streams(ColorChoice color, const Getenv& getenv);

  /// Writes a result to stdout. When nobody reads it any more, ends the process as SIGPIPE does,
  /// without a word. Throws Error(kIo) when it cannot be written.
  void print(std::string_view text) const;

  /// Writes "muster: TEXT" as a line to stderr, with control characters made harmless.
  void say(std::string_view text) const;

  /// Writes TEXT as it is as a line to stderr.
  void say_raw(std::string_view text) const;

  /// Tells of a fault and of what to try next.
  void complain(const Error& error) const;

  const TerminalFacts& out() const { return out_; }
  const TerminalFacts& err() const { return err_; }
  const Painter& out_painter() const { return out_painter_; }
  const Painter& err_painter() const { return err_painter_; }

 private:
  TerminalFacts out_;
  TerminalFacts err_;
  Painter out_painter_;
  Painter err_painter_;
};

}  // namespace muster::cli
