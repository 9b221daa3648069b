// SPDX-License-Identifier: Apache-2.0
#include "sandbox/streams.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <string_view>

#include "base/error.h"
#include "base/text.h"

namespace muster::sandbox {

namespace {

constexpr std::array<std::string_view, 3> kNames{"standard input", "standard output",
                                                 "standard error"};

// A fifo with a name is somebody's file.
bool is_nameless_pipe(int descriptor) {
  struct statfs about{};
  return fstatfs(descriptor, &about) == 0 && about.f_type == PIPEFS_MAGIC;
}

// Why everything around it could be reached through the descriptor; empty where it could not.
std::string_view way_out(int descriptor, const struct stat& about) {
  if (S_ISDIR(about.st_mode)) return "a folder";
  const int flags = fcntl(descriptor, F_GETFL);
  return flags >= 0 && (flags & O_PATH) != 0 ? "a mere name (O_PATH)" : std::string_view{};
}

}  // namespace

void hand_over_streams(const std::array<int, 3>& streams, int own_terminal,
                       const Identity& identity) {
  for (std::size_t i = 0; i < streams.size(); ++i) {
    struct stat about{};
    if (fstat(streams.at(i), &about) != 0) continue;
    if (const auto way = way_out(streams.at(i), about); !way.empty()) {
      throw Error(ErrorCode::kUnavailable,
                  concat(kNames.at(i), " is ", way,
                         ", and no sandbox holds what has one open: all "
                         "that is around it could be reached"),
                  "muster run ... </dev/null");
    }
    if (about.st_uid != geteuid() || about.st_uid == identity.outside) continue;
    if (streams.at(i) == own_terminal || is_nameless_pipe(streams.at(i))) {
      // Where it fails the stream works as before, and only its name does not.
      [[maybe_unused]] const int error =
          fchown(streams.at(i), identity.outside, identity.outside_gid);
    }
  }
}

std::string terminal_path(int terminal) {
  std::array<char, 64> path{};
  if (terminal < 0 || ttyname_r(terminal, path.data(), path.size()) != 0) return {};
  return path.data();
}

}  // namespace muster::sandbox
