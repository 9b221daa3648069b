// SPDX-License-Identifier: Apache-2.0
#include "cli/load_config.h"

#include <filesystem>
#include <string_view>
#include <system_error>

namespace muster::cli {

Getenv getenv_of(const Services& services) {
  return [environment = services.environment](const char* name) -> const char* {
    const std::string_view wanted = name;
    for (const char* const* entry = environment; *entry != nullptr; ++entry) {
      const std::string_view text = *entry;
      if (text.size() > wanted.size() && text.starts_with(wanted) && text[wanted.size()] == '=') {
        return *entry + wanted.size() + 1;
      }
    }
    return nullptr;
  };
}

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
