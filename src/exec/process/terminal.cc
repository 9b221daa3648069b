// SPDX-License-Identifier: Apache-2.0
#include "exec/process/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/error.h"
#include "base/text.h"

namespace muster::process {

namespace {

Error no_terminal(std::string_view doing) {
  return {ErrorCode::kUnavailable, concat("making a terminal: ", doing, ": ", errno_words(errno)),
          "check that /dev/pts is mounted, or run without --tty"};
}

}  // namespace

CommandTerminal::CommandTerminal() {
  master_.reset(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
  if (!master_) throw no_terminal("opening /dev/ptmx");
  if (unlockpt(master_.get()) != 0) throw no_terminal("unlocking it");
  // By descriptor, so that it works whatever stands in /dev/pts (ioctl_tty(2), Linux 4.13).
  slave_.reset(ioctl(master_.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!slave_) throw no_terminal("opening its other side");
  termios modes{};
  if (tcgetattr(STDIN_FILENO, &modes) == 0) {
    outer_modes_ = modes;
    tcsetattr(slave_.get(), TCSANOW, &modes);
  }
  copy_size();
}

void CommandTerminal::make_outer_raw() {
  if (!outer_modes_) return;
  termios raw = *outer_modes_;
  cfmakeraw(&raw);
  tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

void CommandTerminal::restore() {
  if (outer_modes_) tcsetattr(STDIN_FILENO, TCSADRAIN, &*outer_modes_);
}

void CommandTerminal::copy_size() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    winsize size{};
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) continue;
    ioctl(master_.get(), TIOCSWINSZ, &size);
    return;
  }
}

std::size_t CommandTerminal::type(const char* bytes, std::size_t size) {
  ssize_t written = -1;
  do {
    written = write(master_.get(), bytes, size);
  } while (written < 0 && errno == EINTR);
  if (written >= 0) return static_cast<std::size_t>(written);
  return errno == EAGAIN ? 0 : size;  // nobody reads it any more: gone, as with any terminal
}

char CommandTerminal::end_of_input() const {
  termios modes{};
  // The master shows the modes of the pair (pty(7)).
  if (tcgetattr(master_.get(), &modes) != 0) return 4;
  return static_cast<char>(modes.c_cc[VEOF]);
}

}  // namespace muster::process
