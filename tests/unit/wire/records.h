// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "domain/attempt.h"

namespace muster {

/// A record of one attempt that ended in `outcome`.
Record record_of(Outcome outcome);

/// The record as JSON, read back.
boost::json::object to_object(const Record& record, int exit_code = 0);

/// The outcome as JSON without its words.
std::string outcome_text(Outcome outcome);

}  // namespace muster
