// SPDX-License-Identifier: Apache-2.0
#include "cli/streams.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "base/file_replacement.h"
#include "base/text.h"
#include "term/width.h"

namespace muster::cli {

Streams::Streams(ColorChoice color, const Getenv& getenv)
    : out_(facts_of(STDOUT_FILENO, getenv)),
      err_(facts_of(STDERR_FILENO, getenv)),
      out_painter_(wants_colour(color, out_, getenv)),
      err_painter_(wants_colour(color, err_, getenv)) {}

void Streams::print(std::string_view text) const {
  const int error = write_whole(STDOUT_FILENO, text);
  if (error == 0) return;
  if (error == EPIPE) {
    // Only reached where SIGPIPE was ignored or blocked by whoever started muster.
    std::signal(SIGPIPE, SIG_DFL);
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    sigprocmask(SIG_UNBLOCK, &broken_pipe, nullptr);
    std::raise(SIGPIPE);
  }
  throw Error::from_errno(error, "writing to stdout");
}

void Streams::say(std::string_view text) const {
  say_raw(concat(err_painter_.paint(Style::kBold, "muster:"), ' ', printable(text)));
}

void Streams::say_raw(std::string_view text) const {
  // Where stderr cannot be written to there is nobody left to tell.
  static_cast<void>(write_whole(STDERR_FILENO, concat(text, '\n')));
}

void Streams::complain(const Error& error) const {
  say(error.message());
  if (error.next().empty()) return;
  say_raw(concat("  next: ", printable(error.next())));
}

}  // namespace muster::cli
