// SPDX-License-Identifier: Apache-2.0
#include "term/style.h"

#include "base/text.h"

namespace muster {
namespace {

/// The parameter of "select graphic rendition" (ECMA-48, 8.3.117).
std::string_view rendition_of(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kBold:
      return "1";
    case Style::kDim:
      return "2";
    case Style::kRed:
      return "31";
    case Style::kGreen:
      return "32";
    case Style::kYellow:
      return "33";
    case Style::kBlue:
      return "34";
    case Style::kCyan:
      return "36";
  }
  return "";
}

}  // namespace

std::string Painter::paint(Style style, std::string_view text) const {
  const std::string_view rendition = rendition_of(style);
  if (!colour_ || rendition.empty() || text.empty()) return std::string(text);
  return concat("\x1b[", rendition, 'm', text, "\x1b[0m");
}

}  // namespace muster
