// SPDX-License-Identifier: Apache-2.0
// `muster doctor`: one check after the other, then what a sandbox can be made of here.
#include <sys/utsname.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "cli/apparmor.h"
#include "cli/build_info.h"
#include "cli/context.h"
#include "cli/doctor_report.h"
#include "cli/exit_code.h"
#include "cli/load_config.h"
#include "net/probe.h"
#include "net/trust_roots.h"
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

std::string path_of_this_binary() {
  std::error_code error;
  std::string path = std::filesystem::read_symlink("/proc/self/exe", error).string();
  // proc(5): so it ends once the file has been replaced.
  if (error || path.ends_with(" (deleted)")) {
    throw Error(ErrorCode::kUnavailable, "this binary has no path that a profile could name",
                "run the installed muster again");
  }
  return path;
}

}  // namespace

int doctor_command(const Context& context) {
  if (context.config.flag("apparmor-profile")) {
    context.streams.print(apparmor_profile(path_of_this_binary()));
    return 0;
  }
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

  const DoctorReport report{std::move(checks), context.services.host.capabilities()};
  const Streams& streams = context.streams;
  streams.print(config.flag("json")
                    ? concat(to_json(report), '\n')
                    : render_doctor(report, streams.out().columns, streams.out_painter()));
  return all_right(report) ? 0 : kExitFailed;
}

}  // namespace muster::cli
