// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "wire/reports.h"

namespace muster::cli {

/// What this binary was built from and with.
const VersionReport& build_info();

}  // namespace muster::cli
