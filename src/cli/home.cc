// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "base/text.h"
#include "cli/build_info.h"
#include "cli/context.h"

namespace muster::cli {

int home_command(const Context& context) {
  const Config& config = context.config;
  const Painter& painter = context.streams.out_painter();
  const auto title = [&](std::string_view text) { return painter.paint(Style::kBold, text); };
  const auto server = config.optional_text("server");
  const std::string files =
      config.files().empty() ? "none (the defaults are in force)" : join(config.files(), ", ");
  context.streams.print(
      concat(title("muster"), ' ', build_info().version,
             ": runs any command under limits and reports truly how it ended\n\n", title("profile"),
             "  ", config.profile(), "  (", describe(config.profile_origin()), ")\n",
             title(server ? "server " : "store  "), "  ", server ? *server : config.text("store"),
             '\n', title("config "), "  ", files, "\n\n", title("try"),
             "\n"
             "  muster run -- echo hello                  run a command now\n"
             "  muster run --timeout 2s -- sleep 10       under a limit\n"
             "  muster run -h                             more examples and every flag\n"
             "  muster config show --origin               the settings in force\n"
             "  muster --help                             every command\n"));
  return 0;
}

}  // namespace muster::cli
