// SPDX-License-Identifier: Apache-2.0
// The MUSTER_* macros come from src/cli/CMakeLists.txt.
#include "cli/build_info.h"

namespace muster::cli {

const VersionReport& build_info() {
  static const VersionReport report = {
      MUSTER_VERSION,
      MUSTER_COMMIT,
      "clang " __clang_version__,
      MUSTER_BUILD,
      {"run", "isolation-none", "tty", "retry", "config", "tls"},
  };
  return report;
}

}  // namespace muster::cli
