// SPDX-License-Identifier: Apache-2.0
#include "wire/record.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include <boost/json.hpp>

#include "base/error.h"
#include "base/utf8.h"
#include "wire/json_text.h"
#include "wire/sandbox_json.h"

namespace muster {

namespace json = boost::json;

namespace {

json::value amount_or_null(const std::optional<Bytes>& amount) {
  return amount ? json::value(amount->count) : json::value();
}

template <typename Number>
json::value number_or_null(const std::optional<Number>& number) {
  return number ? json::value(*number) : json::value();
}

json::value seconds_or_null(const std::optional<Duration>& duration) {
  return duration ? json::value(to_seconds(*duration)) : json::value();
}

json::object ending_to_json(const Ending& ending) {
  if (const auto* exited = std::get_if<Exited>(&ending)) {
    return {{"kind", "exited"}, {"code", exited->code}};
  }
  const auto& signaled = std::get<Signaled>(ending);
  return {{"kind", "signaled"},
          {"signal", signaled.signal},
          {"signal_name", signal_name(signaled.signal)},
          {"core_dumped", signaled.core_dumped}};
}

struct OutcomeFields {
  json::object& object;

  void operator()(const Exited& exited) const { object["code"] = exited.code; }
  void operator()(const Signaled& signaled) const {
    object["signal"] = signaled.signal;
    object["signal_name"] = signal_name(signaled.signal);
    object["core_dumped"] = signaled.core_dumped;
  }
  void operator()(const TimedOut& timed_out) const {
    object["limit"] = to_seconds(timed_out.limit);
    object["cpu_time"] = timed_out.cpu_time;
    object["ending"] = ending_to_json(timed_out.ending);
  }
  void operator()(const OutOfMemory& out) const {
    object["limit"] = out.limit.count;
    object["peak"] = out.peak.count == 0 ? json::value() : json::value(out.peak.count);
  }
  void operator()(const Cancelled& cancelled) const {
    object["by"] = valid_utf8(cancelled.by);
    object["ending"] = ending_to_json(cancelled.ending);
  }
  void operator()(const Denied& denied) const {
    object["rule"] = valid_utf8(denied.rule);
    object["reason"] = valid_utf8(denied.reason);
  }
  void operator()(const NotStarted& not_started) const {
    object["step"] = name_of(not_started.step);
    object["errno"] = not_started.error_number;
    object["subject"] = valid_utf8(not_started.subject);
    object["remedy"] = valid_utf8(not_started.remedy);
  }
  void operator()(const Lost& lost) const { object["why"] = valid_utf8(lost.why); }
};

json::object outcome_to_json(const Outcome& outcome) {
  json::object object{{"kind", kind_of(outcome)}};
  std::visit(OutcomeFields{object}, outcome);
  object["words"] = valid_utf8(describe(outcome));
  return object;
}

json::object usage_to_json(const Usage& usage) {
  return {{"wall", to_seconds(usage.wall)},
          {"user", to_seconds(usage.user)},
          {"system", to_seconds(usage.system)},
          {"peak_memory", usage.peak_memory.count},
          {"peak_of_tree", usage.peak_of_tree},
          {"read", usage.read.count},
          {"written", usage.written.count},
          {"voluntary_switches", usage.voluntary_switches},
          {"involuntary_switches", usage.involuntary_switches},
          {"major_faults", usage.major_faults},
          {"throttled", seconds_or_null(usage.throttled)},
          {"oom_kills", number_or_null(usage.oom_kills)},
          {"peak_pids", number_or_null(usage.peak_pids)}};
}

json::object output_to_json(const OutputTotals& output) {
  return {{"out", amount_or_null(output.out)},
          {"err", amount_or_null(output.err)},
          {"cut", output.cut.count},
          {"unread", output.unread.count},
          {"error", output.error_number == 0 ? json::value()
                                             : json::value(errno_words(output.error_number))}};
}

json::object limits_to_json(const Limits& limits) {
  return {{"timeout", seconds_or_null(limits.timeout)},
          {"grace", to_seconds(limits.grace)},
          {"cpu_time", seconds_or_null(limits.cpu_time)},
          {"memory", amount_or_null(limits.memory)},
          {"cpus", number_or_null(limits.cpus)},
          {"pids", number_or_null(limits.pids)},
          {"disk", amount_or_null(limits.disk)},
          {"inodes", number_or_null(limits.inodes)},
          {"output", amount_or_null(limits.output)},
          {"open_files", number_or_null(limits.open_files)},
          {"core", amount_or_null(limits.core)},
          {"file_size", amount_or_null(limits.file_size)},
          {"stack", amount_or_null(limits.stack)}};
}

json::object spec_to_json(const Spec& spec) {
  json::object object{{"name", valid_utf8(spec.name)},
                      {"argv", texts_to_json(spec.argv)},
                      {"env", texts_to_json(spec.env_set)},
                      {"workdir", valid_utf8(spec.workdir)},
                      {"tty", spec.tty},
                      {"isolation", name_of(spec.sandbox.isolation)},
                      {"sandbox", sandbox_to_json(spec.sandbox)},
                      {"limits", limits_to_json(spec.limits)}};
  const auto is_exact = [](const std::string& text) { return valid_utf8(text) == text; };
  object["argv_exact"] = std::all_of(spec.argv.begin(), spec.argv.end(), is_exact);
  object["umask"] = spec.umask ? json::value(*spec.umask) : json::value();
  object["nice"] = spec.nice ? json::value(*spec.nice) : json::value();
  object["stdin"] = spec.stdin_source == StdinSource::kNull ? "null" : "inherit";
  object["retry"] = json::object{{"attempts", spec.retry.attempts},
                                 {"backoff", format_backoff(spec.retry.backoff)},
                                 {"retry_on", format_retry_on(spec.retry.retry_on)}};
  return object;
}

json::object attempt_to_json(const Attempt& attempt) {
  return {{"attempt", attempt.number},
          {"started_at", format_rfc3339(attempt.started)},
          {"ended_at", format_rfc3339(attempt.ended)},
          {"outcome", outcome_to_json(attempt.outcome)},
          {"usage", usage_to_json(attempt.usage)},
          {"output", output_to_json(attempt.output)},
          {"survivors", attempt.survivors},
          {"enforced", enforced_to_json(attempt.enforced)},
          {"changes", attempt.changes ? changes_to_json(*attempt.changes) : json::value()},
          {"timings", timings_to_json(attempt.timings)}};
}

}  // namespace

std::string_view state_of(const Record& record) {
  const Outcome& outcome = record.attempts.back().outcome;
  if (succeeded(outcome)) return "succeeded";
  return std::holds_alternative<Cancelled>(outcome) ? "cancelled" : "failed";
}

std::string record_to_json(const Record& record, int exit_code) {
  json::array attempts;
  for (const Attempt& attempt : record.attempts) attempts.push_back(attempt_to_json(attempt));
  const Attempt& last = record.attempts.back();
  const json::object object{{"schema", "muster.task/1"},
                            {"state", state_of(record)},
                            {"exit_code", exit_code},
                            {"outcome", outcome_to_json(last.outcome)},
                            {"usage", usage_to_json(last.usage)},
                            {"spec", spec_to_json(record.spec)},
                            {"attempts", std::move(attempts)}};
  return json_text(object);
}

}  // namespace muster
