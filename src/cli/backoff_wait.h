// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/duration.h"
#include "cli/signal_orders.h"
#include "cli/streams.h"

namespace muster::cli {

/// Waits `pause` before the next attempt and tells `what` happened: counting down on a terminal,
/// one plain line elsewhere, nothing unless `talks`. False when a signal asked for an end.
bool wait_for_next_attempt(Duration pause, const std::string& what, const Streams& streams,
                           bool talks, SignalOrders& orders);

}  // namespace muster::cli
