// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace muster {

/// Makes `name` the active profile in the user's config file at `path`: rewrites its line
/// `profile = "..."`, or adds one; every other byte stays. The file is replaced as a whole, with
/// its mode, at the end of any symbolic links; it and its folder are made, for the user alone, when
/// they are missing. Whether any file defines the profile is for the caller to ask Config.
/// Throws Error and leaves the old file as it was: kInvalidArgument for a name that cannot be one
/// and for a file that read_config_file refuses, kIo where the disk or the rights do not allow it.
void set_active_profile(const std::string& path, const std::string& name);

}  // namespace muster
