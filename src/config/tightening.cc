// SPDX-License-Identifier: Apache-2.0
#include "config/tightening.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "base/bytes.h"
#include "base/decimal.h"
#include "base/duration.h"
#include "base/text.h"
#include "config/path_values.h"
#include "config/share.h"

namespace muster {
namespace {

// How much the value lets the command have; only values of one setting can be compared.
std::uint64_t room_of(const Setting& setting, std::string_view text) {
  switch (setting.type) {
    case SettingType::kInteger:
      return parse_number(text).value_or(0);
    case SettingType::kDecimal:
      return times(*take_decimal(text), 1'000'000).value_or(0);
    case SettingType::kSize:
    case SettingType::kShare:
      return parse_share(text).count;
    case SettingType::kDuration: {
      const Duration duration = parse_duration(text);
      // 0 is no limit.
      if (duration == Duration(0)) return std::numeric_limits<std::uint64_t>::max();
      return static_cast<std::uint64_t>(duration.count());
    }
    case SettingType::kFlag:
      return text == "true" ? 1 : 0;
    case SettingType::kWorkspace:
      switch (parse_workspace(text).first) {
        case WorkspaceMode::kNone:
          return 0;
        case WorkspaceMode::kReadOnly:
          return 1;
        case WorkspaceMode::kOverlay:
          return 2;
        case WorkspaceMode::kReadWrite:
          return 3;
      }
      return 3;
    case SettingType::kChoice:
      return text == "none" || text == "yes" ? 0 : 1;
    default:
      return 0;
  }
}

}  // namespace

std::string why_it_loosens(const Setting& setting, std::string_view text) {
  if (setting.name == "net" && text == "host") return "it opens the network";
  if (setting.name == "landlock" && text == "no") return "it takes a wall down";
  if (setting.name == "core" && parse_bytes(text) > Bytes{0}) return "it allows core dumps";
  if (setting.name == "workspace" && !parse_workspace(text).second.empty()) {
    return "it names the folder that the command sees";
  }
  if (setting.name == "sandbox") {
    for (const std::string_view name : split(text, ',')) {
      if (name != "strict" && name != "code") {
        return concat("only the presets strict and code tighten it, ", in_quotes(name),
                      " may open it");
      }
    }
  }
  return {};
}

bool is_tighter(const Setting& setting, std::string_view text, std::string_view other) {
  return room_of(setting, text) < room_of(setting, other);
}

}  // namespace muster
