// SPDX-License-Identifier: Apache-2.0
#include "cli/load_config.h"

#include <filesystem>
#include <system_error>

#include "cli/environment.h"

namespace muster::cli {

Getenv getenv_of(const Services& services) { return getenv_in(services.environment); }

ConfigPaths config_paths(const Services& services) {
  // A working directory that was deleted has no name; then there is no project file either.
  std::error_code error;
  const std::filesystem::path here = std::filesystem::current_path(error);
  return find_config_paths(getenv_of(services), error ? "" : here.string());
}

Config load_config(const CommandLine& line, const Services& services) {
  return Config::load(config_paths(services), getenv_of(services), line.flags,
                      services.environment);
}

}  // namespace muster::cli
