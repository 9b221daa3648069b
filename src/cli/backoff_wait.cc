// SPDX-License-Identifier: Apache-2.0
#include "cli/backoff_wait.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "term/progress.h"
#include "term/width.h"

namespace muster::cli {

bool wait_for_next_attempt(Duration pause, const std::string& what, const Streams& streams,
                           bool talks, SignalOrders& orders) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + pause;
  StatusLine status(write_to(STDERR_FILENO), streams.err());
  const std::string plain =
      concat("muster: ", printable(what), "; trying again in ", format_elapsed(pause));
  for (bool told = false;; told = true) {
    const auto left = std::max(std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()),
                               std::chrono::milliseconds(0));
    if (told && left.count() == 0) break;
    if (talks) {
      const auto seconds = std::chrono::ceil<std::chrono::seconds>(left);
      const std::string live =
          concat("muster: ", printable(what), "; trying again in ", seconds.count(), "s");
      status.show(streams.err().can_overprint ? live : plain, what);
    }
    pollfd asked{orders.descriptor(), POLLIN, 0};
    const auto tick = std::min<std::int64_t>(left.count(), 1000);  // the countdown's step
    if (poll(&asked, 1, static_cast<int>(tick)) <= 0) continue;
    while (orders.next()) {
    }
    if (orders.end_asked()) return false;
  }
  status.clear();
  if (talks && streams.err().can_overprint) streams.say_raw(plain);
  return true;
}

}  // namespace muster::cli
