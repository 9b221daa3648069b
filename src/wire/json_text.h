// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <boost/json/value.hpp>

namespace muster {

/// `value` as one line of JSON. Unlike boost::json::serialize it writes numbers the way people do:
/// 0.25 and 5, not 2.5E-1 and 5E0.
std::string json_text(const boost::json::value& value);

}  // namespace muster
