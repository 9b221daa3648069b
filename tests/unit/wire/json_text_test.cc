// SPDX-License-Identifier: Apache-2.0
#include "wire/json_text.h"

#include <cstdlib>
#include <limits>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

namespace muster {

namespace json = boost::json;

TEST_CASE("numbers are written without an exponent") {
  CHECK(json_text(0.25) == "0.25");
  CHECK(json_text(5.0) == "5");
  CHECK(json_text(0.0) == "0");
  CHECK(json_text(-1.5) == "-1.5");
  CHECK(json_text(1e21) == "1000000000000000000000");
  CHECK(json_text(0.000001) == "0.000001");
}

TEST_CASE("every double reads back as itself") {
  for (const double number : {0.1, 1.0 / 3, 5.595872e-3, std::numeric_limits<double>::max(),
                              std::numeric_limits<double>::denorm_min(), -1e-300}) {
    CHECK(std::strtod(json_text(number).c_str(), nullptr) == number);
  }
}

TEST_CASE("whole numbers keep every digit") {
  CHECK(json_text(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
  CHECK(json_text(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
}

TEST_CASE("nested values, empty ones and their order are kept") {
  const json::value value = {{"b", json::array{1, json::array{}, "x"}},
                             {"a", json::object{}},
                             {"n", nullptr},
                             {"t", true}};
  CHECK(json_text(value) == R"({"b":[1,[],"x"],"a":{},"n":null,"t":true})");
}

TEST_CASE("keys and texts are escaped onto one line") {
  CHECK(json_text(json::object{{"k\"\n", "v\t\\\x01"}}) == R"({"k\"\n":"v\t\\\u0001"})");
}

}  // namespace muster
