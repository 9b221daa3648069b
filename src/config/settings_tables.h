// SPDX-License-Identifier: Apache-2.0
#pragma once

// The two halves of the list of settings, for settings.cc alone; everyone else asks setting.h.

#include <span>

#include "config/setting.h"

namespace muster {

/// What can be said about one task: the flags of `run` and the defaults for them.
std::span<const Setting> task_settings();

/// Everything else: profiles, other commands' flags, and the flags every command takes.
std::span<const Setting> other_settings();

}  // namespace muster
