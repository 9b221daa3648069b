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
#include "cli/explain.h"
#include "cli/record_file.h"
#include "cli/run_report.h"
#include "cli/sandbox_spec.h"
#include "cli/signal_orders.h"
#include "cli/spec.h"
#include "exec/descriptor_sink.h"
#include "exec/stamped_sink.h"
#include "wire/explanation.h"
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
  refuse_what_nobody_enforces(config);
}

class Run {
 public:
  Run(const Context& context, Spec spec, std::optional<RecordFile>& record_file)
      : config_(context.config),
        streams_(context.streams),
        executor_(context.services.executor),
        record_{std::move(spec), {}},
        report_(config_, streams_, record_.spec),
        record_file_(record_file),
        orders_([] { return std::chrono::steady_clock::now(); }) {}

  int finish() {
    tell_what_will_be_missing();
    attempt_all();
    const Attempt& last = record_.attempts.back();
    const bool delivered = last.output.error_number == 0 && published(record_.spec, last);
    const int code =
        delivered ? exit_code(last.outcome, config_.flag("preserve-status")) : kExitMuster;
    report_.tell_end(last);
    if (!config_.flag("json") && !record_file_) return code;
    const std::string json = record_to_json(record_, code);
    if (config_.flag("json")) streams_.say_raw(json);
    return write_record(json) || code != 0 ? code : kExitMuster;
  }

 private:
  // Before the command runs, which may take long: whoever asked for best effort may want to stop.
  void tell_what_will_be_missing() {
    if (record_.spec.sandbox.isolation != Isolation::kBestEffort || !report_.talks()) return;
    try {
      report_.tell_missing(executor_.explain(record_.spec).enforced.missing);
    } catch (const Error&) {
      // What stands in the way of every start is the outcome of the attempt, and is told there.
    }
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
      report_.tell_missing(attempt.enforced.missing);
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
    if (wait_for_next_attempt(pause, what, streams_, report_.talks(), orders_)) return true;
    if (report_.talks()) {
      streams_.say(concat("no further attempt: ", signal_name(orders_.end_asked().value_or(SIGINT)),
                          " came while waiting for it"));
    }
    return false;
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
  RunReport report_;
  std::optional<RecordFile>& record_file_;
  SignalOrders orders_;
};

int explain(const Context& context, const Spec& spec) {
  if (context.config.is_set("record")) {
    throw Error(ErrorCode::kUsage, "--explain runs nothing, so --record has nothing to write",
                "leave one of them out, or measure a run with --timings");
  }
  const Explanation plan = context.services.executor.explain(spec);
  const Streams& streams = context.streams;
  streams.print(context.config.flag("json")
                    ? concat(to_json(plan), '\n')
                    : render_explanation(plan, streams.out().columns, streams.out_painter()));
  return 0;
}

}  // namespace

int run_command(const Context& context) {
  const Config& config = context.config;
  refuse_what_cannot_be_kept(config);
  // Before signals are taken for orders: to open a fifo may take for ever, and must end then.
  Spec spec = make_spec(config, context.line.arguments, context.services.environment);
  if (config.flag("explain") && !config.flag("timings")) return explain(context, spec);
  std::optional<RecordFile> record_file;
  if (const auto path = config.optional_text("record")) record_file.emplace(*path);
  return Run(context, std::move(spec), record_file).finish();
}

}  // namespace muster::cli
