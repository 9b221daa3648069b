// SPDX-License-Identifier: Apache-2.0
#include "sandbox/seccomp.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/error.h"
#include "base/text.h"
#include "sandbox/syscall_tree.h"

namespace muster::sandbox {

namespace {

constexpr auto kDefaultFilter = [] {
  constexpr std::size_t kSize = syscall_tree::compile(kThisMachine, 0).size();
  std::array<sock_filter, kSize> filter{};
  const std::vector<sock_filter> code = syscall_tree::compile(kThisMachine, 0);
  std::copy(code.begin(), code.end(), filter.begin());
  return filter;
}();

Group group_named(const std::string& name) {
  for (const NamedGroup& known : kNamedGroups) {
    if (known.name == name) return known.group;
  }
  throw Error(ErrorCode::kInvalidArgument,
              concat(in_quotes(name), " is not a group of system calls"));
}

}  // namespace

std::span<const sock_filter> default_filter() { return kDefaultFilter; }

std::vector<sock_filter> filter_allowing(std::span<const std::string> groups) {
  GroupSet allowed = 0;
  for (const std::string& name : groups) {
    allowed = static_cast<GroupSet>(allowed | static_cast<GroupSet>(group_named(name)));
  }
  return syscall_tree::compile(kThisMachine, allowed);
}

bool install_filter(std::span<const sock_filter> program) {
  if (program.empty() || program.size() > BPF_MAXINSNS) {
    errno = EINVAL;
    return false;
  }
  // The kernel only reads the instructions, but its structure does not say so.
  const sock_fprog wrapped{static_cast<unsigned short>(program.size()),
                           const_cast<sock_filter*>(program.data())};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &wrapped) == 0;
}

}  // namespace muster::sandbox
