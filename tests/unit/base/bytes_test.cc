// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <catch2/catch.hpp>

#include "base/error.h"

namespace muster {

namespace {

constexpr std::uint64_t kKibi = 1024;
constexpr std::uint64_t kMebi = 1024 * kKibi;
constexpr std::uint64_t kGibi = 1024 * kMebi;
constexpr std::uint64_t kLargest = 18446744073709551615U;

}  // namespace

TEST_CASE("a bare number is bytes") {
  CHECK(parse_bytes("4096") == Bytes{4096});
  CHECK(parse_bytes("0") == Bytes{0});
  CHECK(parse_bytes("18446744073709551615") == Bytes{kLargest});
}

TEST_CASE("size units are powers of 1024 in every spelling") {
  CHECK(parse_bytes("64K") == Bytes{64 * kKibi});
  CHECK(parse_bytes("512M") == Bytes{512 * kMebi});
  CHECK(parse_bytes("1G") == Bytes{kGibi});
  CHECK(parse_bytes("2T") == Bytes{2048 * kGibi});
  CHECK(parse_bytes("1P") == Bytes{kMebi * kGibi});
  CHECK(parse_bytes("1GiB") == Bytes{kGibi});
  CHECK(parse_bytes("1gib") == Bytes{kGibi});
  CHECK(parse_bytes("512m") == Bytes{512 * kMebi});
}

TEST_CASE("a fraction of a unit is rounded down to a whole byte") {
  CHECK(parse_bytes("1.5G") == Bytes{kGibi + 512 * kMebi});
  CHECK(parse_bytes("0.1K") == Bytes{102});
  CHECK(parse_bytes("0.25KiB") == Bytes{256});
}

TEST_CASE("a fraction of a byte is refused") {
  CHECK_THROWS_WITH(parse_bytes("1.5"),
                    "'1.5' has a fraction of a byte; expected a unit, as in 1.5G");
}

TEST_CASE("units that people read in two ways are refused with both ways out") {
  CHECK_THROWS_WITH(parse_bytes("10MB"),
                    "'10MB' is ambiguous; write 10M or 10MiB for powers of 1024");
  CHECK_THROWS_WITH(parse_bytes("10kb"),
                    "'10kb' is ambiguous; write 10k or 10kiB for powers of 1024");
}

TEST_CASE("what is not a size is refused with what was expected") {
  CHECK_THROWS_WITH(parse_bytes("big"),
                    "'big' is not a size; expected something like 4096, 64K, 512M or 1.5G");
  for (const auto* text : {"", "K", "-1", "+1", "1 K", " 1K", "1K ", "1X", "1E", "1Ki", "1KiBs",
                           "1BiB", "1.K", ".5K", "1KK", "0x10", "1e3"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH(parse_bytes(text), Catch::Contains("is not a size; expected"));
  }
}

TEST_CASE("a size beyond 64 bits is refused") {
  CHECK(parse_bytes("16383.5P") == Bytes{kLargest - kMebi * kGibi / 2 + 1});
  for (const auto* text : {"18446744073709551616", "16384P", "99999999999999999999K"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH(parse_bytes(text), Catch::Contains("is too large"));
  }
}

TEST_CASE("a bad size is an invalid argument") {
  try {
    parse_bytes("x");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kInvalidArgument);
  }
}

TEST_CASE("a size is written in its largest whole unit") {
  CHECK(format_bytes({0}) == "0");
  CHECK(format_bytes({1537}) == "1537");
  CHECK(format_bytes({kKibi}) == "1K");
  CHECK(format_bytes({1536 * kMebi}) == "1536M");
  CHECK(format_bytes({kMebi * kGibi * 1024}) == "1024P");
  CHECK(format_bytes({kLargest}) == "18446744073709551615");
}

TEST_CASE("a rounded size has about three digits") {
  CHECK(format_bytes_rounded({0}) == "0 B");
  CHECK(format_bytes_rounded({1023}) == "1023 B");
  CHECK(format_bytes_rounded({kKibi}) == "1.0 KiB");
  CHECK(format_bytes_rounded({1468006}) == "1.4 MiB");
  CHECK(format_bytes_rounded({99 * kKibi + 900}) == "99.9 KiB");
  CHECK(format_bytes_rounded({512 * kMebi + 1}) == "512 MiB");
  CHECK(format_bytes_rounded({kLargest}) == "16384 PiB");
}

TEST_CASE("a size that rounds up to the next unit is written in it") {
  CHECK(format_bytes_rounded({kMebi - 1}) == "1.0 MiB");
  CHECK(format_bytes_rounded({kMebi - 400}) == "1.0 MiB");
  CHECK(format_bytes_rounded({kMebi - kKibi}) == "1023 KiB");
  CHECK(format_bytes_rounded({kGibi - 1}) == "1.0 GiB");
}

}  // namespace muster
