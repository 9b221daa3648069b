// SPDX-License-Identifier: Apache-2.0
// `muster doctor`: one check after the other, each a row with what to do about it.
#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "cli/build_info.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/load_config.h"
#include "net/probe.h"
#include "net/trust_roots.h"
#include "term/table.h"
#include "wire/reports.h"

namespace muster::cli {

namespace {

constexpr std::chrono::seconds kProbeTime{10};

CheckReport check_binary() {
  const VersionReport& build = build_info();
  return {"binary", true, concat("muster ", build.version, ", ", build.build), ""};
}

CheckReport check_kernel() {
  utsname name{};
  uname(&name);
  return {"kernel", true, concat(name.sysname, ' ', name.release, ' ', name.machine), ""};
}

// The settings in force; or, when they cannot be read, a failed check and the flags alone.
struct LoadedConfig {
  Config config;
  std::optional<CheckReport> failure;
};

LoadedConfig load_for_check(const Context& context) {
  try {
    return {load_config(context.line, context.services), std::nullopt};
  } catch (const Error& error) {
    return {context.config, CheckReport{"config", false, error.message(), error.next()}};
  }
}

CheckReport check_config(const Config& config) {
  if (!config.warnings().empty()) {
    return {"config", false, join(config.warnings(), "; "), "mend it, then: muster config check"};
  }
  const std::string files =
      config.files().empty() ? "no file; defaults" : join(config.files(), ", ");
  return {"config", true, concat(files, "; profile ", config.profile()), ""};
}

CheckReport check_roots(const std::optional<TrustRoots>& roots, const std::optional<Error>& error) {
  if (roots) {
    return {"tls roots", true, concat(roots->certificates, " certificates in ", roots->path), ""};
  }
  return {"tls roots", false, error->message(), error->next()};
}

std::string remedy_for(const ProbeStep& step) {
  if (step.ok) return {};
  if (step.name == "resolve") return "check the name, /etc/hosts and /etc/resolv.conf";
  if (step.name == "connect") return "check that the server runs and that no firewall is between";
  return "check the server's certificate, or name its root with --ca FILE";
}

void add_probe(const std::string& text, const TrustRoots* roots, std::vector<CheckReport>& checks) {
  const ProbeTarget target = parse_target(text);
  for (const ProbeStep& step :
       probe(target, roots, std::chrono::steady_clock::now() + kProbeTime)) {
    checks.push_back({concat(step.name, ' ', target.host), step.ok,
                      concat(step.detail, " (", format_elapsed(step.elapsed), ')'),
                      remedy_for(step)});
  }
}

std::string render(const std::vector<CheckReport>& checks, const Streams& streams) {
  Table table({{.title = "CHECK"}, {.title = "STATE"}, {.title = "DETAIL", .may_shrink = true}});
  std::string remedies;
  for (const CheckReport& check : checks) {
    const Style style = check.ok ? Style::kGreen : Style::kRed;
    table.add_row({{check.name}, {check.ok ? "ok" : "failed", style}, {check.detail}});
    if (!check.remedy.empty()) remedies += concat("next, ", check.name, ": ", check.remedy, '\n');
  }
  return table.render(streams.out().columns, streams.out_painter()) + remedies;
}

}  // namespace

int doctor_command(const Context& context) {
  const auto [config, failure] = load_for_check(context);
  std::vector<CheckReport> checks = {check_binary(), check_kernel(),
                                     failure ? *failure : check_config(config)};
  std::optional<TrustRoots> roots;
  std::optional<Error> no_roots;
  try {
    roots = load_trust_roots(config.optional_text("ca").value_or(""), getenv_of(context.services));
  } catch (const Error& error) {
    no_roots = error;
  }
  checks.push_back(check_roots(roots, no_roots));
  auto target = config.optional_text("check-host");
  if (!target) target = config.optional_text("server");
  if (target) add_probe(*target, roots ? &*roots : nullptr, checks);

  const bool all_right =
      std::all_of(checks.begin(), checks.end(), [](const CheckReport& check) { return check.ok; });
  context.streams.print(config.flag("json") ? concat(to_json(checks), '\n')
                                            : render(checks, context.streams));
  return all_right ? 0 : kExitFailed;
}

}  // namespace muster::cli
