// SPDX-License-Identifier: Apache-2.0
#include "config/secrets.h"

#include <algorithm>
#include <array>
#include <string>

namespace muster {

bool name_looks_secret(std::string_view name) {
  constexpr std::array<std::string_view, 4> kTelling{"TOKEN", "SECRET", "PASSWORD", "KEY"};
  std::string capitals(name);
  std::ranges::transform(capitals, capitals.begin(), [](char letter) {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  });
  return std::ranges::any_of(
      kTelling, [&](std::string_view word) { return capitals.find(word) != std::string::npos; });
}

bool holds_secret(const Setting& setting, std::string_view text) {
  if (setting.secret) return true;
  if (setting.name != "env") return false;
  const auto equals = text.find('=');
  return equals != std::string_view::npos && name_looks_secret(text.substr(0, equals));
}

}  // namespace muster
