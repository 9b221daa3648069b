// SPDX-License-Identifier: Apache-2.0
#pragma once

// The parts of a record and of a plan that are about the sandbox. For the other files of wire.

#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "domain/attempt.h"

namespace muster {

/// Each text with what is no UTF-8 replaced.
boost::json::array texts_to_json(const std::vector<std::string>& texts);

/// What was asked for. Without a sandbox only `isolation`: nothing else of it was looked at.
boost::json::object sandbox_to_json(const SandboxSpec& sandbox);

/// What held. A limit that nobody held is null.
boost::json::object enforced_to_json(const Enforced& enforced);

boost::json::object changes_to_json(const WorkspaceChanges& changes);

boost::json::array timings_to_json(const std::vector<StepTiming>& timings);

}  // namespace muster
