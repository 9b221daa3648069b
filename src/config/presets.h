// SPDX-License-Identifier: Apache-2.0
#pragma once

// Named sets of sandbox settings and limits: those that muster brings along, and the sections
// [sandbox.NAME] of config files.

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace muster {

/// One value of a preset, as it was typed.
struct PresetValue {
  const Setting* setting = nullptr;
  std::vector<std::string> texts;
  std::string folder;  ///< what relative paths in `texts` are below
  std::string place;   ///< where it stands, "/etc/muster/config.toml:3:1"; empty when built in
};

using Presets = std::map<std::string, std::vector<PresetValue>, std::less<>>;

/// The names of the presets that need no section, sorted.
std::span<const std::string_view> builtin_presets();

/// Every preset there is, by name. One that several files have takes the keys of all, those of
/// later files winning.
Presets collect_presets(std::span<const ConfigFile> files);

}  // namespace muster
