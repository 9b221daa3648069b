// SPDX-License-Identifier: Apache-2.0
#include "config/config.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "config/environment.h"
#include "config/layers.h"
#include "config/secrets.h"
#include "config/share.h"

namespace muster {
namespace {

constexpr std::string_view kEveryonesProfile = "local";

// Whoever may write to a folder above the working directory could otherwise choose the environment
// of commands that run as somebody else: a file in /tmp, or a user's file when root runs muster.
std::optional<std::string> distrust(const std::string& path) {
  struct stat about{};
  if (stat(path.c_str(), &about) != 0 || about.st_uid == geteuid() || about.st_uid == 0) return {};
  return concat(path, " is ignored: it belongs to another user (uid ", about.st_uid,
                "); to accept it: chown ", geteuid(), " ", shell_quote(path));
}

std::vector<ConfigFile> read_files(const ConfigPaths& paths) {
  const std::pair<const std::string&, Layer> all[] = {{paths.system, Layer::kSystemFile},
                                                      {paths.user, Layer::kUserFile},
                                                      {paths.project, Layer::kProjectFile}};
  std::vector<ConfigFile> files;
  for (const auto& [path, layer] : all) {
    // To find out by an exception takes longer than all the rest of reading no file.
    if (path.empty() || (access(path.c_str(), F_OK) != 0 && errno == ENOENT)) continue;
    try {
      files.push_back(read_config_file(path, layer));
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kNotFound) throw;
    }
  }
  return files;
}

std::vector<std::string> profiles_of(std::span<const ConfigFile> files) {
  std::set<std::string> names{std::string(kEveryonesProfile)};
  for (const ConfigFile& file : files) names.insert(file.profiles.begin(), file.profiles.end());
  return {names.begin(), names.end()};
}

// What profiles take their token from is not a misspelled setting.
std::set<std::string> token_variables(std::span<const ConfigFile> files) {
  std::set<std::string> names;
  for (const ConfigFile& file : files) {
    for (const FileEntry& entry : file.entries) {
      if (entry.setting->name == "token-env") names.insert(entry.texts.front());
    }
  }
  return names;
}

Error unknown_profile(const std::string& name, const Origin& origin,
                      std::span<const std::string> known) {
  const auto close = nearest(name, known);
  return {ErrorCode::kNotFound,
          concat(describe(origin), ": there is no profile ", in_quotes(name),
                 close ? concat("; did you mean ", in_quotes(*close), "?")
                       : concat("; known: ", join(known, ", "))),
          "muster config profiles"};
}

}  // namespace

std::string place_of(const ConfigFile& file, const FileEntry& entry) {
  return concat(file.path, ":", entry.line, ":", entry.column);
}

Config Config::load(const ConfigPaths& paths, const Getenv& getenv, const FlagValues& flags,
                    const char* const* environment) {
  Config config;
  ConfigPaths trusted = paths;
  if (auto warning = distrust(paths.project)) {
    config.warnings_.push_back(std::move(*warning));
    trusted.project.clear();
  }
  const auto files = read_files(trusted);
  config.profiles_ = profiles_of(files);
  config.choose_profile(files, getenv, flags);
  for (const ConfigFile& file : files) {
    config.files_.push_back(file.path);
    config.warnings_.insert(config.warnings_.end(), file.warnings.begin(), file.warnings.end());
  }
  config.values_ = lay_over_each_other(
      {.files = files, .profile = config.profile_, .getenv = getenv, .flags = flags});
  config.values_["profile"] = {{config.profile_}, config.profile_origin_};
  if (environment) {
    auto unknown = unknown_variables(environment, token_variables(files));
    std::ranges::move(unknown, std::back_inserter(config.warnings_));
  }
  return config;
}

void Config::choose_profile(std::span<const ConfigFile> files, const Getenv& getenv,
                            const FlagValues& flags) {
  const Setting& named = setting("profile");
  const auto choose = [&](const std::string& name, Origin origin) {
    profile_ = name;
    profile_origin_ = std::move(origin);
  };
  for (const ConfigFile& file : files) {
    for (const FileEntry& entry : file.entries) {
      if (entry.setting != &named) continue;
      choose(entry.texts.front(), {file.layer, place_of(file, entry)});
    }
  }
  if (const char* name = value_of_variable(getenv, named.env)) {
    check_at(named.env, named, name);
    choose(name, {Layer::kEnvironment, std::string(named.env)});
  }
  if (const auto flag = flags.find(named.name); flag != flags.end() && !flag->second.empty()) {
    check_flag("--profile", named, flag->second.back());
    choose(flag->second.back(), {Layer::kFlag, "--profile"});
  }
  if (std::ranges::find(profiles_, profile_) == profiles_.end()) {
    throw unknown_profile(profile_, profile_origin_, profiles_);
  }
}

const Value* Config::find(std::string_view name) const {
  const auto found = values_.find(setting(name).name);
  return found == values_.end() ? nullptr : &found->second;
}

bool Config::flag(std::string_view name) const { return optional_text(name) == "true"; }

std::string Config::text(std::string_view name) const {
  if (auto text = optional_text(name)) return std::move(*text);
  std::fprintf(stderr, "muster: %s:%d: setting '%.*s' has no value\n", __FILE__, __LINE__,
               static_cast<int>(name.size()), name.data());
  std::abort();
}

std::optional<std::string> Config::optional_text(std::string_view name) const {
  const Value* value = find(name);
  if (!value || value->texts.empty()) return std::nullopt;
  return value->texts.back();
}

std::vector<std::string> Config::texts(std::string_view name) const {
  const Value* value = find(name);
  return value ? value->texts : std::vector<std::string>();
}

std::optional<long> Config::integer(std::string_view name) const {
  const auto text = optional_text(name);
  if (!text) return std::nullopt;
  long number = 0;
  const int base = setting(name).type == SettingType::kOctal ? 8 : 10;
  std::from_chars(text->data(), text->data() + text->size(), number, base);
  return number;
}

std::optional<Duration> Config::duration(std::string_view name) const {
  const auto text = optional_text(name);
  return text ? std::optional(parse_duration(*text)) : std::nullopt;
}

std::optional<Bytes> Config::bytes(std::string_view name) const {
  const auto text = optional_text(name);
  return text ? std::optional(parse_share(*text)) : std::nullopt;
}

std::optional<double> Config::decimal(std::string_view name) const {
  const auto text = optional_text(name);
  if (!text) return std::nullopt;
  double number = 0;
  std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

std::vector<std::string> shown_texts(const Setting& setting, const Value& value) {
  std::vector<std::string> parts;
  for (const std::string& text : value.texts) {
    if (!holds_secret(setting, text)) {
      parts.push_back(text);
    } else if (setting.secret) {
      parts.emplace_back(kMask);
    } else {
      parts.push_back(concat(text.substr(0, text.find('=') + 1), kMask));
    }
  }
  return parts;
}

std::string shown(const Setting& setting, const Value& value) {
  return join(shown_texts(setting, value), ", ");
}

std::string describe(const Origin& origin) {
  if (!origin.preset.empty()) {
    return concat("preset ", origin.preset, " (", describe(Origin{origin.layer, origin.place}),
                  ")");
  }
  switch (origin.layer) {
    case Layer::kDefault:
      return "default";
    case Layer::kEnvironment:
      return concat("environment ", origin.place);
    case Layer::kFlag:
      return concat("flag ", origin.place);
    default:
      return origin.place;
  }
}

}  // namespace muster
