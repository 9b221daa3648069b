// SPDX-License-Identifier: Apache-2.0
// Typing into the terminal that muster was started from. The filter has to refuse the request
// whatever the descriptor is: ENOTTY would say that a terminal would have taken it.

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "attempt.h"

namespace attempts {

namespace {

template <unsigned long kRequest>
int asked(Arguments) {
  char byte = '#';
  const long result = syscall(SYS_ioctl, STDIN_FILENO, kRequest, &byte);
  return refused("ioctl", result, {EPERM});
}

// The kernel looks at 32 bits of the request, so a filter that looks at 64 lets this through.
constexpr unsigned long kHigh = 1UL << 32;

int console_output(Arguments) {
  const long result = ioctl(STDIN_FILENO, TIOCCONS);
  return refused("TIOCCONS", result, {EPERM, ENOTTY});
}

int hang_up(Arguments) { return refused("vhangup", syscall(SYS_vhangup), {EPERM}); }

int steal_terminal(Arguments) {
  const long result = ioctl(STDIN_FILENO, TIOCSCTTY, 1);
  return refused("TIOCSCTTY by force", result, {EPERM, ENOTTY});
}

int open_controlling_terminal(Arguments) {
  const int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
  return refused("/dev/tty", fd, {ENOENT, ENXIO});
}

int type_into_terminal(Arguments) {
  if (isatty(STDIN_FILENO) == 0) return cannot_try("stdin is no terminal");
  char byte = '#';
  return refused("TIOCSTI", ioctl(STDIN_FILENO, TIOCSTI, &byte), {EPERM});
}

constexpr Attempt kAttempts[] = {
    {"tiocsti", 36, "EPERM", asked<TIOCSTI>},
    {"tiocsti-with-high-bits", 36, "EPERM", asked<TIOCSTI | kHigh>},
    {"tioclinux", 36, "EPERM", asked<TIOCLINUX>},
    {"tioclinux-with-high-bits", 36, "EPERM", asked<TIOCLINUX | kHigh>},
    {"tiocsetd", 36, "EPERM", asked<TIOCSETD>},
    {"tiocsetd-with-high-bits", 36, "EPERM", asked<TIOCSETD | kHigh>},
    {"tioccons", 36, "EPERM", console_output},
    {"hang-up-terminal", 36, "EPERM", hang_up},
    {"steal-terminal", 36, "EPERM", steal_terminal},
    {"open-controlling-terminal", 35, "ENOENT or ENXIO", open_controlling_terminal},
    {"type-into-terminal", 36, "EPERM", type_into_terminal},
};

}  // namespace

std::span<const Attempt> terminal_attempts() { return kAttempts; }

}  // namespace attempts
