// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/text.h"
#include "sandbox/changes.h"
#include "sandbox/changes_tree.h"
#include "unit/exec/processes.h"
#include "unit/sandbox/changes_layers.h"

namespace muster::sandbox {
namespace {

constexpr uid_t kNobody = 65534;

struct stat status_of(const std::string& path) {
  struct stat status{};
  REQUIRE(lstat(path.c_str(), &status) == 0);
  return status;
}

bool is_root(const char* why) {
  if (geteuid() == 0) return true;
  skip(why);
  return false;
}

// Nests folders of this name below `top` and puts a file into the innermost.
void nest(const std::string& top, const std::string& name, int depth) {
  UniqueFd at(open(top.c_str(), O_PATH | O_DIRECTORY));
  for (int level = 0; level < depth; ++level) {
    REQUIRE(mkdirat(at.get(), name.c_str(), 0755) == 0);
    at.reset(openat(at.get(), name.c_str(), O_PATH | O_DIRECTORY));
  }
  REQUIRE(mknodat(at.get(), "end", S_IFREG | 0644, 0) == 0);
}

}  // namespace

TEST_CASE("applied changes leave the workspace as the task saw it") {
  const Layers layers;
  layers.file("lower/keep", "keep");
  layers.file("lower/mod", "old", 0600);
  layers.folder("lower/folder", 0755);
  layers.file("lower/folder/in", "stays");
  layers.file("upper/mod", "new", 0755);
  layers.file("upper/tree/a/b", "deep", 0640);
  layers.link("upper/tree/l", "../../outside");
  layers.fifo("upper/tree/p");
  layers.folder("upper/folder", 01777);
  layers.file("upper/ \n\xff", "odd");
  Snapshot wanted = snapshot(layers.path("upper"));
  wanted.merge(snapshot(layers.path("lower")));
  CHECK(layers.apply().empty());
  CHECK(snapshot(layers.path("lower")) == wanted);
  CHECK(layers.found().empty());
}

TEST_CASE("files become folders and folders files") {
  const Layers layers;
  layers.file("lower/a", "file");
  layers.file("upper/a/in", "new");
  layers.file("lower/b/in", "old");
  layers.file("lower/b-", "stays");
  layers.file("upper/b", "file now");
  CHECK(layers.apply().empty());
  CHECK(layers.read("lower/a/in") == "new");
  CHECK(layers.read("lower/b") == "file now");
  CHECK(layers.read("lower/b-") == "stays");
  CHECK_FALSE(layers.has("lower/.muster-apply"));
}

TEST_CASE("set-user-ID and set-group-ID bits do not reach the workspace") {
  const Layers layers;
  layers.file("lower/mod", "old", 04755);
  layers.file("upper/mod", "new", 06755);
  layers.file("upper/new", "new", 06711);
  layers.folder("upper/folder", 06755);
  layers.folder("lower/shared", 02755);
  layers.folder("upper/shared", 04700);
  CHECK(layers.apply().empty());
  CHECK((status_of(layers.path("lower/mod")).st_mode & 07777) == 0755);
  CHECK((status_of(layers.path("lower/new")).st_mode & 07777) == 0711);
  CHECK((status_of(layers.path("lower/folder")).st_mode & 07777) == 0755);
  CHECK((status_of(layers.path("lower/shared")).st_mode & 07777) == 02700);
}

TEST_CASE("hard links become files of their own") {
  const Layers layers;
  layers.file("upper/one", "text");
  REQUIRE(link(layers.path("upper/one").c_str(), layers.path("upper/two").c_str()) == 0);
  CHECK(layers.apply().empty());
  CHECK(layers.read("lower/two") == "text");
  CHECK(status_of(layers.path("lower/one")).st_nlink == 1);
}

TEST_CASE("a file of a terabyte of holes is applied as holes") {
  const Layers layers;
  layers.file("upper/big", "start");
  const UniqueFd file(open(layers.path("upper/big").c_str(), O_WRONLY | O_CLOEXEC));
  constexpr off_t kSize = off_t{1} << 40;
  REQUIRE(pwrite(file.get(), "end", 3, kSize - 3) == 3);
  CHECK(layers.apply().empty());
  const struct stat status = status_of(layers.path("lower/big"));
  CHECK(status.st_size == kSize);
  CHECK(status.st_blocks < 1000);
  CHECK(layers.found().empty());
}

TEST_CASE("folders nested far beyond the longest path are applied and removed") {
  const Layers layers;
  const std::string name(200, 'n');
  nest(layers.path("upper"), name, 400);
  CHECK(layers.apply().empty());
  const std::vector<ChangedPath> left = layers.found();
  CHECK(left.empty());
  if (!is_root("making whiteouts by hand needs root")) return;
  REQUIRE(remove_below(layers.upper(), name, [] {}) == 0);
  layers.whiteout("upper/" + name);
  CHECK(layers.apply().empty());
  CHECK(snapshot(layers.path("lower")).empty());
}

TEST_CASE("folders nested to exhaust memory are refused") {
  const Layers layers;
  nest(layers.path("upper"), std::string(250, 'n'), 1000);
  CHECK_THAT(layers.apply(), Catch::Contains("bytes together") && Catch::Contains("--disk"));
}

TEST_CASE("a device is refused by name before anything is changed") {
  if (!is_root("making devices needs root")) return;
  const Layers layers;
  layers.file("upper/a", "new");
  REQUIRE(mknod(layers.path("upper/null").c_str(), S_IFCHR | 0666, makedev(1, 3)) == 0);
  int steps = 0;
  CHECK_THAT(layers.apply([&] { ++steps; }),
             Catch::Contains("'null', a device") && Catch::Contains("let the task remove it"));
  CHECK(snapshot(layers.path("lower")).empty());
}

TEST_CASE("the folder that muster keeps for itself cannot come from a task") {
  const Layers layers;
  layers.file("upper/.muster-apply/journal", "muster-apply 1\nend\n");
  CHECK_THAT(layers.apply(), Catch::Contains("keeps for itself"));
  CHECK(snapshot(layers.path("lower")).empty());
}

TEST_CASE("a stage that is not surely ours is not obeyed") {
  const Layers layers;
  layers.file("upper/a", "new");
  layers.file("lower/.muster-apply", "a file");
  CHECK_THAT(layers.apply(), Catch::Contains("not a folder") && Catch::Contains("rm -rf"));
  REQUIRE(unlink(layers.path("lower/.muster-apply").c_str()) == 0);
  layers.link("lower/.muster-apply", layers.path("merged"));
  CHECK_THAT(layers.recover(), Catch::Contains("not a folder"));
  REQUIRE(unlink(layers.path("lower/.muster-apply").c_str()) == 0);
  layers.folder("lower/.muster-apply", 0777);
  CHECK_THAT(layers.recover(), Catch::Contains("filled by others"));
  if (!is_root("giving a folder away needs root")) return;
  layers.folder("lower/.muster-apply", 0700);
  REQUIRE(chown(layers.path("lower/.muster-apply").c_str(), 1234, 1234) == 0);
  CHECK_THAT(layers.recover(), Catch::Contains("left by user 1234"));
}

TEST_CASE("a journal that makes no sense is reported and nothing is touched") {
  const Layers layers;
  layers.folder("lower/.muster-apply", 0700);
  layers.file("lower/.muster-apply/journal", "muster-apply 1\nput 0 ./../../etc/x\nend\n");
  layers.file("lower/.muster-apply/old/0", "precious");
  CHECK_THAT(layers.recover(), Catch::Contains("not a line of a journal"));
  CHECK(layers.read("lower/.muster-apply/old/0") == "precious");
}

TEST_CASE("a link planted in the workspace in place of a folder is refused") {
  const Layers layers;
  layers.folder("lower/d/in");
  layers.file("upper/d/in/x", "new");
  const auto changes = layers.found();
  for (const char* target : {"../merged", "other"}) {
    INFO(target);
    remove_below(layers.lower(), "d", [] {});
    layers.folder("merged/in");
    layers.folder("lower/other/in");
    layers.link("lower/d", target);
    CHECK_THROWS_AS(apply_changes(layers.upper(), layers.lower(), changes, "here"), Error);
    CHECK(snapshot(layers.path("merged")).size() == 1);
    CHECK(snapshot(layers.path("lower")).size() == 3);
  }
}

TEST_CASE("a path that appeared, went or changed its kind meanwhile is a conflict") {
  const Layers layers;
  layers.file("lower/mod", "old");
  layers.file("upper/mod", "new");
  layers.file("upper/add", "new");
  const auto changes = layers.found();
  const auto refusal = [&] {
    try {
      apply_changes(layers.upper(), layers.lower(), changes, layers.path("lower"));
    } catch (const Error& error) {
      return error.message();
    }
    return std::string();
  };
  layers.file("lower/add", "theirs");
  CHECK_THAT(refusal(), Catch::Contains("lower/add' changed while the task ran: it is there"));
  REQUIRE(unlink(layers.path("lower/add").c_str()) == 0);
  REQUIRE(unlink(layers.path("lower/mod").c_str()) == 0);
  CHECK_THAT(refusal(), Catch::Contains("lower/mod' changed while the task ran: it is gone"));
  layers.folder("lower/mod");
  CHECK_THAT(refusal(), Catch::Contains("it is a folder now"));
  CHECK(snapshot(layers.path("lower")).size() == 1);
}

TEST_CASE("a disk that fills up changes nothing") {
  if (!is_root("mounting needs root")) return;
  const Layers layers;
  layers.file("upper/a", "small");
  layers.file("upper/b", std::string(3'000'000, 'x'));
  const std::string said = in_child([&]() -> std::string {
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("small", layers.path("lower").c_str(), "tmpfs", 0, "size=1m") != 0) {
      return "cannot mount";
    }
    const UniqueFd lower(open(layers.path("lower").c_str(), O_PATH | O_DIRECTORY));
    try {
      apply_changes(layers.upper(), lower.get(), find_changes(layers.upper(), lower.get()), "here");
    } catch (const Error& error) {
      return concat(error.message(), " | ", snapshot(layers.path("lower")).size());
    }
    return "applied";
  });
  CHECK(said ==
        "applying the changes to 'here': copying 'b': writing: No space left on device | 0");
}

TEST_CASE("what root applies belongs to the owner of the workspace, or of what it replaces") {
  if (!is_root("giving files away needs root")) return;
  const Layers layers;
  layers.file("lower/mod", "old");
  give_away(layers.path("lower"), 1234, 1235);
  REQUIRE(chown(layers.path("lower/mod").c_str(), 77, 78) == 0);
  layers.file("upper/mod", "new");
  layers.file("upper/d/f", "new");
  layers.link("upper/d/l", "f");
  layers.fifo("upper/d/p");
  CHECK(layers.apply().empty());
  CHECK(status_of(layers.path("lower/mod")).st_uid == 77);
  CHECK(status_of(layers.path("lower/mod")).st_gid == 78);
  for (const char* name : {"lower/d", "lower/d/f", "lower/d/l", "lower/d/p"}) {
    INFO(name);
    CHECK(status_of(layers.path(name)).st_uid == 1234);
    CHECK(status_of(layers.path(name)).st_gid == 1235);
  }
}

TEST_CASE("an ordinary user's read-only folders are changed, moved and keep their modes") {
  if (!is_root("becoming another user needs root")) return;
  const Layers layers;
  layers.file("lower/shut/old", "old");
  layers.folder("lower/shut", 0555);
  layers.file("lower/gone/in/deep", "old");
  layers.folder("lower/gone/in", 0555);
  layers.folder("lower/gone", 0555);
  layers.file("upper/gone", "file now");
  layers.file("upper/shut/old", "new", 0444);
  layers.file("upper/fresh/in/f", "new", 0400);
  for (const char* name : {"upper/fresh/in", "upper/fresh", "upper/shut"}) {
    layers.folder(name, 0555);
  }
  give_away(layers.path("lower"), kNobody, kNobody);
  give_away(layers.path("upper"), kNobody, kNobody);
  Snapshot wanted = snapshot(layers.path("upper"));
  CHECK(in_child([&] {
          if (setresgid(kNobody, kNobody, kNobody) != 0) return std::string("setresgid");
          if (setresuid(kNobody, kNobody, kNobody) != 0) return std::string("setresuid");
          return layers.apply();
        }).empty());
  CHECK(snapshot(layers.path("lower")) == wanted);
}

TEST_CASE("a file that cannot be read is named and nothing is changed") {
  if (!is_root("becoming another user needs root")) return;
  const Layers layers;
  layers.file("upper/a", "new");
  layers.file("upper/b", "hidden", 0);
  give_away(layers.path("lower"), kNobody, kNobody);
  const std::string said = in_child([&] {
    if (setresuid(kNobody, kNobody, kNobody) != 0) return std::string("setresuid");
    return layers.apply();
  });
  CHECK(said.starts_with(concat("applying the changes to '", layers.path("lower"),
                                "': copying 'b': opening: Permission denied")));
  CHECK(snapshot(layers.path("lower")).empty());
}

}  // namespace muster::sandbox
