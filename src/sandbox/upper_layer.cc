// SPDX-License-Identifier: Apache-2.0
#include "sandbox/upper_layer.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/text.h"
#include "sandbox/changes.h"

namespace muster::sandbox {

UniqueFd receive_upper(int socket) {
  char nothing = 0;
  iovec piece{&nothing, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) <= 0) return {};
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) return {};
  int folder = -1;
  std::memcpy(&folder, CMSG_DATA(header), sizeof folder);
  return UniqueFd(folder);
}

WorkspaceChanges settle_changes(int upper, const Workspace& workspace, bool success) {
  WorkspaceChanges changes;
  try {
    const UniqueFd lower(open(workspace.directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!lower) throw Error::from_errno(errno, concat("opening ", workspace.directory));
    changes.paths = find_changes(upper, lower.get());
    if (workspace.apply && success) {
      apply_changes(upper, lower.get(), changes.paths, workspace.directory);
      changes.applied = true;
    }
  } catch (const Error& error) {
    changes.error = error.message();
    changes.next = error.next();
  }
  return changes;
}

}  // namespace muster::sandbox
