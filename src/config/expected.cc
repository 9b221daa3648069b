// SPDX-License-Identifier: Apache-2.0
#include "config/expected.h"

#include <vector>

#include "base/text.h"

namespace muster {

std::string expected_in_file(const Setting& setting) {
  if (setting.repeatable) return concat("an array such as [\"", setting.example, "\"]");
  const auto such_as = [&](std::string_view what) {
    return setting.example.empty() ? std::string(what)
                                   : concat(what, " such as \"", setting.example, "\"");
  };
  switch (setting.type) {
    case SettingType::kFlag:
      return "true or false";
    case SettingType::kInteger:
      return concat("a whole number from ", setting.minimum, " to ", setting.maximum);
    case SettingType::kDecimal:
      return concat("a number from 0.01 to ", setting.maximum);
    case SettingType::kDuration:
      return such_as("a duration");
    case SettingType::kSize:
    case SettingType::kShare:
      return such_as("a size");
    case SettingType::kChoice: {
      const std::vector<std::string> choices(setting.choices.begin(), setting.choices.end());
      return concat("one of \"", join(choices, "\", \""), "\"");
    }
    case SettingType::kOctal:
      return such_as("an octal mode in quotes");
    case SettingType::kPath:
      return such_as("a path");
    default:
      return such_as("a string");
  }
}

}  // namespace muster
