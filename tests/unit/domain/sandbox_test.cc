// SPDX-License-Identifier: Apache-2.0
#include "domain/sandbox.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "base/error.h"

namespace muster {

TEST_CASE("a bind is read-only and at its own path unless it says otherwise") {
  CHECK(parse_bind("/a") == Bind{false, "/a", "/a"});
  CHECK(parse_bind("ro:/a") == Bind{false, "/a", "/a"});
  CHECK(parse_bind("rw:/a") == Bind{true, "/a", "/a"});
  CHECK(parse_bind("/a:/b") == Bind{false, "/a", "/b"});
  CHECK(parse_bind("rw:/a:/b") == Bind{true, "/a", "/b"});
}

TEST_CASE("paths of a bind are normal and may hold colons and backslashes") {
  CHECK(parse_bind("/a//b/./../c/:/d/") == Bind{false, "/a/c", "/d"});
  CHECK(parse_bind("/..:/../x") == Bind{false, "/", "/x"});
  CHECK(parse_bind(R"(/a\:b:/c\\d)") == Bind{false, "/a:b", R"(/c\d)"});
  CHECK(parse_bind(R"(/a\)") == Bind{false, R"(/a\)", R"(/a\)"});
}

TEST_CASE("what is no bind is refused") {
  for (const char* text :
       {"", ":", "ro:", "rw::/b", "/a:", "/a:/b:/c", "a", "/a:b", "RO:/a", "x:/a"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_bind(text), Error);
  }
  CHECK_THROWS_AS(parse_bind(std::string_view("/a\0b", 4)), Error);
}

TEST_CASE("a bind and a tmpfs are read back as they were written") {
  for (const char* text : {"/a", "rw:/a:/b", R"(rw:/\\:/x\:y)", "ro:/ro:/rw"}) {
    INFO(text);
    CHECK(parse_bind(format_bind(parse_bind(text))) == parse_bind(text));
  }
  for (const char* text : {"/a", "/a:1M", R"(/a\:b:3)"}) {
    INFO(text);
    CHECK(parse_tmpfs(format_tmpfs(parse_tmpfs(text))) == parse_tmpfs(text));
  }
}

TEST_CASE("a tmpfs has a place and perhaps a size") {
  CHECK(parse_tmpfs("/a/") == Tmpfs{"/a", {}});
  CHECK(parse_tmpfs("/a:64M") == Tmpfs{"/a", Bytes{64U << 20U}});
  for (const char* text : {"", ":1M", "a", "/a:", "/a:x", "/a:1M:2"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_tmpfs(text), Error);
  }
}

TEST_CASE("the groups of system calls are sorted and each says what it is for") {
  const auto groups = syscall_groups();
  REQUIRE_FALSE(groups.empty());
  CHECK(std::ranges::is_sorted(groups, {}, &SyscallGroup::name));
  for (const SyscallGroup& group : groups) CHECK_FALSE(group.brief.empty());
}

}  // namespace muster
