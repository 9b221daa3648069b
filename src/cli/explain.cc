// SPDX-License-Identifier: Apache-2.0
#include "cli/explain.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "cli/wrapped_table.h"

namespace muster::cli {

namespace {

std::string render_steps(const Explanation& explanation, int width, const Painter& painter) {
  WrappedTable table({{.title = "#", .align = Align::kRight},
                      {.title = "STEP", .style = Style::kCyan},
                      {.title = "WHAT AND WHY"}});
  std::size_t number = 0;
  for (const ExplainedStep& step : explanation.steps) {
    const std::string why = step.reason.empty() ? "" : concat(" (", step.reason, ')');
    table.add_row({{concat(++number)}, {step.name}, {concat(step.detail, why)}});
  }
  return table.render(width, painter);
}

std::string render_enforced(const Enforced& enforced, int width, const Painter& painter) {
  WrappedTable table({{.title = "WOULD HOLD"}, {.title = "HOW"}});
  const auto add = [&](std::string what, std::string_view how) {
    if (!how.empty()) table.add_row({{std::move(what)}, {std::string(how)}});
  };
  add("isolation", name_of(enforced.isolation));
  add("namespaces", enforced.namespaces.empty() ? "none" : join(enforced.namespaces, ", "));
  add("identity", enforced.identity);
  add("seccomp", enforced.seccomp ? "yes" : "no");
  add("landlock", enforced.landlock_abi == 0 ? "no" : concat("ABI ", enforced.landlock_abi));
  add("memory", name_of(enforced.memory));
  add("cpus", name_of(enforced.cpus));
  add("pids", name_of(enforced.pids));
  add("cpu time", name_of(enforced.cpu_time));
  for (const std::string& sentence : enforced.missing) {
    table.add_row({{"missing", Style::kYellow}, {sentence}});
  }
  return table.render(width, painter);
}

// 1234567 ns is "1234.5".
std::string microseconds(Duration duration) {
  const auto tenths = std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count() / 100;
  return concat(tenths / 10, '.', tenths % 10);
}

}  // namespace

std::string render_explanation(const Explanation& explanation, int width, const Painter& painter) {
  return concat(render_steps(explanation, width, painter), '\n',
                render_enforced(explanation.enforced, width, painter));
}

std::string render_timings(std::span<const StepTiming> timings, int width, const Painter& painter) {
  if (timings.empty()) return {};
  const auto longest = std::max_element(
      timings.begin(), timings.end(),
      [](const StepTiming& a, const StepTiming& b) { return a.elapsed < b.elapsed; });
  WrappedTable table(
      {{.title = "STEP"}, {.title = "MICROSECONDS", .align = Align::kRight}, {.title = ""}});
  Duration total{};
  for (const StepTiming& timing : timings) {
    total += timing.elapsed;
    const bool mark = &timing == &*longest;
    table.add_row({{timing.step}, {microseconds(timing.elapsed)}, {mark ? "longest" : ""}});
  }
  table.add_row({{"total", Style::kBold}, {microseconds(total), Style::kBold}, {""}});
  return table.render(width, painter);
}

}  // namespace muster::cli
