// SPDX-License-Identifier: Apache-2.0
#pragma once

// How the values of a Config come about: every place that may set some, weakest first, laid over
// each other. For config.cc alone.

#include <span>
#include <string>

#include "config/config.h"

namespace muster {

/// What the layers are made of. Views; they must outlive the call.
struct LayerSources {
  std::span<const ConfigFile> files;  ///< weakest first
  const std::string& profile;         ///< the active one
  const Getenv& getenv;
  const FlagValues& flags;
};

/// The values in force. Throws Error as Config::load does.
Values lay_over_each_other(const LayerSources& sources);

/// The value of a variable; nullptr for one that is unset, empty, or has no name.
const char* value_of_variable(const Getenv& getenv, std::string_view name);

/// check_value with the place in front: for what a file or variable says.
void check_at(std::string_view place, const Setting& setting, std::string_view text);

/// The same for what was typed, whose fault is one of the command line (kUsage).
void check_flag(const std::string& place, const Setting& setting, std::string_view text);

}  // namespace muster
