// SPDX-License-Identifier: Apache-2.0

// Config files as users and strangers write them. The first byte picks the layer, the rest is the
// file. What is read holds values that their settings take, and in a project file nothing but
// harmless defaults for tasks; what is refused is an Error of one line that names the file.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "config/config.h"

namespace muster {

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_control(char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }

void check_entry(const FileEntry& entry, Layer layer, std::string_view text) {
  const auto lines = 1 + std::ranges::count(text, '\n');
  require(entry.line >= 1 && entry.line <= lines && entry.column >= 1);
  for (const std::string& value : entry.texts) check_value(*entry.setting, value);
  if (layer != Layer::kProjectFile) return;
  require(entry.setting->section == ConfigSection::kTask);
  require(entry.setting->in_project != InProject::kRefused && entry.profile.empty());
}

void read_one(std::string_view text, Layer layer) {
  ConfigFile file;
  try {
    file = parse_config(text, "c.toml", layer);
  } catch (const Error& error) {
    require(error.code() == ErrorCode::kInvalidArgument);
    require(error.message().starts_with("c.toml:"));
    require(std::ranges::none_of(error.message(), is_control));
    return;
  }
  for (const FileEntry& entry : file.entries) check_entry(entry, layer, text);
  require(layer != Layer::kProjectFile || file.profiles.empty());
}

}  // namespace

}  // namespace muster

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  muster::read_one(text, data[0] % 2 == 0 ? muster::Layer::kProjectFile : muster::Layer::kUserFile);
  return 0;
}
