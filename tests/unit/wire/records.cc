// SPDX-License-Identifier: Apache-2.0
#include "unit/wire/records.h"

#include <utility>

#include <boost/json.hpp>

#include "wire/record.h"

namespace muster {

namespace json = boost::json;

Record record_of(Outcome outcome) {
  Record record;
  record.spec.argv = {"cmd", "arg"};
  Attempt attempt;
  attempt.outcome = std::move(outcome);
  record.attempts.push_back(attempt);
  return record;
}

json::object to_object(const Record& record, int exit_code) {
  return json::parse(record_to_json(record, exit_code)).as_object();
}

std::string outcome_text(Outcome outcome) {
  json::object object = to_object(record_of(std::move(outcome))).at("outcome").as_object();
  object.erase("words");
  return json::serialize(object);
}

}  // namespace muster
