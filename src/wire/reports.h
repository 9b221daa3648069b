// SPDX-License-Identifier: Apache-2.0
#pragma once

// What muster tells about itself, its settings and its host, as JSON. Each is one line without a
// newline and carries its schema.

#include <string>
#include <vector>

#include "domain/enforced.h"

namespace muster {

/// What `muster version` knows.
struct VersionReport {
  std::string version;
  std::string commit;  ///< of the source; "unknown" when it was not built from a checkout
  std::string compiler;
  std::string build;  ///< "static-pie" or "dynamic"
  std::vector<std::string> features;
};
/// Schema "muster.version/1".
std::string to_json(const VersionReport& report);

/// One setting that has a value.
struct SettingReport {
  std::string key;
  std::vector<std::string> values;  ///< masked where secret; more than one for a list
  bool is_list = false;
  std::string origin;
};
/// All settings in force for one profile. Schema "muster.config/1".
struct SettingsReport {
  std::string profile;
  std::vector<SettingReport> settings;
};
std::string to_json(const SettingsReport& report);

/// A profile and whether it is the active one.
struct ProfileReport {
  std::string name;
  bool active = false;
};
/// Schema "muster.profiles/1".
std::string to_json(const std::vector<ProfileReport>& profiles);

/// A place where a config file is looked for.
struct PathReport {
  std::string layer;
  std::string path;
  bool exists = false;
};
/// Schema "muster.paths/1".
std::string to_json(const std::vector<PathReport>& paths);

/// One thing `muster doctor` looked at.
struct CheckReport {
  std::string name;
  bool ok = false;
  std::string detail;
  std::string remedy;  ///< what would mend it; empty when nothing has to be
};
/// What `muster doctor` found: what must be right, and what a sandbox can be made of here.
struct DoctorReport {
  std::vector<CheckReport> checks;
  std::vector<Capability> capabilities;
};
/// Schema "muster.doctor/1".
std::string to_json(const DoctorReport& report);

}  // namespace muster
