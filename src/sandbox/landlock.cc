// SPDX-License-Identifier: Apache-2.0
#include "sandbox/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace muster::sandbox {

namespace {

// Rights that came after the headers of Debian 12 (landlock(7)).
constexpr std::uint64_t kTruncate = 1ULL << 14;            // ABI 3
constexpr std::uint64_t kIoctlDevice = 1ULL << 15;         // ABI 5
constexpr std::uint64_t kScopeAbstractSocket = 1ULL << 0;  // ABI 6
constexpr std::uint64_t kScopeSignal = 1ULL << 1;          // ABI 6

constexpr std::uint64_t kRead =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kOnFiles =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE;

// As the kernel reads it from ABI 6 on; an older one takes a shorter structure.
struct RulesetAttributes {
  std::uint64_t files = 0;
  std::uint64_t network = 0;
  std::uint64_t scoped = 0;
};

std::uint64_t known_rights(int abi) {
  std::uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;  // ABI 1
  if (abi >= 2) rights |= LANDLOCK_ACCESS_FS_REFER;
  if (abi >= 3) rights |= kTruncate;
  if (abi >= 5) rights |= kIoctlDevice;
  return rights;
}

std::uint64_t fitting(int descriptor, std::uint64_t rights) {
  struct stat about{};
  if (fstat(descriptor, &about) == 0 && !S_ISDIR(about.st_mode)) {
    rights &= kOnFiles | kTruncate | kIoctlDevice;
  }
  return rights;
}

// A path that is not there needs no rule.
bool add(int ruleset, const char* path, std::uint64_t rights) {
  const int opened = open(path, O_PATH | O_CLOEXEC);
  if (opened < 0) return errno == ENOENT || errno == EACCES;
  const landlock_path_beneath_attr rule{fitting(opened, rights), opened};
  const bool added =
      syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
  const int error = errno;
  close(opened);
  errno = error;
  return added;
}

// A device or a file that is a stream may be opened again by its name in /dev, and for nothing else
// than it is open for. What is open for appending could be cut by that.
bool add_stream(int ruleset, int stream, std::uint64_t handled) {
  const int flags = fcntl(stream, F_GETFL);
  struct stat about{};
  if (flags < 0 || fstat(stream, &about) != 0) return true;
  const bool device = S_ISCHR(about.st_mode);
  if (!device && (!S_ISREG(about.st_mode) || (flags & O_APPEND) != 0)) return true;
  const int mode = flags & O_ACCMODE;
  std::uint64_t rights = 0;
  if (mode != O_WRONLY) rights |= LANDLOCK_ACCESS_FS_READ_FILE;
  if (mode != O_RDONLY) rights |= LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate;
  if (device) rights |= kIoctlDevice;
  const landlock_path_beneath_attr rule{rights & handled, stream};
  // Files that are part of no file system need no rule, and get none (EBADFD).
  return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0 ||
         errno == EBADFD;
}

}  // namespace

bool enter_landlock(const LandlockRules& rules) {
  const std::uint64_t all = known_rights(rules.abi);
  RulesetAttributes attributes{.files = all};
  std::size_t size = sizeof attributes.files;
  if (rules.abi >= 6) {
    attributes.scoped = kScopeAbstractSocket | kScopeSignal;
    size = sizeof attributes;
  }
  const long ruleset = syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
  if (ruleset < 0) return false;
  const int descriptor = static_cast<int>(ruleset);
  bool entered = true;
  for (const std::string& path : *rules.readable) {
    entered = entered && add(descriptor, path.c_str(), kRead);
  }
  for (const std::string& path : *rules.writable) {
    entered = entered && add(descriptor, path.c_str(), all);
  }
  for (const int stream : rules.streams) {
    entered = entered && add_stream(descriptor, stream, all);
  }
  entered = entered && syscall(SYS_landlock_restrict_self, descriptor, 0) == 0;
  const int error = errno;
  close(descriptor);
  errno = error;
  return entered;
}

}  // namespace muster::sandbox
