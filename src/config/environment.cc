// SPDX-License-Identifier: Apache-2.0
#include "config/environment.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "config/setting.h"

namespace muster {
namespace {

constexpr std::string_view kPrefix = "MUSTER_";

// Read by the tests, which turn skips into failures when it is set.
constexpr std::string_view kTestsMustWork = "MUSTER_TESTS_MUST_WORK";

// The variables of the settings without their common prefix, which would make any two look alike.
std::vector<std::string> setting_variables() {
  std::vector<std::string> names;
  for (const Setting& setting : all_settings()) {
    if (!setting.env.empty()) names.emplace_back(setting.env.substr(kPrefix.size()));
  }
  return names;
}

}  // namespace

std::vector<std::string> unknown_variables(const char* const* environment,
                                           const std::set<std::string>& known) {
  const auto names = setting_variables();
  std::vector<std::string> warnings;
  for (; *environment; ++environment) {
    const std::string_view variable = *environment;
    const auto equals = variable.find('=');
    if (!variable.starts_with(kPrefix) || equals >= variable.size() - 1) continue;
    const std::string full(variable.substr(0, equals));
    const std::string name = full.substr(std::min(kPrefix.size(), full.size()));
    const bool is_known = full == kTestsMustWork || known.contains(full) ||
                          std::ranges::find(names, name) != names.end();
    if (is_known) continue;
    const auto close = nearest(name, names);
    warnings.push_back(concat("the environment variable ", in_quotes(full),
                              " is not one that muster knows",
                              close ? concat("; did you mean ", kPrefix, *close, "?") : ""));
  }
  return warnings;
}

}  // namespace muster
