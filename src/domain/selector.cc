// SPDX-License-Identifier: Apache-2.0
#include "domain/selector.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"
#include "base/text.h"

namespace muster {

namespace {

const std::array<std::string, 7>& states() {
  static const std::array<std::string, 7> all{"waiting", "ready",     "running", "succeeded",
                                              "failed",  "cancelled", "expired"};
  return all;
}

Error bad_selector(std::string_view text, std::string_view fault) {
  return {ErrorCode::kInvalidArgument, concat(in_quotes(text), " ", fault)};
}

std::uint64_t parse_id(std::string_view id, std::string_view text) {
  const auto number = parse_number(id);
  if (!number) {
    throw bad_selector(text,
                       "selects no tasks; expected an id (42), a range (4-9), last, name:NAME, "
                       "label:KEY=VALUE or state:STATE");
  }
  if (*number == 0) throw bad_selector(text, "selects no tasks; ids start at 1");
  return *number;
}

IdRange parse_range(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) {
    const auto id = parse_id(text, text);
    return {id, id};
  }
  const auto first = parse_id(text.substr(0, dash), text);
  const auto last = parse_id(text.substr(dash + 1), text);
  if (first > last) {
    throw bad_selector(
        text, concat("selects no tasks; its first id ", first, " is above its last id ", last));
  }
  return {first, last};
}

ByName parse_name(std::string_view name, std::string_view text) {
  if (name.empty()) throw bad_selector(text, "has no name; expected as in name:nightly");
  return {std::string(name)};
}

ByLabel parse_label(std::string_view label, std::string_view text) {
  const auto equals = label.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == label.size()) {
    throw bad_selector(text, "has no key and value; expected as in label:team=web");
  }
  return {std::string(label.substr(0, equals)), std::string(label.substr(equals + 1))};
}

ByState parse_state(std::string_view state, std::string_view text) {
  const auto& known = states();
  if (std::find(known.begin(), known.end(), state) != known.end()) return {std::string(state)};
  const auto meant = nearest(state, known);
  if (meant) throw bad_selector(text, concat("names no state; did you mean ", *meant, "?"));
  throw bad_selector(text, concat("names no state; expected one of ", join(known, ", ")));
}

struct Formatter {
  std::string operator()(const IdRange& range) const {
    if (range.first == range.last) return std::to_string(range.first);
    return concat(range.first, '-', range.last);
  }
  std::string operator()(const LastTask&) const { return "last"; }
  std::string operator()(const ByName& by) const { return concat("name:", by.name); }
  std::string operator()(const ByLabel& by) const {
    return concat("label:", by.key, '=', by.value);
  }
  std::string operator()(const ByState& by) const { return concat("state:", by.state); }
};

}  // namespace

Selector parse_selector(std::string_view text) {
  if (text == "last") return LastTask{};
  const auto colon = text.find(':');
  if (colon != std::string_view::npos) {
    const auto kind = text.substr(0, colon);
    const auto rest = text.substr(colon + 1);
    if (kind == "name") return parse_name(rest, text);
    if (kind == "label") return parse_label(rest, text);
    if (kind == "state") return parse_state(rest, text);
  }
  return parse_range(text);
}

std::string format_selector(const Selector& selector) { return std::visit(Formatter{}, selector); }

}  // namespace muster
