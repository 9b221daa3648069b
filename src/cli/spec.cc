// SPDX-License-Identifier: Apache-2.0
#include "cli/spec.h"

#include <optional>
#include <string_view>

#include "cli/environment.h"
#include "cli/sandbox_spec.h"

namespace muster::cli {

namespace {

constexpr std::string_view kUsualPath =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::vector<std::string> make_argv(const Config& config,
                                   const std::vector<std::string>& arguments) {
  const std::optional<std::string> line = config.optional_text("command");
  if (!line) return arguments;
  std::vector<std::string> argv = {"/bin/sh", "-c", *line};
  // sh(1): the first word after the string is $0, the others are $1, $2, ...
  if (!arguments.empty()) argv.emplace_back("sh");
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return argv;
}

std::optional<std::uint64_t> optional_count(std::optional<long> number) {
  if (!number) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

Limits make_limits(const Config& config) {
  Limits limits;
  limits.timeout = config.duration("timeout");
  if (limits.timeout == Duration(0)) limits.timeout.reset();
  limits.grace = config.duration("grace").value_or(limits.grace);
  limits.output = config.bytes("output-limit");
  limits.open_files = optional_count(config.integer("open-files"));
  limits.core = config.bytes("core");
  limits.file_size = config.bytes("file-size");
  limits.stack = config.bytes("stack");
  return limits;
}

RetryPolicy make_retry(const Config& config) {
  RetryPolicy retry;
  retry.attempts = static_cast<int>(config.integer("attempts").value_or(1));
  retry.backoff = parse_backoff(config.text("backoff"));
  if (const auto rules = config.optional_text("retry-on")) retry.retry_on = parse_retry_on(*rules);
  return retry;
}

// What a command in a sandbox knows of where and who it is.
void move_in(EnvironmentBuilder& builder, const Config& config, const Spec& spec) {
  builder.copy_into_sandbox(config.texts("env-pass"));
  if (!builder.has("PATH")) builder.put("PATH", kUsualPath);
  const std::string_view user = spec.sandbox.map_root ? "root" : "user";
  builder.put("HOME", spec.sandbox.home);
  builder.put("USER", user);
  builder.put("LOGNAME", user);
  builder.put("SHELL", "/bin/sh");
  builder.put("PWD", spec.workdir);
}

}  // namespace

Spec make_spec(const Config& config, const std::vector<std::string>& arguments,
               const char* const* environment) {
  Spec spec;
  spec.limits = make_limits(config);
  spec.workdir = config.optional_text("workdir").value_or("");
  spec.sandbox.isolation = isolation_of(config);
  EnvironmentBuilder builder(environment);
  if (spec.sandbox.isolation == Isolation::kNone) {
    if (!config.flag("clear-env")) builder.copy_caller();
  } else {
    spec.sandbox = make_sandbox(config, surroundings_of(environment), spec.workdir);
    add_confining_limits(config, spec.limits);
    if (!config.flag("clear-env")) move_in(builder, config, spec);
  }
  for (const std::string& path : config.texts("env-file")) builder.set_from_file(path);
  for (const std::string& entry : config.texts("env")) builder.set(entry, "--env");

  spec.name = config.optional_text("name").value_or("");
  spec.argv = make_argv(config, arguments);
  spec.environment = builder.take_entries();
  spec.env_set = builder.take_names();
  if (const auto umask = config.optional_text("umask")) {
    spec.umask = static_cast<mode_t>(std::stoul(*umask, nullptr, 8));
  }
  if (const auto nice = config.integer("nice")) spec.nice = static_cast<int>(*nice);
  if (config.flag("no-stdin")) spec.stdin_source = StdinSource::kNull;
  spec.tty = config.flag("tty");
  spec.retry = make_retry(config);
  return spec;
}

}  // namespace muster::cli
