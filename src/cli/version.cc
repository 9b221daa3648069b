// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "cli/build_info.h"
#include "cli/context.h"
#include "wire/reports.h"

namespace muster::cli {

int version_command(const Context& context) {
  if (context.config.flag("json")) {
    context.streams.print(concat(to_json(build_info()), '\n'));
  } else {
    context.streams.print(concat("muster ", build_info().version, '\n'));
  }
  return 0;
}

}  // namespace muster::cli
