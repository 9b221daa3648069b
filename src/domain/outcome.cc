// SPDX-License-Identifier: Apache-2.0
#include "domain/outcome.h"

#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/error.h"
#include "base/text.h"

namespace muster {

namespace {

// The words for one alternative; `then` puts the ending of a timeout or a cancel behind it.
struct Describer {
  std::string operator()(const Exited& exited) const {
    return concat("exited with code ", exited.code);
  }
  std::string operator()(const Signaled& signaled) const {
    return concat("was ", killed_by(signaled));
  }
  std::string operator()(const TimedOut& timed_out) const {
    return concat(timed_out.cpu_time ? "used up its processor time of " : "timed out after ",
                  format_duration(timed_out.limit), then(timed_out.ending));
  }
  std::string operator()(const OutOfMemory& out_of_memory) const {
    const std::string peak = out_of_memory.peak.count == 0
                                 ? ""
                                 : concat(" (peak ", format_bytes_rounded(out_of_memory.peak), ")");
    return concat("ran out of memory at its limit of ", format_bytes(out_of_memory.limit), peak);
  }
  std::string operator()(const Cancelled& cancelled) const {
    return concat("was cancelled by ", cancelled.by, then(cancelled.ending));
  }
  std::string operator()(const Denied& denied) const {
    return concat("was denied by rule ", denied.rule, ": ", denied.reason);
  }
  std::string operator()(const NotStarted& start) const {
    return concat("could not start: ", why_not_started(start));
  }
  std::string operator()(const Lost& lost) const { return concat("was lost: ", lost.why); }

  static std::string killed_by(const Signaled& signaled) {
    const auto name = signal_name(signaled.signal);
    const bool named = name.starts_with("SIG");
    return concat("killed by ", name, named ? concat(" (signal ", signaled.signal, ")") : "",
                  signaled.core_dumped ? ", core dumped" : "");
  }

  static std::string then(const Ending& ending) {
    if (const auto* exited = std::get_if<Exited>(&ending)) {
      return concat("; it then exited with code ", exited->code);
    }
    return concat("; it was then ", killed_by(std::get<Signaled>(ending)));
  }

  static std::string why_not_started(const NotStarted& start) {
    if (start.step == StartStep::kExec) return why_not_executed(start);
    if (start.step == StartStep::kSandbox && start.error_number == 0) return start.subject;
    const auto words = errno_words(start.error_number);
    if (start.step == StartStep::kFork && start.error_number == EAGAIN) {
      return concat("no more processes can be created (ulimit -u or the pids limit): ", words);
    }
    if (start.step == StartStep::kSandbox) {
      return concat("the sandbox could not be set up: ", start.subject,
                    start.subject.empty() ? "" : ": ", errno_words(start.error_number));
    }
    return step_failed(start);
  }

  static std::string why_not_executed(const NotStarted& start) {
    const auto command = in_quotes(start.subject);
    switch (start.error_number) {
      case ENOENT:
        if (!start.found) return concat("command ", command, " not found");
        return concat("the interpreter named on the first line of ", command, " does not exist");
      case EACCES:
        return concat(command, " is not executable: ", errno_words(EACCES));
      case EISDIR:
        return concat(command, " is a directory");
      case ENOEXEC:
        return concat(command, " has no '#!' line and is not a binary this kernel can run");
      case E2BIG:
        return "the arguments and environment together are too long";
      default:
        return step_failed(start);
    }
  }

  static std::string step_failed(const NotStarted& start) {
    const auto subject = start.subject.empty() ? "" : concat(' ', in_quotes(start.subject));
    return concat(muster::describe(start.step), subject,
                  " failed: ", errno_words(start.error_number));
  }
};

struct KindWord {
  std::string_view operator()(const Exited&) const { return "exited"; }
  std::string_view operator()(const Signaled&) const { return "signaled"; }
  std::string_view operator()(const TimedOut&) const { return "timed_out"; }
  std::string_view operator()(const OutOfMemory&) const { return "out_of_memory"; }
  std::string_view operator()(const Cancelled&) const { return "cancelled"; }
  std::string_view operator()(const Denied&) const { return "denied"; }
  std::string_view operator()(const NotStarted&) const { return "not_started"; }
  std::string_view operator()(const Lost&) const { return "lost"; }
};

bool is_signal(std::uint64_t number) {
  return number >= 1 && number <= static_cast<std::uint64_t>(SIGRTMAX);
}

}  // namespace

bool succeeded(const Outcome& outcome) { return outcome == Outcome(Exited{0}); }

std::string_view kind_of(const Outcome& outcome) { return std::visit(KindWord{}, outcome); }

std::string describe(const Outcome& outcome) { return std::visit(Describer{}, outcome); }

std::string signal_name(int signal) {
  if (const char* name = sigabbrev_np(signal)) return concat("SIG", name);
  if (signal == SIGRTMIN) return "SIGRTMIN";
  if (signal > SIGRTMIN && signal <= SIGRTMAX) return concat("SIGRTMIN+", signal - SIGRTMIN);
  return concat("signal ", signal);
}

std::optional<int> parse_signal(std::string_view text) {
  if (const auto number = parse_number(text)) {
    if (!is_signal(*number)) return std::nullopt;
    return static_cast<int>(*number);
  }
  const auto name = text.starts_with("SIG") ? std::string(text) : concat("SIG", text);
  for (int signal = 1; signal <= SIGRTMAX; ++signal) {
    if (signal_name(signal) == name) return signal;
  }
  return std::nullopt;
}

std::string_view describe(StartStep step) {
  switch (step) {
    case StartStep::kFork:
      return "creating a process";
    case StartStep::kSandbox:
      return "setting up the sandbox";
    case StartStep::kSession:
      return "starting a session of its own";
    case StartStep::kTerminal:
      return "taking its terminal";
    case StartStep::kStreams:
      return "connecting its input and output";
    case StartStep::kNice:
      return "changing its niceness";
    case StartStep::kUmask:
      return "setting its umask";
    case StartStep::kLimits:
      return "setting the limit";
    case StartStep::kWorkdir:
      return "changing to the working directory";
    case StartStep::kExec:
      return "executing";
  }
  __builtin_unreachable();
}

std::string_view name_of(StartStep step) {
  switch (step) {
    case StartStep::kFork:
      return "fork";
    case StartStep::kSandbox:
      return "sandbox";
    case StartStep::kSession:
      return "session";
    case StartStep::kTerminal:
      return "terminal";
    case StartStep::kStreams:
      return "streams";
    case StartStep::kNice:
      return "nice";
    case StartStep::kUmask:
      return "umask";
    case StartStep::kLimits:
      return "limits";
    case StartStep::kWorkdir:
      return "workdir";
    case StartStep::kExec:
      return "exec";
  }
  __builtin_unreachable();
}

}  // namespace muster
