// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which folder of this machine a command works in, and which ones it never gets by accident.

#include <span>
#include <string>
#include <vector>

#include "config/config.h"
#include "domain/sandbox.h"

namespace muster::cli {

/// What of the caller decides where things are.
struct Surroundings {
  std::string working_directory;   ///< absolute; empty: it was deleted
  std::string home;                ///< where HOME is inside: absolute, never / or of the system
  std::vector<std::string> homes;  ///< the caller's home directories, without symbolic links
};

/// Asks the environment (as in environ(7)), the user database and the working directory.
Surroundings surroundings_of(const char* const* environment);

/// Where the command starts and what it sees there.
struct WorkPlace {
  Workspace workspace;
  std::string start;  ///< absolute, inside
};

/// What already has a place of its own inside.
struct Mounted {
  std::span<const Bind> binds;
  std::size_t preset_binds = 0;  ///< how many of them, at the front, come from presets
  std::span<const Tmpfs> tmpfs;
  std::string rootfs;
};

/// The workspace that the settings ask for. A --workdir that the sandbox itself makes is where the
/// command starts, and no workspace. Throws Error: kInvalidArgument for a folder that may be one
/// only by name, and for a named one that is missing; kUsage for --diff or --apply without overlay.
WorkPlace choose_workplace(const Config& config, const Mounted& mounted, const Surroundings& here);

/// Why the folder (absolute, without symbolic links) may not be a workspace unless it is named, as
/// the end of "it is "; empty when it may.
std::string why_no_workspace(const std::string& folder, std::span<const std::string> homes);

/// Whether `path` is `folder` or below it; both absolute and normal.
bool is_within(std::string_view path, std::string_view folder);

}  // namespace muster::cli
