// SPDX-License-Identifier: Apache-2.0
#include "net/connect.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <utility>

namespace muster {
namespace {

/// Rounded up, so that a wait is not cut into a busy loop below the last millisecond.
int milliseconds_until(Deadline deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(
      std::clamp<std::int64_t>(left.count(), 0, std::numeric_limits<int>::max()));
}

int error_of(int socket) {
  int error_number = 0;
  socklen_t length = sizeof error_number;
  if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &error_number, &length) != 0) return errno;
  return error_number;
}

}  // namespace

bool wait_until_ready(int descriptor, short events, Deadline deadline) {
  pollfd waited{descriptor, events, 0};
  while (true) {
    const int timeout = milliseconds_until(deadline);
    const int ready = poll(&waited, 1, timeout);
    if (ready > 0) return true;
    if (ready == 0 && std::chrono::steady_clock::now() >= deadline) return false;
    if (ready < 0 && errno != EINTR) throw Error::from_errno(errno, "waiting for a socket");
  }
}

Connection connect_to(const Address& address, Deadline deadline) {
  UniqueFd socket(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return {UniqueFd(), errno};
  if (connect(socket.get(), address.data(), address.size()) != 0) {
    // An interrupted connect(2) goes on in the background like one that is in progress.
    if (errno != EINPROGRESS && errno != EINTR) return {UniqueFd(), errno};
    if (!wait_until_ready(socket.get(), POLLOUT, deadline)) return {UniqueFd(), ETIMEDOUT};
    if (const int error_number = error_of(socket.get())) return {UniqueFd(), error_number};
  }
  return {std::move(socket), 0};
}

}  // namespace muster
