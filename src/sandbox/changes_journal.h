// SPDX-License-Identifier: Apache-2.0
#pragma once

// What an application of changes has set out to do, as a file that its successor can act on. Pure.
//
// Format: the line "muster-apply 1", one line per item, the line "end". A path stands last, begins
// with "./", and has every byte but letters, digits and "/._-" as %XX; modes are octal, "-" is
// none.
//   put SLOT ./PATH | replace SLOT ./PATH | remove SLOT ./PATH | mode BEFORE AFTER ./PATH

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster::sandbox {

/// What happens at a path.
enum class Move { kPut, kReplace, kRemove };

/// One path that changes hands: what stands there goes to old/SLOT of the stage (replace, remove),
/// what stands in new/SLOT takes its place (put, replace).
struct Operation {
  Move move = Move::kPut;
  std::uint64_t slot = 0;
  std::string path;  ///< without a slash at the end
  bool operator==(const Operation&) const = default;
};

/// The modes of a folder. It is made writable for the renames where it has a mode before.
struct FolderMode {
  std::string path;              ///< without a slash at the end; "" is the top folder
  std::optional<mode_t> before;  ///< to restore when everything is undone
  std::optional<mode_t> after;   ///< to set when everything is done
  bool operator==(const FolderMode&) const = default;
};

/// The whole of one application of changes.
struct Journal {
  std::vector<Operation> operations;
  std::vector<FolderMode> modes;  ///< folders before what is in them
  bool operator==(const Journal&) const = default;
};

std::string encode(const Journal& journal);

/// Throws Error(kInvalidArgument) when this is not a whole journal of a known version, or names a
/// path that is absolute or has "." or ".." in it.
Journal decode_journal(std::string_view text);

}  // namespace muster::sandbox
