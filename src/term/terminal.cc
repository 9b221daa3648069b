// SPDX-License-Identifier: Apache-2.0
#include "term/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/text.h"

namespace muster {
namespace {

constexpr int kColumnsWhenUnknown = 80;

std::string_view environment(const Getenv& getenv, const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

bool term_is_dumb(const Getenv& getenv) {
  const std::string_view term = environment(getenv, "TERM");
  return term.empty() || term == "dumb";
}

int columns_of(int descriptor, const Getenv& getenv) {
  winsize window{};
  if (ioctl(descriptor, TIOCGWINSZ, &window) == 0 && window.ws_col > 0) return window.ws_col;
  const auto columns = parse_number(environment(getenv, "COLUMNS"));
  if (!columns || *columns == 0) return kColumnsWhenUnknown;
  return static_cast<int>(std::min<std::uint64_t>(*columns, kUnlimitedColumns));
}

/// The precedence of setlocale(3): the first variable that is not empty names the locale.
bool locale_is_utf8(const Getenv& getenv) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string locale(environment(getenv, name));
    if (locale.empty()) continue;
    for (char& letter : locale) {
      if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return false;
}

bool is_in_ci(const Getenv& getenv) {
  const auto says_yes = [&getenv](const char* name) {
    const std::string_view value = environment(getenv, name);
    return !value.empty() && value != "false";
  };
  return says_yes("CI") || says_yes("GITHUB_ACTIONS");
}

}  // namespace

TerminalFacts facts_of(int descriptor, const Getenv& getenv) {
  TerminalFacts facts;
  facts.is_terminal = isatty(descriptor) == 1;
  facts.can_overprint = facts.is_terminal && !term_is_dumb(getenv);
  if (facts.is_terminal) facts.columns = columns_of(descriptor, getenv);
  facts.is_utf8 = locale_is_utf8(getenv);
  facts.in_ci = is_in_ci(getenv);
  return facts;
}

ColorChoice parse_color_choice(std::string_view text) {
  if (text == "auto") return ColorChoice::kAuto;
  if (text == "always") return ColorChoice::kAlways;
  if (text == "never") return ColorChoice::kNever;
  throw Error(ErrorCode::kInvalidArgument,
              concat("expected auto, always or never, not ", in_quotes(text)));
}

bool wants_colour(ColorChoice choice, const TerminalFacts& facts, const Getenv& getenv) {
  if (choice != ColorChoice::kAuto) return choice == ColorChoice::kAlways;
  if (!environment(getenv, "NO_COLOR").empty()) return false;
  const std::string_view force = environment(getenv, "CLICOLOR_FORCE");
  if (!force.empty() && force != "0") return true;
  if (term_is_dumb(getenv)) return false;
  return facts.is_terminal;
}

}  // namespace muster
