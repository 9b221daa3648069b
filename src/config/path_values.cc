// SPDX-License-Identifier: Apache-2.0
#include "config/path_values.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace muster {
namespace {

constexpr std::array<std::pair<std::string_view, WorkspaceMode>, 4> kModes{{
    {"rw", WorkspaceMode::kReadWrite},
    {"ro", WorkspaceMode::kReadOnly},
    {"overlay", WorkspaceMode::kOverlay},
    {"none", WorkspaceMode::kNone},
}};

bool starts_at_home(std::string_view path) { return path == "~" || path.starts_with("~/"); }

std::string home_of(std::string_view text, const Getenv& getenv) {
  const char* home = getenv("HOME");
  if (home == nullptr || *home == '\0') {
    throw Error(ErrorCode::kInvalidArgument,
                concat(in_quotes(text), " cannot be resolved, because HOME is not set"));
  }
  return home;
}

std::string absolute(std::string_view text, const std::string& folder, const Getenv& getenv) {
  if (starts_at_home(text)) return concat(home_of(text, getenv), text.substr(1));
  std::string whole = (std::filesystem::path(folder) / text).lexically_normal().string();
  if (whole.size() > 1 && whole.ends_with('/')) whole.pop_back();
  return whole;
}

// A colon or a backslash of the path does not separate.
std::string escaped(std::string_view path) {
  std::string out;
  for (const char letter : path) {
    if (letter == ':' || letter == '\\') out += '\\';
    out += letter;
  }
  return out;
}

// Where the first part of `text` ends: at a colon that no backslash stands before.
std::size_t end_of_part(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && text[at] != ':') at += text[at] == '\\' ? 2 : 1;
  return std::min(at, text.size());
}

// The path at the front of `text`, which is written with backslashes, made absolute in place.
std::string with_absolute_front(std::string_view text, const std::string& folder,
                                const Getenv& getenv) {
  if (text.empty() || text.front() == '/' || text.front() == ':') return std::string(text);
  if (starts_at_home(text.substr(0, end_of_part(text)))) {
    return concat(escaped(home_of(text.substr(0, end_of_part(text)), getenv)), text.substr(1));
  }
  return concat(escaped(folder), folder.ends_with('/') ? "" : "/", text);
}

std::string absolute_bind(std::string_view text, const std::string& folder, const Getenv& getenv) {
  const auto [rest, optional] = take_optional_mark(text);
  std::string out = optional ? "?" : "";
  std::string_view paths = rest;
  if (paths.starts_with("ro:") || paths.starts_with("rw:")) {
    out += paths.substr(0, 3);
    paths.remove_prefix(3);
  }
  const std::size_t end = end_of_part(paths);
  out += with_absolute_front(paths.substr(0, end), folder, getenv);
  if (end == paths.size()) return out;
  // Where something stands inside has no folder to be relative to; only the home is known there.
  const std::string_view target = paths.substr(end + 1);
  const bool at_home = starts_at_home(target.substr(0, end_of_part(target)));
  return concat(out, ':',
                at_home ? with_absolute_front(target, folder, getenv) : std::string(target));
}

std::string absolute_tmpfs(std::string_view text, const Getenv& getenv) {
  const auto [rest, optional] = take_optional_mark(text);
  const bool at_home = starts_at_home(rest.substr(0, end_of_part(rest)));
  return concat(optional ? "?" : "",
                at_home ? with_absolute_front(rest, "/", getenv) : std::string(rest));
}

}  // namespace

std::pair<std::string_view, bool> take_optional_mark(std::string_view text) {
  const bool optional = text.starts_with('?');
  return {text.substr(optional ? 1 : 0), optional};
}

std::pair<WorkspaceMode, std::string> parse_workspace(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view word = text.substr(0, colon);
  const auto mode = std::ranges::find(kModes, word, &decltype(kModes)::value_type::first);
  if (mode == kModes.end()) {
    std::vector<std::string> words;
    for (const auto& each : kModes) words.emplace_back(each.first);
    const auto close = nearest(word, words);
    const bool is_path = word.find('/') != std::string_view::npos;
    throw Error(ErrorCode::kInvalidArgument,
                concat(in_quotes(word), " is not one of ", join(words, ", "),
                       close ? concat("; did you mean ", *close, "?") : ""),
                is_path ? concat("write the mode in front: rw:", word) : "");
  }
  if (colon == std::string_view::npos) return {mode->second, ""};
  const std::string_view directory = text.substr(colon + 1);
  if (directory.empty() || mode->second == WorkspaceMode::kNone) {
    throw Error(ErrorCode::kInvalidArgument,
                concat(in_quotes(text), directory.empty() ? " names no directory behind the colon"
                                                          : ": none takes no directory"));
  }
  return {mode->second, std::string(directory)};
}

std::string with_absolute_paths(const Setting& setting, std::string_view text,
                                const std::string& folder, const Getenv& getenv) {
  switch (setting.type) {
    case SettingType::kPath:
      return absolute(text, folder, getenv);
    case SettingType::kBind:
      return absolute_bind(text, folder, getenv);
    case SettingType::kTmpfs:
      return absolute_tmpfs(text, getenv);
    case SettingType::kWorkspace: {
      const auto [mode, directory] = parse_workspace(text);
      if (directory.empty()) return std::string(text);
      return concat(text.substr(0, text.find(':') + 1), absolute(directory, folder, getenv));
    }
    default:
      return std::string(text);
  }
}

}  // namespace muster
