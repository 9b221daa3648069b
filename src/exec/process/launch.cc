// SPDX-License-Identifier: Apache-2.0
#include "exec/process/launch.h"

#include <chrono>
#include <string_view>

#include "base/text.h"

namespace muster::process {

namespace {

// What a shell searches when PATH is not set: bash's own default on Debian.
constexpr std::string_view kDefaultPath =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// execve(2) takes pointers to char it promises not to write to.
std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

std::string_view path_of(const std::vector<std::string>& environment) {
  constexpr std::string_view kName = "PATH=";
  for (const std::string& entry : environment) {
    if (entry.starts_with(kName)) return std::string_view(entry).substr(kName.size());
  }
  return kDefaultPath;
}

std::string_view name_of_limit(int resource) {
  switch (resource) {
    case RLIMIT_NOFILE:
      return "open-files";
    case RLIMIT_CORE:
      return "core";
    case RLIMIT_FSIZE:
      return "file-size";
    case RLIMIT_DATA:
      return "memory";
    case RLIMIT_NPROC:
      return "pids";
    case RLIMIT_CPU:
      return "cpu-time";
    default:
      return "stack";
  }
}

}  // namespace

timespec to_timespec(Duration duration) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
  timespec out{};
  out.tv_sec = seconds.count();
  out.tv_nsec = (duration - seconds).count();
  return out;
}

PreparedLaunch::PreparedLaunch(const Spec& spec, const sigset_t& inherited_mask) : spec_(spec) {
  argv_ = pointers_to(spec.argv);
  environment_ = pointers_to(spec.environment);
  find_candidates();
  add_limits_of_spec();
  plan_.argv = argv_.data();
  plan_.environment = environment_.data();
  plan_.candidates = candidates_.data();
  plan_.workdir = spec.workdir.empty() ? nullptr : spec.workdir.c_str();
  plan_.limits = limits_.data();
  plan_.limit_count = limits_.size();
  plan_.has_umask = spec.umask.has_value();
  plan_.umask = spec.umask.value_or(0);
  plan_.has_nice = spec.nice.has_value();
  plan_.nice = spec.nice.value_or(0);
  plan_.signal_mask = inherited_mask;
  plan_.grace = to_timespec(spec.limits.grace);
}

// The search of execvp(3), done before the fork: a name with a slash is a path, any other is looked
// for in the PATH the command itself will see.
void PreparedLaunch::find_candidates() {
  const std::string& command = spec_.argv.front();
  if (command.find('/') != std::string::npos || command.empty()) {
    candidate_paths_.push_back(command);
  } else {
    for (const std::string_view folder : split(path_of(spec_.environment), ':')) {
      candidate_paths_.push_back(concat(folder.empty() ? "." : folder, '/', command));
    }
  }
  for (const std::string& path : candidate_paths_) candidates_.push_back(path.c_str());
  candidates_.push_back(nullptr);
}

void PreparedLaunch::add_limits(const std::vector<ResourceLimit>& extra) {
  limits_.insert(limits_.end(), extra.begin(), extra.end());
  plan_.limits = limits_.data();
  plan_.limit_count = limits_.size();
}

void PreparedLaunch::add_limits_of_spec() {
  const Limits& limits = spec_.limits;
  if (limits.open_files) limits_.push_back({RLIMIT_NOFILE, *limits.open_files});
  if (limits.core) limits_.push_back({RLIMIT_CORE, limits.core->count});
  if (limits.file_size) limits_.push_back({RLIMIT_FSIZE, limits.file_size->count});
  if (limits.stack) limits_.push_back({RLIMIT_STACK, limits.stack->count});
}

std::string PreparedLaunch::subject(const StartFailure& failure) const {
  switch (failure.step) {
    case StartStep::kWorkdir:
      return spec_.workdir;
    case StartStep::kExec:
      return failure.found ? candidate_paths_.at(failure.index) : spec_.argv.front();
    case StartStep::kLimits:
      return std::string(name_of_limit(limits_.at(failure.index).resource));
    default:
      return {};
  }
}

}  // namespace muster::process
