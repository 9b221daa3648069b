// SPDX-License-Identifier: Apache-2.0
// `muster run`: flags -> spec -> executor -> outcome -> exit code.
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "cli/backoff_wait.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/record_file.h"
#include "cli/signal_orders.h"
#include "cli/spec.h"
#include "exec/descriptor_sink.h"
#include "exec/stamped_sink.h"
#include "wire/record.h"

namespace muster::cli {

namespace {

// What this configuration asks for and this command cannot keep is refused, never left out.
void refuse_what_cannot_be_kept(const Config& config) {
  if (const auto server = config.optional_text("server")) {
    throw Error(ErrorCode::kUnavailable,
                concat("profile ", in_quotes(config.profile()), " points at the server ", *server,
                       ", and this version runs commands on this host only"),
                "muster --profile local run ...");
  }
  if (const Value* memory = config.find("memory")) {
    throw Error(ErrorCode::kUnavailable,
                concat("memory ", memory->texts.front(), " (", describe(memory->origin),
                       ") cannot be enforced with --isolation none"),
                "remove that setting, or use a profile without it: muster --profile NAME run ...");
  }
}

class Run {
 public:
  Run(const Context& context, Spec spec, std::optional<RecordFile>& record_file)
      : config_(context.config),
        streams_(context.streams),
        executor_(context.services.executor),
        record_{std::move(spec), {}},
        record_file_(record_file),
        orders_([] { return std::chrono::steady_clock::now(); }) {}

  int finish() {
    tell_isolation();
    attempt_all();
    const Outcome& outcome = record_.attempts.back().outcome;
    const bool delivered = record_.attempts.back().output.error_number == 0;
    const int code = delivered ? exit_code(outcome, config_.flag("preserve-status")) : kExitMuster;
    tell_end(outcome);
    const std::string json = record_to_json(record_, code);
    if (config_.flag("json")) streams_.say_raw(json);
    return write_record(json) || code != 0 ? code : kExitMuster;
  }

 private:
  bool talks() const { return !config_.flag("quiet"); }

  void tell_isolation() const {
    const Value* isolation = config_.find("isolation");
    const bool chosen = isolation != nullptr && isolation->origin.layer != Layer::kDefault;
    if (!talks() || chosen) return;
    streams_.say(
        "not isolated: a plain process of this host (--isolation none silences this line)");
  }

  void attempt_all() {
    const bool stamps = config_.flag("timestamps");
    const bool relays = stamps || record_.spec.limits.output || record_.spec.tty;
    DescriptorSink plain(STDOUT_FILENO, STDERR_FILENO, relays);
    StampedSink stamped(plain, [] { return std::chrono::system_clock::now(); });
    Sink& sink = stamps ? static_cast<Sink&>(stamped) : plain;
    for (int number = 1;; ++number) {
      Attempt attempt = executor_.execute(record_.spec, sink, orders_);
      attempt.number = number;
      record_.attempts.push_back(std::move(attempt));
      if (!goes_on(number)) return;
    }
  }

  // Waits for the time of the next attempt; false when there is none.
  bool goes_on(int number) {
    const RetryPolicy& retry = record_.spec.retry;
    const Outcome& outcome = record_.attempts.back().outcome;
    const bool undelivered = record_.attempts.back().output.error_number != 0;
    if (orders_.end_asked() || undelivered || !should_retry(retry, number, outcome)) return false;
    std::random_device random;
    std::uniform_real_distribution<double> fraction(0.0, 1.0);
    const Duration pause = pause_before_next(retry.backoff, number, fraction(random));
    const std::string what =
        concat("attempt ", number, " of ", retry.attempts, ' ', describe(outcome));
    if (wait_for_next_attempt(pause, what, streams_, talks(), orders_)) return true;
    if (talks()) {
      streams_.say(concat("no further attempt: ", signal_name(orders_.end_asked().value_or(SIGINT)),
                          " came while waiting for it"));
    }
    return false;
  }

  std::string subject() const {
    return record_.spec.name.empty() ? record_.spec.argv.front() : record_.spec.name;
  }

  void tell_end(const Outcome& outcome) const {
    const Attempt& last = record_.attempts.back();
    if (last.survivors > 0) {
      streams_.say(concat(last.survivors, " processes of ", in_quotes(subject()),
                          " could not be killed; they belong to another user"));
    }
    const auto* not_started = std::get_if<NotStarted>(&outcome);
    if (not_started != nullptr && !config_.flag("json")) {
      streams_.complain({ErrorCode::kUnavailable, describe(outcome), advice(*not_started)});
    }
    if (last.output.error_number != 0) {
      streams_.complain({ErrorCode::kIo,
                         concat("writing the output: ", errno_words(last.output.error_number)),
                         "make room where stdout and stderr lead, and run it again"});
    }
    if (!talks()) return;
    if (last.output.cut.count > 0) {
      streams_.say(concat("output limit: ", last.output.cut.count, " bytes (",
                          format_bytes_rounded(last.output.cut),
                          ") between the head and the tail were cut"));
    }
    if (last.output.unread.count > 0) {
      streams_.say(
          concat(last.output.unread.count, " bytes of output were given up: nobody read them"));
    }
    if (config_.flag("json") || not_started != nullptr || succeeded(outcome)) return;
    // The reader had enough, as in `muster run ... | head`: not worth a word.
    const auto* signaled = std::get_if<Signaled>(&outcome);
    if (signaled != nullptr && signaled->signal == SIGPIPE) return;
    streams_.say(concat(in_quotes(subject()), ' ', describe(outcome)));
  }

  std::string advice(const NotStarted& failure) const {
    const std::string& command = record_.spec.argv.front();
    if (failure.step == StartStep::kWorkdir) return "check --workdir, or make the folder";
    if (failure.step == StartStep::kFork) return "end other processes, or raise `ulimit -u`";
    if (failure.step == StartStep::kNice) return "only root may ask for a --nice below 0";
    if (failure.step == StartStep::kLimits) return "ask for no more than `ulimit -Ha` allows";
    if (failure.step != StartStep::kExec) return {};
    if (!failure.found && command.find(' ') != std::string::npos) {
      return concat("to let a shell split the line: muster run -c ", shell_quote(command));
    }
    if (failure.error_number == ENOEXEC) return concat("muster run -- sh ", shell_quote(command));
    if (failure.error_number == EACCES) return concat("chmod +x ", shell_quote(failure.subject));
    return {};
  }

  // The command has run; a record that cannot be written must not hide how it ended.
  bool write_record(const std::string& json) {
    if (!record_file_) return true;
    try {
      record_file_->finish(json + '\n');
      return true;
    } catch (const Error& error) {
      streams_.complain(error);
      return false;
    }
  }

  const Config& config_;
  const Streams& streams_;
  Executor& executor_;
  Record record_;
  std::optional<RecordFile>& record_file_;
  SignalOrders orders_;
};

}  // namespace

int run_command(const Context& context) {
  refuse_what_cannot_be_kept(context.config);
  // Before signals are taken for orders: to open a fifo may take for ever, and must end then.
  Spec spec = make_spec(context.config, context.line.arguments, context.services.environment);
  std::optional<RecordFile> record_file;
  if (const auto path = context.config.optional_text("record")) record_file.emplace(*path);
  return Run(context, std::move(spec), record_file).finish();
}

}  // namespace muster::cli
