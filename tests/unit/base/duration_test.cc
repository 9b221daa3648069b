// SPDX-License-Identifier: Apache-2.0
#include "base/duration.h"

#include <catch2/catch.hpp>

#include "base/error.h"

namespace muster {

using namespace std::chrono_literals;

TEST_CASE("a bare number is seconds") {
  CHECK(parse_duration("90") == 90s);
  CHECK(parse_duration("0") == 0s);
  CHECK(parse_duration("0.5") == 500ms);
}

TEST_CASE("every unit of time is known") {
  CHECK(parse_duration("2d") == 48h);
  CHECK(parse_duration("3h") == 3h);
  CHECK(parse_duration("5m") == 5min);
  CHECK(parse_duration("90s") == 90s);
  CHECK(parse_duration("250ms") == 250ms);
  CHECK(parse_duration("7us") == 7us);
  CHECK(parse_duration("9ns") == 9ns);
}

TEST_CASE("units add up from large to small") {
  CHECK(parse_duration("1h30m") == 90min);
  CHECK(parse_duration("1d2h3m4s5ms6us7ns") == 26h + 3min + 4s + 5ms + 6us + 7ns);
  CHECK(parse_duration("0h0s") == 0s);
}

TEST_CASE("the last unit may have a fraction") {
  CHECK(parse_duration("1.5h") == 90min);
  CHECK(parse_duration("1h0.5m") == 1h + 30s);
  CHECK(parse_duration("1.0000000019s") == 1s + 1ns);
  CHECK_THROWS_WITH(parse_duration("1.5h30m"),
                    "'1.5h30m' has a fraction before its last unit; expected as in 1h30.5m");
}

TEST_CASE("what is not a duration is refused with what was expected") {
  CHECK_THROWS_WITH(parse_duration("5x"),
                    "'5x' is not a duration; expected something like 90s, 5m or 1h30m");
  for (const auto* text : {"", "s", "1 s", " 1s", "1s ", "1S", "1h30", ".5s", "5.s", "1.2.3s",
                           "+5s", "1e3", "1s-2ms", "1sm", "five"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH(parse_duration(text), Catch::Contains("is not a duration; expected"));
  }
}

TEST_CASE("a negative duration is refused") {
  CHECK_THROWS_WITH(parse_duration("-5s"), "'-5s' is negative; expected zero or more");
}

TEST_CASE("units out of order or given twice are refused") {
  for (const auto* text : {"30m1h", "1s1s", "1ns1s", "1h1m1h"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH(parse_duration(text), Catch::Contains("has its units out of order"));
  }
}

TEST_CASE("a duration reaches to the last nanosecond that can be counted, and not beyond") {
  CHECK(parse_duration("9223372036854775807ns") == Duration::max());
  CHECK(parse_duration("106751d23h47m16s854ms775us807ns") == Duration::max());
  for (const auto* text : {"9223372036854775808ns", "106751d23h47m16s854ms775us808ns", "106752d",
                           "99999999999999999999", "9223372036.9"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH(parse_duration(text), Catch::Contains("is too long"));
  }
}

TEST_CASE("a bad duration is an invalid argument") {
  try {
    parse_duration("x");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kInvalidArgument);
  }
}

TEST_CASE("a duration is written in whole units without the zero ones") {
  CHECK(format_duration(0s) == "0s");
  CHECK(format_duration(90min) == "1h30m");
  CHECK(format_duration(1500ms) == "1s500ms");
  CHECK(format_duration(24h) == "1d");
  CHECK(format_duration(1h + 1ns) == "1h1ns");
  CHECK(format_duration(-90s) == "-1m30s");
  CHECK(format_duration(Duration::max()) == "106751d23h47m16s854ms775us807ns");
  CHECK(format_duration(Duration::min()) == "-106751d23h47m16s854ms775us808ns");
}

TEST_CASE("elapsed time below a second drops trailing zeros") {
  CHECK(format_elapsed(0ns) == "0ns");
  CHECK(format_elapsed(999ns) == "999ns");
  CHECK(format_elapsed(3200us) == "3.2ms");
  CHECK(format_elapsed(3214us) == "3.21ms");
  CHECK(format_elapsed(32149us) == "32.1ms");
  CHECK(format_elapsed(321499us) == "321ms");
  CHECK(format_elapsed(5us) == "5us");
}

TEST_CASE("elapsed seconds keep three digits") {
  CHECK(format_elapsed(1500ms) == "1.50s");
  CHECK(format_elapsed(1s) == "1.00s");
  CHECK(format_elapsed(12345ms) == "12.3s");
  CHECK(format_elapsed(-1500ms) == "-1.50s");
}

TEST_CASE("elapsed time that rounds up to the next unit is written in it") {
  CHECK(format_elapsed(999'600ns) == "1ms");
  CHECK(format_elapsed(999'600us) == "1.00s");
  CHECK(format_elapsed(9996ms) == "10.0s");
  CHECK(format_elapsed(59'960ms) == "1m");
}

TEST_CASE("long elapsed time shows its two largest units") {
  CHECK(format_elapsed(12min + 34s + 900ms) == "12m34s");
  CHECK(format_elapsed(3h + 25min + 59s) == "3h25m");
  CHECK(format_elapsed(50h + 59min) == "2d2h");
  CHECK(format_elapsed(Duration::max()) == "106751d23h");
}

TEST_CASE("seconds carry their fraction") { CHECK(to_seconds(1250ms) == 1.25); }

TEST_CASE("a moment is written as RFC 3339 in UTC") {
  using Clock = std::chrono::system_clock;
  const auto epoch = Clock::time_point{};
  CHECK(format_rfc3339(epoch) == "1970-01-01T00:00:00.000Z");
  CHECK(format_rfc3339(epoch + 1795232366123999us) == "2026-11-21T03:39:26.123Z");
  CHECK(format_rfc3339(epoch + 951'782'400s) == "2000-02-29T00:00:00.000Z");
  CHECK(format_rfc3339(epoch - 1ms) == "1969-12-31T23:59:59.999Z");
}

}  // namespace muster
