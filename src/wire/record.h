// SPDX-License-Identifier: Apache-2.0
#pragma once

// Domain values as JSON. Keys are snake_case, times RFC 3339 UTC, durations seconds, amounts bytes.
// Fields are only ever added within a schema version.

#include <string>

#include "domain/attempt.h"

namespace muster {

/// What became of the task, by its last attempt: "succeeded", "cancelled" or "failed".
std::string_view state_of(const Record& record);

/// The record as one line of JSON without a newline, schema "muster.task/1". Values of environment
/// variables are left out: they may be secrets.
std::string record_to_json(const Record& record, int exit_code);

}  // namespace muster
