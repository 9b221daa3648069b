// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "config/setting.h"

namespace muster {

/// What a value of the setting must look like in a config file: "a size such as \"2G\"".
std::string expected_in_file(const Setting& setting);

}  // namespace muster
