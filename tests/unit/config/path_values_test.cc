// SPDX-License-Identifier: Apache-2.0
#include "config/path_values.h"

#include <catch2/catch.hpp>

#include "base/error.h"

namespace muster {
namespace {

std::string absolute(std::string_view name, std::string_view text) {
  return with_absolute_paths(setting(name), text, "/work/a:b",
                             [](const char*) { return "/home/a:da"; });
}

}  // namespace

TEST_CASE("a bind is made absolute and stays readable as one") {
  struct Case {
    std::string typed;
    Bind bind;
  };
  for (const Case& each : {Case{"/x", {false, "/x", "/x"}}, Case{"rw:/x:/y", {true, "/x", "/y"}},
                           Case{"lib", {false, "/work/a:b/lib", "/work/a:b/lib"}},
                           Case{"ro:../lib:/y", {false, "/work/lib", "/y"}},
                           Case{"rw:.", {true, "/work/a:b", "/work/a:b"}},
                           Case{"~", {false, "/home/a:da", "/home/a:da"}},
                           Case{"rw:~/c:~/d", {true, "/home/a:da/c", "/home/a:da/d"}},
                           Case{"~x", {false, "/work/a:b/~x", "/work/a:b/~x"}},
                           Case{R"(a\:b:/y)", {false, "/work/a:b/a:b", "/y"}}}) {
    INFO(each.typed);
    CHECK(parse_bind(absolute("bind", each.typed)) == each.bind);
    const std::string marked = absolute("bind", "?" + each.typed);
    const auto [text, optional] = take_optional_mark(marked);
    CHECK(optional);
    CHECK(parse_bind(text) == each.bind);
  }
}

TEST_CASE("a tmpfs knows the home and nothing else that is relative") {
  CHECK(parse_tmpfs(absolute("tmpfs", "~/x:1M")) == Tmpfs{"/home/a:da/x", Bytes{1U << 20U}});
  CHECK(absolute("tmpfs", "/x") == "/x");
  CHECK(absolute("tmpfs", "?/x") == "?/x");
  CHECK_THROWS_AS(parse_tmpfs(absolute("tmpfs", "x")), Error);
}

TEST_CASE("a workspace has a mode and perhaps a folder") {
  using Parts = std::pair<WorkspaceMode, std::string>;
  CHECK(parse_workspace("rw") == Parts{WorkspaceMode::kReadWrite, ""});
  CHECK(parse_workspace("ro:/x") == Parts{WorkspaceMode::kReadOnly, "/x"});
  CHECK(parse_workspace("overlay:a:b") == Parts{WorkspaceMode::kOverlay, "a:b"});
  CHECK(parse_workspace("none") == Parts{WorkspaceMode::kNone, ""});
  CHECK(absolute("workspace", "rw:sub") == "rw:/work/a:b/sub");
  CHECK(absolute("workspace", "ro:~/x") == "ro:/home/a:da/x");
  CHECK(absolute("workspace", "ro") == "ro");
}

TEST_CASE("what is no workspace is refused with what would be one") {
  const auto refusal = [](std::string_view text) -> Error {
    try {
      parse_workspace(text);
    } catch (const Error& error) {
      return error;
    }
    return {ErrorCode::kIo, "taken"};
  };
  CHECK(refusal("write").message() == "'write' is not one of rw, ro, overlay, none");
  CHECK(refusal("overlya").message() ==
        "'overlya' is not one of rw, ro, overlay, none; did you mean overlay?");
  CHECK(refusal("/srv").next() == "write the mode in front: rw:/srv");
  CHECK(refusal("rw:").message() == "'rw:' names no directory behind the colon");
  CHECK(refusal("none:/x").message() == "'none:/x': none takes no directory");
  CHECK(refusal("").code() == ErrorCode::kInvalidArgument);
}

TEST_CASE("a home is needed only where it is named") {
  const Getenv nothing = [](const char*) -> const char* { return nullptr; };
  CHECK(with_absolute_paths(setting("bind"), "/x", "/", nothing) == "/x");
  CHECK_THROWS_AS(with_absolute_paths(setting("bind"), "~/x", "/", nothing), Error);
  CHECK_THROWS_AS(with_absolute_paths(setting("tmpfs"), "?~/x", "/", nothing), Error);
  CHECK_THROWS_AS(with_absolute_paths(setting("rootfs"), "~", "/", nothing), Error);
}

}  // namespace muster
