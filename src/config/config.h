// SPDX-License-Identifier: Apache-2.0
#pragma once

// The settings in force, each with where it came from. Layers, later ones winning: defaults, the
// system file, the user's file, the project's file, the environment, flags. Within one file the
// section [profile.NAME.task] of the active profile wins over [task]. A stronger layer replaces a
// value; only the flags of a repeatable setting come behind what the config has. The presets that
// `sandbox` names stand right below the section, variable or flag that names them; their lists add
// to what is given otherwise. A project's file can lower limits and never raise them.

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/duration.h"
#include "base/getenv.h"
#include "config/setting.h"

namespace muster {

/// Who set a value, from weakest to strongest.
enum class Layer { kDefault, kSystemFile, kUserFile, kProjectFile, kEnvironment, kFlag };

/// Where a value came from.
struct Origin {
  Layer layer = Layer::kDefault;
  std::string place;  ///< "/etc/muster/config.toml:3:1", "MUSTER_TIMEOUT", "--timeout"
  // Whoever makes one without a preset need not say so.
  // NOLINTNEXTLINE(readability-redundant-member-init)
  std::string preset = {};  ///< which preset has the value; `place` named it; mostly empty
};

/// The value of one setting as it was typed; several for a repeatable one; "true" or "false" for a
/// flag. A path from a file is made absolute: ~/ is the home, others start at the file's folder.
struct Value {
  std::vector<std::string> texts;
  Origin origin;
  std::size_t from_presets = 0;  ///< of a list: how many texts at its front presets put there
};

/// One key of a config file.
struct FileEntry {
  std::string profile;  ///< the NAME of [profile.NAME...]; empty outside of profiles
  std::string preset;   ///< the NAME of [sandbox.NAME]; empty outside of presets
  const Setting* setting = nullptr;
  std::vector<std::string> texts;
  int line = 0;    ///< from 1
  int column = 0;  ///< from 1
};

/// A config file that was read and found right.
struct ConfigFile {
  std::string path;
  Layer layer = Layer::kUserFile;
  std::vector<FileEntry> entries;
  std::vector<std::string> profiles;  ///< names of the [profile.NAME] sections, in file order
  std::vector<std::string> presets;   ///< names of the [sandbox.NAME] sections, in file order
  std::vector<std::string> warnings;  ///< such as: it holds secrets and others can read it
};

/// Where the entry stands: "/etc/muster/config.toml:3:1".
std::string place_of(const ConfigFile& file, const FileEntry& entry);

/// Reads one config file. Throws Error: kNotFound when there is none, kIo when it cannot be read,
/// kInvalidArgument with "path:line:column: ..." for a syntax error, an unknown key (naming the
/// nearest known one), a wrong type (saying what was expected) or a key its layer may not set.
ConfigFile read_config_file(const std::string& path, Layer layer);

/// The same on text already in memory; `path` is only named in errors.
ConfigFile parse_config(std::string_view text, const std::string& path, Layer layer);

/// Where config files are looked for.
struct ConfigPaths {
  std::string system;   ///< /etc/muster/config.toml
  std::string user;     ///< $XDG_CONFIG_HOME/muster/config.toml, or below ~/.config; empty: no home
  std::string project;  ///< the nearest .muster.toml from the working directory up; empty: none
};

ConfigPaths find_config_paths(const Getenv& getenv, const std::string& working_directory);

/// What the flags of the command line say, by setting name.
using FlagValues = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Values by the name of their setting.
using Values = std::map<std::string, Value, std::less<>>;

/// The settings in force. Immutable once made.
class Config {
 public:
  /// Reads the files that exist and lays the layers over each other. Throws Error as
  /// read_config_file does, and for a bad value in the environment or on the command line, and
  /// kNotFound for an active profile or preset that does not exist (naming the known ones). A
  /// variable that is set but empty counts as unset. `environment`, as environ(7), is only searched
  /// for MUSTER_ names that no setting has, which give warnings; nullptr skips that.
  static Config load(const ConfigPaths& paths, const Getenv& getenv, const FlagValues& flags,
                     const char* const* environment = nullptr);

  /// The name of the active profile; "local" when nothing names one.
  const std::string& profile() const { return profile_; }
  const Origin& profile_origin() const { return profile_origin_; }
  /// Every profile that can be named, sorted; "local" always is one.
  const std::vector<std::string>& profiles() const { return profiles_; }
  const std::vector<std::string>& warnings() const { return warnings_; }
  /// The files that were read, weakest first.
  const std::vector<std::string>& files() const { return files_; }

  /// The value of the setting, or nullptr when it has none, not even a default. The name must be
  /// one of settings.cc.
  const Value* find(std::string_view name) const;

  bool is_set(std::string_view name) const { return find(name) != nullptr; }
  /// The typed value; the setting must have one (a default counts). kFlag: false when unset.
  bool flag(std::string_view name) const;
  std::string text(std::string_view name) const;
  std::optional<std::string> optional_text(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  std::optional<long> integer(std::string_view name) const;
  std::optional<Duration> duration(std::string_view name) const;
  std::optional<Bytes> bytes(std::string_view name) const;  ///< a share is of this machine's memory
  std::optional<double> decimal(std::string_view name) const;

 private:
  void choose_profile(std::span<const ConfigFile> files, const Getenv& getenv,
                      const FlagValues& flags);

  std::string profile_ = "local";
  Origin profile_origin_;
  std::vector<std::string> profiles_;
  std::vector<std::string> warnings_;
  std::vector<std::string> files_;
  Values values_;
};

/// The texts of the value as they may be shown: a secret becomes "********".
std::vector<std::string> shown_texts(const Setting& setting, const Value& value);
/// The same as one text, with commas between.
std::string shown(const Setting& setting, const Value& value);

/// "default", "/etc/muster/config.toml:3:1", "environment MUSTER_TIMEOUT", "flag --timeout",
/// "preset code (flag --sandbox)".
std::string describe(const Origin& origin);

}  // namespace muster
