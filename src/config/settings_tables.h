// SPDX-License-Identifier: Apache-2.0
#pragma once

// The parts of the list of settings, for settings.cc alone; everyone else asks setting.h.

#include <span>

#include "config/setting.h"

namespace muster {

/// What can be said about one task: the flags of `run` and the defaults for them. Here what is
/// neither a limit nor part of the sandbox.
std::span<const Setting> task_settings();
std::span<const Setting> sandbox_settings();
std::span<const Setting> limit_settings();

/// Everything else: profiles, other commands' flags, and the flags every command takes.
std::span<const Setting> other_settings();

}  // namespace muster
