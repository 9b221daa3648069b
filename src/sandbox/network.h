// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace muster::sandbox {

/// Brings up `lo` in the network namespace of the calling process. Allocates nothing. False with
/// errno set.
bool bring_up_loopback();

}  // namespace muster::sandbox
