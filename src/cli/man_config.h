// SPDX-License-Identifier: Apache-2.0
#pragma once

// muster-config(5): the page about the config file. Pure.

#include <string>
#include <string_view>

#include "config/setting.h"

namespace muster::cli {

std::string render_config_page();

/// A whole config file that shows what is usual.
std::string_view example_config_file();

/// `timeout = "90s"`: the setting with its example as a line of a config file.
std::string example_line(const Setting& setting);

}  // namespace muster::cli
