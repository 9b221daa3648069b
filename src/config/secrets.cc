// SPDX-License-Identifier: Apache-2.0
#include "config/secrets.h"

#include <algorithm>
#include <array>
#include <string>

namespace muster {

bool name_looks_secret(std::string_view name) {
  constexpr std::array<std::string_view, 14> kTelling{
      "TOKEN", "SECRET",  "PASSW",   "PASSPHRASE", "KEY",          "CREDENTIAL",        "COOKIE",
      "AWS_",  "PRIVATE", "WEBHOOK", "_DSN",       "DATABASE_URL", "CONNECTION_STRING", "XAUTH"};
  std::string capitals(name);
  std::ranges::transform(capitals, capitals.begin(), [](char letter) {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  });
  const bool tells = std::ranges::any_of(
      kTelling, [&](std::string_view word) { return capitals.find(word) != std::string::npos; });
  if (tells) return true;
  for (auto at = capitals.find("AUTH"); at != std::string::npos;
       at = capitals.find("AUTH", at + 1)) {
    const auto word = std::string_view(capitals).substr(at);
    // An author is no secret, an authorization is.
    if (!word.starts_with("AUTHOR") || word.starts_with("AUTHORIZ")) return true;
  }
  return false;
}

bool value_looks_secret(std::string_view value) {
  const auto slashes = value.find("://");
  if (slashes == std::string_view::npos) return false;
  const auto authority = value.substr(slashes + 3);
  return authority.substr(0, authority.find_first_of("/?#")).find('@') != std::string_view::npos;
}

bool holds_secret(const Setting& setting, std::string_view text) {
  if (setting.secret) return true;
  if (setting.name != "env") return false;
  const auto equals = text.find('=');
  return equals != std::string_view::npos && name_looks_secret(text.substr(0, equals));
}

}  // namespace muster
