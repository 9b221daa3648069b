// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sandbox/facts.h"

namespace muster::sandbox {

/// Mounts an overlay in namespaces of its own, as a sandbox would, in a process that ends with
/// that.
Availability try_overlay(const HostFacts& host);

/// Makes an id-mapped copy of the mount of the working directory; needs the rights of root.
Availability try_idmapped_mount();

}  // namespace muster::sandbox
