// SPDX-License-Identifier: Apache-2.0
// attempts --list: a line per attempt: NAME, ROW, what must happen and the group, parted by tabs.
// attempts NAME [ARGUMENT...]: tries it; 0 held, 1 leaked, 77 cannot be tried here.

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "attempt.h"

namespace {

using attempts::Attempt;

struct Group {
  const char* name;
  std::span<const Attempt> (*attempts)();
};

constexpr Group kGroups[] = {
    {"limits", attempts::limit_attempts},
    {"memory", attempts::memory_attempts},
    {"disk", attempts::disk_attempts},
    {"ending", attempts::ending_attempts},
    {"processes", attempts::process_attempts},
    {"processes", attempts::init_attempts},
    {"identity", attempts::identity_attempts},
    {"namespaces", attempts::namespace_attempts},
    {"mounts", attempts::mount_attempts},
    {"devices", attempts::device_attempts},
    {"devices", attempts::terminal_attempts},
    {"kernel", attempts::sysctl_attempts},
    {"kernel", attempts::kernel_file_attempts},
    {"syscalls", attempts::syscall_attempts},
    {"syscalls", attempts::abi_attempts},
    {"network", attempts::socket_attempts},
    {"network", attempts::host_network_attempts},
    {"files", attempts::hidden_attempts},
    {"files", attempts::write_attempts},
    {"files", attempts::workspace_attempts},
    {"descriptors", attempts::descriptor_attempts},
    {"neighbours", attempts::neighbour_attempts},
    {"controls", attempts::controls},
};

void list() {
  for (const Group& group : kGroups) {
    for (const Attempt& attempt : group.attempts()) {
      std::printf("%s\t%d\t%s\t%s\n", attempt.name, attempt.row, attempt.expects, group.name);
    }
  }
}

const Attempt* find(const char* name) {
  for (const Group& group : kGroups) {
    for (const Attempt& attempt : group.attempts()) {
      if (std::strcmp(attempt.name, name) == 0) return &attempt;
    }
  }
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--list") == 0) {
    list();
    return 0;
  }
  const Attempt* attempt = argc >= 2 ? find(argv[1]) : nullptr;
  if (attempt == nullptr) {
    std::fprintf(stderr, "usage: attempts --list | NAME [ARGUMENT...]\n");
    return 2;
  }
  return attempt->run({argv + 2, static_cast<std::size_t>(argc - 2)});
}
