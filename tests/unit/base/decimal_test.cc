// SPDX-License-Identifier: Apache-2.0
#include "base/decimal.h"

#include <catch2/catch.hpp>

namespace muster {

TEST_CASE("a decimal is taken off the front of a text") {
  std::string_view text = "12.50h3m";
  const auto decimal = take_decimal(text);
  REQUIRE(decimal);
  CHECK(decimal->whole == "12");
  CHECK(decimal->fraction == "50");
  CHECK(text == "h3m");
}

TEST_CASE("nothing is taken where there is no decimal") {
  for (const std::string_view typed : {"", "x1", ".5", "5.", "5.x", "-5", "+5"}) {
    auto text = typed;
    CAPTURE(typed);
    CHECK_FALSE(take_decimal(text));
    CHECK(text == typed);
  }
}

TEST_CASE("a product is rounded down once, from every digit") {
  CHECK(times({"1", "5"}, 1024) == 1536U);
  CHECK(times({"0", "1"}, 1024) == 102U);
  CHECK(times({"0", "9999999999999999999999"}, 10) == 9U);
  CHECK(times({"0", "29999999999999999999999999"}, 10) == 2U);
  CHECK(times({"0", "3000000000000000000000000"}, 10) == 3U);
  CHECK(times({"7", ""}, 1) == 7U);
}

TEST_CASE("a product beyond 64 bits is nothing") {
  CHECK(times({"18446744073709551615", ""}, 1) == 18446744073709551615U);
  CHECK_FALSE(times({"18446744073709551616", ""}, 1));
  CHECK_FALSE(times({"18446744073709551615", ""}, 2));
  CHECK_FALSE(times({"1844674407370955161", "6"}, 10));
  CHECK(times({"1844674407370955161", "5"}, 10) == 18446744073709551615U);
}

}  // namespace muster
