// SPDX-License-Identifier: Apache-2.0
#include "config/edit.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/error.h"
#include "base/file_replacement.h"
#include "base/text.h"
#include "config/config.h"
#include "config/file_text.h"
#include "config/toml_scan.h"

namespace muster {
namespace {

// Where the bytes are, behind symbolic links; also where the last of them leads to nothing yet.
std::string follow_links(std::string path) {
  namespace fs = std::filesystem;
  constexpr int kMostLinks = 40;  // as path_resolution(7)
  for (int followed = 0; followed < kMostLinks; ++followed) {
    std::error_code failure;
    const fs::path target = fs::read_symlink(path, failure);
    if (failure) return path;
    path = (fs::path(path).parent_path() / target).string();
  }
  throw Error::from_errno(ELOOP, concat("opening ", path));
}

// Makes the folder and those above it for the user alone, as the XDG Base Directory Specification
// asks for a missing config folder.
void make_folder(const std::filesystem::path& folder) {
  std::error_code failure;
  if (folder.empty() || std::filesystem::exists(folder, failure)) return;
  make_folder(folder.parent_path());
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    throw Error::from_errno(errno, concat("making the folder ", folder.string()));
  }
}

FileText read_or_new(const std::string& path) {
  try {
    return read_regular_file(path);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
    return {"", 0600};
  }
}

// Where a first line can be put: behind a comment that heads the file, which an empty line ends.
std::size_t behind_head(std::string_view text) {
  std::size_t at = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  const std::size_t start = at;
  while (at < text.size() && text[at] == '#') {
    at = std::min(text.find('\n', at), text.size() - 1) + 1;
  }
  const auto line = text.substr(at, text.substr(at).find('\n') + 1);
  return at > start && !line.empty() && trim(line).empty() ? at + line.size() : start;
}

std::string with_profile(const std::string& text, const std::string& name) {
  const std::string value = concat("\"", name, "\"");
  const std::size_t mark = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  std::string changed = text;
  if (const auto found = find_profile_statement(std::string_view(text).substr(mark))) {
    changed.replace(mark + found->value_begin, found->value_end - found->value_begin, value);
  } else {
    const bool carriage_returns = text.find("\r\n") != std::string::npos;
    changed.insert(behind_head(text),
                   concat("profile = ", value, carriage_returns ? "\r\n" : "\n"));
  }
  return changed;
}

// Everything the file says but its active profile.
std::vector<FileEntry> other_entries(const ConfigFile& file) {
  std::vector<FileEntry> others = file.entries;
  std::erase_if(others, [](const FileEntry& entry) { return entry.setting->name == "profile"; });
  return others;
}

bool says_the_same(const FileEntry& a, const FileEntry& b) {
  return a.setting == b.setting && a.profile == b.profile && a.preset == b.preset &&
         a.texts == b.texts;
}

// Guards the promise that nothing else changes against a file whose layout was misread.
void check_edit(const ConfigFile& before, const ConfigFile& after, const std::string& name) {
  const bool others_stay =
      std::ranges::equal(other_entries(before), other_entries(after), says_the_same);
  const bool is_set = std::ranges::any_of(after.entries, [&](const FileEntry& entry) {
    return entry.setting->name == "profile" && entry.texts.front() == name;
  });
  if (others_stay && is_set) return;
  throw Error(ErrorCode::kInvalidArgument,
              concat(before.path, ": the active profile is written in a way that cannot be edited"),
              concat("write this line at the top of the file: profile = \"", name, "\""));
}

}  // namespace

void set_active_profile(const std::string& path, const std::string& name) {
  check_value(setting("profile"), name);
  const std::string target = follow_links(path);
  const FileText old = read_or_new(target);
  const ConfigFile before = parse_config(old.text, path, Layer::kUserFile);
  const std::string text = with_profile(old.text, name);
  check_edit(before, parse_config(text, path, Layer::kUserFile), name);
  if (text == old.text) return;
  make_folder(std::filesystem::path(target).parent_path());
  FileReplacement(target, old.mode).finish(text);
}

}  // namespace muster
