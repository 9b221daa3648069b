// SPDX-License-Identifier: Apache-2.0
#pragma once

// How an attempt ended. Outcomes are values, switched exhaustively: they are what muster is for.

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/duration.h"

namespace muster {

/// The command ended by itself with this exit code (0 to 255).
struct Exited {
  int code = 0;
  bool operator==(const Exited&) const = default;
};

/// The command was ended by this signal, and nobody at muster had asked for its end.
struct Signaled {
  int signal = 0;
  bool core_dumped = false;
  bool operator==(const Signaled&) const = default;
};

/// What wait(2) said of the command: the truth below a timeout or a cancel.
using Ending = std::variant<Exited, Signaled>;

/// A limit on time passed; `ending` is how the command then went.
struct TimedOut {
  Duration limit{};
  Ending ending;
  bool cpu_time = false;  ///< the limit was on processor time, not on wall time
  bool operator==(const TimedOut&) const = default;
};

/// The memory limit was hit and the tree was killed.
struct OutOfMemory {
  Bytes limit;
  Bytes peak;  ///< the most that was in use; 0 where nobody counted
  bool operator==(const OutOfMemory&) const = default;
};

/// Somebody asked for the end; `by` says who ("second Ctrl-C").
struct Cancelled {
  std::string by;
  Ending ending;
  bool operator==(const Cancelled&) const = default;
};

/// A policy rule forbade the command.
struct Denied {
  std::string rule;
  std::string reason;
  bool operator==(const Denied&) const = default;
};

/// The steps on the way to a running command, in their order.
enum class StartStep {
  kFork,
  kSandbox,
  kSession,
  kTerminal,
  kStreams,
  kNice,
  kUmask,
  kLimits,
  kWorkdir,
  kExec,
};

/// The command never ran: `step` failed with `error_number` (errno) on `subject`. An `error_number`
/// of 0: no call failed; muster itself refused, and `subject` says why.
struct NotStarted {
  StartStep step = StartStep::kFork;
  int error_number = 0;
  std::string subject;  ///< the path or limit that the step was about; for kSandbox what was done
  bool found = true;    ///< for kExec: whether a file of that name exists
  std::string remedy = {};  ///< for kSandbox: what would make it work; may be empty
  bool operator==(const NotStarted&) const = default;
};

/// Nobody can say how the attempt ended: whoever watched it is gone.
struct Lost {
  std::string why;
  bool operator==(const Lost&) const = default;
};

using Outcome =
    std::variant<Exited, Signaled, TimedOut, OutOfMemory, Cancelled, Denied, NotStarted, Lost>;

/// Success is Exited{0} and nothing else.
bool succeeded(const Outcome& outcome);

/// The word for the alternative in records: "exited", "signaled", "timed_out", ...
std::string_view kind_of(const Outcome& outcome);

/// One sentence part without a subject: "exited with code 7", "timed out after 2s; it then ...".
std::string describe(const Outcome& outcome);

/// "SIGTERM" for 15; "signal 77" where the number has no name.
std::string signal_name(int signal);

/// The number of "TERM", "SIGTERM" or "15"; nothing where there is no such signal.
std::optional<int> parse_signal(std::string_view text);

/// "changing to the working directory", as in "... failed: no such file".
std::string_view describe(StartStep step);

/// The word for the step in records: "workdir", "exec", ...
std::string_view name_of(StartStep step);

}  // namespace muster
