// SPDX-License-Identifier: Apache-2.0
#include "cli/environment.h"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>

#include "base/error.h"
#include "base/text.h"
#include "config/secrets.h"

namespace muster::cli {

namespace {

// How programs find others, speak and draw; whether they run in CI; what makes builds repeatable.
constexpr std::array<std::string_view, 13> kPassedToSandbox{
    "PATH",     "LANG",           "LANGUAGE",    "LC_*", "TERM", "COLORTERM",        "NO_COLOR",
    "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "TZ",   "CI",   "SOURCE_DATE_EPOCH"};

bool is_named(std::string_view entry, std::string_view name) {
  return entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=';
}

bool is_pattern(std::string_view text) { return text.find('*') != std::string_view::npos; }

// Whether `pass` lets the variable through.
bool passes_on(const std::string& pass, const std::string& name, std::string_view value) {
  if (!is_pattern(pass)) return name == pass;
  if (name_looks_secret(name) || value_looks_secret(value)) return false;
  return fnmatch(pass.c_str(), name.c_str(), FNM_NOESCAPE) == 0;
}

}  // namespace

Getenv getenv_in(const char* const* environment) {
  return [environment](const char* name) -> const char* {
    const std::string_view wanted = name;
    for (const char* const* entry = environment; *entry != nullptr; ++entry) {
      if (is_named(*entry, wanted)) return *entry + wanted.size() + 1;
    }
    return nullptr;
  };
}

void EnvironmentBuilder::copy_caller() {
  for (const char* const* entry = caller_; *entry != nullptr; ++entry) put_entry(*entry);
}

void EnvironmentBuilder::copy_into_sandbox(std::span<const std::string> passes) {
  std::vector<std::string> all(kPassedToSandbox.begin(), kPassedToSandbox.end());
  all.insert(all.end(), passes.begin(), passes.end());
  for (const char* const* entry = caller_; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    const std::string name(text.substr(0, equals));
    const std::string_view value = text.substr(equals + 1);
    const bool passed = std::ranges::any_of(
        all, [&](const std::string& pass) { return passes_on(pass, name, value); });
    if (passed) put_entry(text);
  }
}

void EnvironmentBuilder::put(std::string_view name, std::string_view value) {
  put_entry(concat(name, '=', value));
}

bool EnvironmentBuilder::has(std::string_view name) const {
  return std::ranges::any_of(entries_,
                             [&](const std::string& entry) { return is_named(entry, name); });
}

void EnvironmentBuilder::set(std::string_view text, std::string_view place) {
  const std::string_view name = text.substr(0, text.find('='));
  if (name.empty() || text.find('\0') != std::string_view::npos) {
    throw Error(ErrorCode::kInvalidArgument, concat(place, ": this is not NAME=VALUE or NAME"));
  }
  if (name.find_first_of(" \t") != std::string_view::npos) {
    throw Error(ErrorCode::kInvalidArgument,
                concat(place, ": ", in_quotes(name.substr(0, 40)), " is not a variable name"),
                name.starts_with("export ") ? "leave out the word export" : "");
  }
  names_.emplace_back(name);
  if (name.size() < text.size()) {
    put_entry(text);
    return;
  }
  for (const char* const* entry = caller_; *entry != nullptr; ++entry) {
    if (is_named(*entry, name)) put_entry(*entry);
  }
}

void EnvironmentBuilder::set_from_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    throw Error(ErrorCode::kNotFound,
                concat("--env-file: ", in_quotes(path), " cannot be read: ", errno_words(errno)));
  }
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const std::string_view text = trim(line);
    if (text.empty() || text.front() == '#') continue;
    set(text, concat(path, ':', number));
  }
  if (file.bad()) {
    throw Error(ErrorCode::kIo, concat("--env-file: reading ", in_quotes(path), " failed"),
                "check that it is a regular file");
  }
}

std::vector<std::string> EnvironmentBuilder::take_names() {
  std::sort(names_.begin(), names_.end());
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
  return std::move(names_);
}

void EnvironmentBuilder::put_entry(std::string_view entry) {
  const std::string_view name = entry.substr(0, entry.find('='));
  for (std::string& known : entries_) {
    if (!is_named(known, name)) continue;
    known = entry;
    return;
  }
  entries_.emplace_back(entry);
}

}  // namespace muster::cli
