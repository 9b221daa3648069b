// SPDX-License-Identifier: Apache-2.0
#pragma once

// The terminal of a command that asked for one (`--tty`): a pseudo-terminal whose other side is
// joined to the standard input and output of muster.

#include <termios.h>

#include <optional>
#include <string>

#include "base/unique_fd.h"

namespace muster::process {

/// A pseudo-terminal for one command, and the state of the terminal muster itself stands in. While
/// it lives the outer terminal may be in raw mode; destroying it puts the old modes back.
class CommandTerminal {
 public:
  /// Throws Error(kUnavailable) where no pseudo-terminal can be made.
  CommandTerminal();
  CommandTerminal(const CommandTerminal&) = delete;
  CommandTerminal& operator=(const CommandTerminal&) = delete;
  ~CommandTerminal() { restore(); }

  int master() const { return master_.get(); }
  int slave() const { return slave_.get(); }
  /// The terminal muster stands in, or -1 when its standard input is none.
  int outer() const { return outer_modes_ ? 0 : -1; }
  const std::optional<termios>& outer_modes() const { return outer_modes_; }

  /// The command has its copy; an end of file on the master now means that nobody has one.
  void close_slave() { slave_.reset(); }

  /// Every key goes to the command from here on. Does nothing without an outer terminal.
  void make_outer_raw();
  /// The outer terminal as it was before.
  void restore();
  /// Gives the command's terminal the size of the outer one; the command gets SIGWINCH.
  void copy_size();

  /// Types `bytes` into the command's terminal without blocking; returns how many it took.
  std::size_t type(const char* bytes, std::size_t size);
  /// The character that ends the input of a terminal in line mode (VEOF, normally ^D).
  char end_of_input() const;

 private:
  UniqueFd master_;
  UniqueFd slave_;
  std::optional<termios> outer_modes_;
};

}  // namespace muster::process
