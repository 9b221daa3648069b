// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace muster {

/// How a piece of text looks where colour is on.
enum class Style { kPlain, kBold, kDim, kRed, kGreen, kYellow, kBlue, kCyan };

/// Puts colour sequences around text, or nothing when colour is off.
class Painter {
 public:
  explicit Painter(bool colour) : colour_(colour) {}

  /// Escapes nothing: untrusted text goes through printable() first.
  std::string paint(Style style, std::string_view text) const;

 private:
  bool colour_;
};

}  // namespace muster
