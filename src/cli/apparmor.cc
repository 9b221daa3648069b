// SPDX-License-Identifier: Apache-2.0
#include "cli/apparmor.h"

#include "base/text.h"

namespace muster::cli {

namespace {

// In quotes blanks are part of a path; what is a pattern or would end the quotes is escaped.
std::string quoted_path(std::string_view path) {
  constexpr std::string_view kSpecial = "\\\"*?[]{}^@";
  std::string out = "\"";
  for (const char letter : path) {
    if (kSpecial.find(letter) != std::string_view::npos) out += '\\';
    out += letter;
  }
  return out + '"';
}

}  // namespace

std::string apparmor_profile(std::string_view binary) {
  return concat(
      "# Lets muster make the user namespaces that its sandboxes consist of.\n"
      "abi <abi/4.0>,\n"
      "include <tunables/global>\n"
      "\n"
      "profile muster ",
      quoted_path(binary),
      " flags=(unconfined) {\n"
      "  userns,\n"
      "\n"
      "  include if exists <local/muster>\n"
      "}\n");
}

}  // namespace muster::cli
