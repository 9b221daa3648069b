// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "base/unique_fd.h"
#include "net/resolve.h"

namespace muster {

/// When waiting ends.
using Deadline = std::chrono::steady_clock::time_point;

/// Waits until `descriptor` can do one of the poll(2) `events` or has failed. False when the
/// deadline came first; one that has passed still looks once.
bool wait_until_ready(int descriptor, short events, Deadline deadline);

/// A socket, or why there is none.
struct Connection {
  UniqueFd socket;       ///< non-blocking and close-on-exec
  int error_number = 0;  ///< errno when there is no socket; ETIMEDOUT at the deadline
};

/// Opens a TCP connection to `address`.
Connection connect_to(const Address& address, Deadline deadline);

}  // namespace muster
