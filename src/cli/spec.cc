// SPDX-License-Identifier: Apache-2.0
#include "cli/spec.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace muster::cli {

namespace {

// The environment of the command while it is put together; a later value of a name replaces.
class EnvironmentBuilder {
 public:
  explicit EnvironmentBuilder(const char* const* caller) : caller_(caller) {}

  void copy_caller() {
    for (const char* const* entry = caller_; *entry != nullptr; ++entry) put(*entry);
  }

  // NAME=VALUE sets; NAME alone passes the caller's value on, if there is one.
  void set(std::string_view text, std::string_view place) {
    const std::string_view name = text.substr(0, text.find('='));
    if (name.empty() || text.find('\0') != std::string_view::npos) {
      throw Error(ErrorCode::kInvalidArgument, concat(place, ": this is not NAME=VALUE or NAME"));
    }
    if (name.find_first_of(" \t") != std::string_view::npos) {
      throw Error(ErrorCode::kInvalidArgument,
                  concat(place, ": ", in_quotes(name.substr(0, 40)), " is not a variable name"),
                  name.starts_with("export ") ? "leave out the word export" : "");
    }
    names_.emplace_back(name);
    if (name.size() < text.size()) {
      put(text);
      return;
    }
    for (const char* const* entry = caller_; *entry != nullptr; ++entry) {
      if (is_named(*entry, name)) put(*entry);
    }
  }

  void set_from_file(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
      throw Error(ErrorCode::kNotFound,
                  concat("--env-file: ", in_quotes(path), " cannot be read: ", errno_words(errno)));
    }
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
      const std::string_view text = trim(line);
      if (text.empty() || text.front() == '#') continue;
      set(text, concat(path, ':', number));
    }
    if (file.bad()) {
      throw Error(ErrorCode::kIo, concat("--env-file: reading ", in_quotes(path), " failed"),
                  "check that it is a regular file");
    }
  }

  std::vector<std::string> take_entries() { return std::move(entries_); }
  std::vector<std::string> take_names() {
    std::sort(names_.begin(), names_.end());
    names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
    return std::move(names_);
  }

 private:
  static bool is_named(std::string_view entry, std::string_view name) {
    return entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=';
  }

  void put(std::string_view entry) {
    const std::string_view name = entry.substr(0, entry.find('='));
    for (std::string& known : entries_) {
      if (!is_named(known, name)) continue;
      known = entry;
      return;
    }
    entries_.emplace_back(entry);
  }

  const char* const* caller_;
  std::vector<std::string> entries_;
  std::vector<std::string> names_;
};

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

}  // namespace

Spec make_spec(const Config& config, const std::vector<std::string>& arguments,
               const char* const* environment) {
  EnvironmentBuilder builder(environment);
  if (!config.flag("clear-env")) builder.copy_caller();
  for (const std::string& path : config.texts("env-file")) builder.set_from_file(path);
  for (const std::string& entry : config.texts("env")) builder.set(entry, "--env");

  Spec spec;
  spec.name = config.optional_text("name").value_or("");
  spec.argv = make_argv(config, arguments);
  spec.environment = builder.take_entries();
  spec.env_set = builder.take_names();
  spec.workdir = config.optional_text("workdir").value_or("");
  if (const auto umask = config.optional_text("umask")) {
    spec.umask = static_cast<mode_t>(std::stoul(*umask, nullptr, 8));
  }
  if (const auto nice = config.integer("nice")) spec.nice = static_cast<int>(*nice);
  if (config.flag("no-stdin")) spec.stdin_source = StdinSource::kNull;
  spec.tty = config.flag("tty");
  spec.limits = make_limits(config);
  spec.retry = make_retry(config);
  return spec;
}

}  // namespace muster::cli
