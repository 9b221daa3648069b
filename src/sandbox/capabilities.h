// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "domain/enforced.h"
#include "sandbox/facts.h"

namespace muster::sandbox {

/// What `muster doctor` tells about a host: every primitive, what follows from it, and the command
/// that would close a gap. Overlayfs and id-mapped mounts are tried on the spot.
std::vector<Capability> describe_host(const HostFacts& host);

}  // namespace muster::sandbox
