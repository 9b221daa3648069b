// SPDX-License-Identifier: Apache-2.0
#include "wire/explanation.h"

#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/utf8.h"
#include "wire/json_text.h"
#include "wire/sandbox_json.h"

namespace muster {

namespace json = boost::json;

std::string to_json(const Explanation& explanation) {
  json::array steps;
  for (const ExplainedStep& step : explanation.steps) {
    steps.push_back(json::object{{"name", valid_utf8(step.name)},
                                 {"detail", valid_utf8(step.detail)},
                                 {"reason", valid_utf8(step.reason)}});
  }
  return json_text(json::object{{"schema", "muster.plan/1"},
                                {"steps", std::move(steps)},
                                {"enforced", enforced_to_json(explanation.enforced)}});
}

}  // namespace muster
