// SPDX-License-Identifier: Apache-2.0
#include "wire/json_text.h"

#include <array>
#include <charconv>

#include <boost/json/serialize.hpp>

namespace muster {

namespace json = boost::json;

namespace {

void append(std::string& out, const json::value& value);

void append(std::string& out, double number) {
  // The shortest text that reads back as the same double; fixed notation of one needs at most 343
  // characters.
  std::array<char, 400> buffer{};
  const auto end =
      std::to_chars(buffer.begin(), buffer.end(), number, std::chars_format::fixed).ptr;
  out.append(buffer.begin(), end);
}

void append(std::string& out, const json::array& array) {
  out += '[';
  for (const json::value& element : array) {
    if (&element != array.begin()) out += ',';
    append(out, element);
  }
  out += ']';
}

void append(std::string& out, const json::object& object) {
  out += '{';
  bool first = true;
  for (const auto& [key, value] : object) {
    if (!first) out += ',';
    first = false;
    out += json::serialize(json::string(key));
    out += ':';
    append(out, value);
  }
  out += '}';
}

void append(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::array:
      return append(out, value.get_array());
    case json::kind::object:
      return append(out, value.get_object());
    case json::kind::double_:
      return append(out, value.get_double());
    default:
      out += json::serialize(value);
  }
}

}  // namespace

std::string json_text(const json::value& value) {
  std::string out;
  append(out, value);
  return out;
}

}  // namespace muster
