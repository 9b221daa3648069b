// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "domain/outcome.h"
#include "domain/spec.h"

namespace muster::cli {

/// What to try after a command could not be started; empty when there is nothing better to say.
/// Looks at files of the host: what a sandbox hides may well exist there.
std::string advice(const NotStarted& failure, const Spec& spec);

}  // namespace muster::cli
