// SPDX-License-Identifier: Apache-2.0
#pragma once

// One thing a user can set, declared once. From the list of settings come the flags, both helps,
// the config keys, the environment names, the man pages and the completions. Data only; static.

#include <span>
#include <string>
#include <string_view>

namespace muster {

/// What a value looks like and how it is read.
enum class SettingType {
  kFlag,  ///< true or false; on the command line present or absent
  kText,
  kInteger,   ///< a whole number between `minimum` and `maximum`
  kDecimal,   ///< a number from 0.01 to `maximum`, perhaps with a fraction
  kDuration,  ///< base/duration.h
  kSize,      ///< base/bytes.h; at least `minimum` bytes
  kShare,     ///< a size, or a percentage of this machine's memory: `80%`
  kChoice,    ///< one of `choices`
  kPath,
  kWorkspace,  ///< `MODE[:DIR]`, see path_values.h
  kBind,       ///< domain/sandbox.h, with a `?` in front where it may be missing
  kTmpfs,      ///< the same
  kBackoff,    ///< domain/retry.h
  kRetryOn,    ///< domain/retry.h
  kOctal,      ///< a file mode, 0 to 0777
};

/// Where in a config file the key stands.
enum class ConfigSection {
  kNowhere,  ///< a flag of one command; not in the config
  kTop,      ///< beside `profile = ...`
  kProfile,  ///< in [profile.NAME]
  kTask,     ///< in [task] or [profile.NAME.task]: defaults for run and submit
};

/// What a shell should offer for the value.
enum class Completes { kNothing, kFiles, kDirectories, kCommands, kProfiles };

/// What a project file, which may come from a stranger, can do with a setting of [task].
enum class InProject {
  kFree,     ///< set it
  kTighten,  ///< set it where that is tighter than what weaker layers say (tightening.h)
  kRefused,  ///< nothing: it loosens the sandbox
};

struct Setting {
  std::string_view name = "";  ///< "output-limit": the long flag, and with '_' the config key
  char letter = 0;             ///< the short flag; 0 for none
  bool repeatable = false;     ///< may be given several times; the values add up
  bool secret = false;         ///< the value is masked wherever it would be shown
  bool preset = false;         ///< may stand in [sandbox.NAME]
  bool confines = false;       ///< without a sandbox nobody enforces it
  InProject in_project = InProject::kFree;
  SettingType type = SettingType::kFlag;
  ConfigSection section = ConfigSection::kNowhere;
  Completes completes = Completes::kNothing;
  std::string_view fallback = "";    ///< the default as a user would type it; empty: unset
  std::string_view value_name = "";  ///< "DURATION" in help and man; empty for flags
  std::string_view env = "";         ///< "MUSTER_TIMEOUT"; empty for none
  std::string_view category = "";    ///< the heading it stands under in help
  std::string_view brief = "";       ///< one line, no full stop, lower case
  std::string_view detail = "";      ///< whole sentences for --help and man; may be empty
  std::string_view example = "";     ///< a value as typed: "90s"; empty for none
  // A member without an initializer must be named by every designated one.
  // NOLINTNEXTLINE(readability-redundant-member-init)
  std::span<const std::string_view> choices = {};
  long minimum = 0;
  long maximum = 0;
};

/// Every setting there is, in the order help shows them.
std::span<const Setting> all_settings();

/// The setting of that name. The name must exist: asking for another is a bug and aborts.
const Setting& setting(std::string_view name);

/// The setting of that name, or nullptr.
const Setting* find_setting(std::string_view name);

/// The key as a config file spells it: "output_limit".
std::string config_key(const Setting& setting);

/// Reads `text` as the setting's type and throws Error(kInvalidArgument) saying what was expected;
/// the message does not name the setting or the place, which the caller adds.
void check_value(const Setting& setting, std::string_view text);

}  // namespace muster
