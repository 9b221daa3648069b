// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor_report.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "cli/wrapped_table.h"
#include "exec/host.h"
#include "term/table.h"
#include "term/width.h"

namespace muster::cli {

namespace {

Style style_of(Capability::State state) {
  switch (state) {
    case Capability::State::kYes:
      return Style::kGreen;
    case Capability::State::kPartly:
      return Style::kYellow;
    case Capability::State::kNo:
      return Style::kRed;
  }
  __builtin_unreachable();
}

std::string next_line(std::string_view name, std::string_view remedy) {
  if (remedy.empty()) return {};
  return concat("next, ", printable(name), ": ", printable(remedy), '\n');
}

std::string render_checks(const DoctorReport& report, int width, const Painter& painter) {
  Table table({{.title = "CHECK"}, {.title = "STATE"}, {.title = "DETAIL", .may_shrink = true}});
  for (const CheckReport& check : report.checks) {
    const Style style = check.ok ? Style::kGreen : Style::kRed;
    table.add_row({{check.name}, {check.ok ? "ok" : "failed", style}, {check.detail}});
  }
  return table.render(width, painter);
}

std::string render_capabilities(const DoctorReport& report, int width, const Painter& painter) {
  // Nothing is cut as a table would: why something is missing is what doctor is asked for.
  WrappedTable table({{.title = "SANDBOX"}, {.title = "STATE"}, {.title = "DETAIL"}});
  for (const Capability& capability : report.capabilities) {
    const std::string so =
        capability.consequence.empty() ? "" : concat("; so ", capability.consequence);
    table.add_row({{capability.name},
                   {std::string(name_of(capability.state)), style_of(capability.state)},
                   {concat(capability.detail, so)}});
  }
  return table.empty() ? "" : concat('\n', table.render(width, painter));
}

}  // namespace

bool all_right(const DoctorReport& report) {
  const auto impossible = [](const Capability& capability) {
    return capability.name == kSandboxCapability && capability.state == Capability::State::kNo;
  };
  return std::all_of(report.checks.begin(), report.checks.end(),
                     [](const CheckReport& check) { return check.ok; }) &&
         std::none_of(report.capabilities.begin(), report.capabilities.end(), impossible);
}

std::string render_doctor(const DoctorReport& report, int width, const Painter& painter) {
  std::string out =
      concat(render_checks(report, width, painter), render_capabilities(report, width, painter));
  std::string remedies;
  for (const CheckReport& check : report.checks) remedies += next_line(check.name, check.remedy);
  for (const Capability& capability : report.capabilities) {
    remedies += next_line(capability.name, capability.remedy);
  }
  const bool apart = !report.capabilities.empty() && !remedies.empty();
  return concat(out, apart ? "\n" : "", remedies);
}

}  // namespace muster::cli
