// SPDX-License-Identifier: Apache-2.0
#include "sandbox/changes_journal.h"

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/text.h"

namespace muster::sandbox {

TEST_CASE("a journal is read back as it was written, whatever bytes its names have") {
  std::string every_byte;
  for (int byte = 1; byte < 256; ++byte) {
    if (byte != '/') every_byte += static_cast<char>(byte);
  }
  const Journal journal{{{Move::kPut, 0, "a"},
                         {Move::kReplace, 1, "b/" + every_byte + "/c"},
                         {Move::kRemove, 18446744073709551615U, " \n%41"}},
                        {{"", 0555, 0555}, {"d", std::nullopt, 01777}, {"e", 0, std::nullopt}}};
  const std::string text = encode(journal);
  for (const char c : text) CHECK((c == '\n' || (c >= ' ' && c <= '~')));
  CHECK(decode_journal(text) == journal);
  CHECK(decode_journal(encode({})) == Journal{});
}

TEST_CASE("a journal that is cut anywhere is refused") {
  const std::string text = encode({{{Move::kPut, 3, "a b"}}, {{"c", 0700, 0755}}});
  for (std::size_t length = 0; length < text.size(); ++length) {
    INFO(length);
    CHECK_THROWS_AS(decode_journal(text.substr(0, length)), Error);
  }
}

TEST_CASE("a journal that names what is not below the workspace is refused") {
  for (const char* line : {"put 0 ./../a",
                           "put 0 ./a/../b",
                           "put 0 /a",
                           "put 0 .//a",
                           "put 0 ./a//b",
                           "put 0 ./a/",
                           "put 0 ./.",
                           "put 0 ./",
                           "put 0 ./%2e%2E/a",
                           "put 0 ./a%2f..",
                           "put 0 a",
                           "put x ./a",
                           "put -1 ./a",
                           "put 0 ./%4",
                           "put 0 ./%zz",
                           "put 0",
                           "put 0 ./a b",
                           "mode 99 - ./a",
                           "mode 17777 - ./a",
                           "take 0 ./a",
                           ""}) {
    INFO(line);
    CHECK_THROWS_AS(decode_journal(concat("muster-apply 1\n", line, "\nend\n")), Error);
  }
  CHECK_THROWS_AS(decode_journal("muster-apply 2\nend\n"), Error);
  CHECK_THROWS_AS(decode_journal("muster-apply 1\nend\nend\n"), Error);
}

}  // namespace muster::sandbox
