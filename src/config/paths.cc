// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include "base/text.h"
#include "config/config.h"

namespace muster {
namespace {

constexpr std::string_view kProjectFile = ".muster.toml";

// A relative XDG_CONFIG_HOME is invalid and must be ignored (XDG Base Directory Specification 0.8).
std::string user_file(const Getenv& getenv) {
  const char* config_home = getenv("XDG_CONFIG_HOME");
  if (config_home && *config_home == '/') return concat(config_home, "/muster/config.toml");
  const char* home = getenv("HOME");
  if (home && *home == '/') return concat(home, "/.config/muster/config.toml");
  return {};
}

std::string project_file(std::string folder) {
  while (!folder.empty() && folder.front() == '/') {
    while (folder.ends_with('/')) folder.pop_back();
    std::string candidate = concat(folder, "/", kProjectFile);
    struct stat status{};
    if (stat(candidate.c_str(), &status) == 0) return candidate;
    folder.resize(folder.empty() ? 0 : folder.rfind('/') + 1);
  }
  return {};
}

}  // namespace

ConfigPaths find_config_paths(const Getenv& getenv, const std::string& working_directory) {
  return {"/etc/muster/config.toml", user_file(getenv), project_file(working_directory)};
}

}  // namespace muster
