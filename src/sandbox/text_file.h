// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace muster::sandbox {

/// The content of a file of /proc or /sys, which have no size; empty where it cannot be read.
std::string read_text_file(const std::string& path);

/// The number such a file holds, or nothing.
std::optional<std::uint64_t> read_number_file(const std::string& path);

/// Writes `text` with one write(2), as such files want it. 0 or errno.
int write_text_file(const std::string& path, const std::string& text);

}  // namespace muster::sandbox
