// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
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

using Words = std::vector<std::string>;

bool is_root() {
  if (geteuid() == 0) return true;
  skip("making whiteouts by hand needs root");
  return false;
}

}  // namespace

TEST_CASE("what only the upper layer has is added, folders with all they hold") {
  const Layers layers;
  layers.file("lower/d/old", "o");
  layers.file("upper/a", "1");
  layers.file("upper/d/new", "2");
  layers.file("upper/e/f/g", "3");
  layers.link("upper/l", "/etc/passwd");
  CHECK(words(layers.found()) ==
        Words{"added a", "added d/new", "added e/", "added e/f/", "added e/f/g", "added l"});
}

TEST_CASE("a file that was copied up and is equal is no change") {
  const Layers layers;
  for (const char* layer : {"lower/", "upper/"}) {
    layers.file(concat(layer, "same"), "text");
    layers.folder(concat(layer, "d"));
    layers.link(concat(layer, "l"), "to");
    layers.fifo(concat(layer, "p"));
  }
  CHECK(layers.found().empty());
}

TEST_CASE("a file is modified by its bytes, its size, its mode and its time") {
  const Layers layers;
  for (const char* name : {"bytes", "size", "mode", "time", "kind", "same"}) {
    layers.file(concat("lower/", name), "text");
  }
  layers.link("lower/link", "one");
  layers.file("upper/bytes", "tEXt");
  layers.file("upper/size", "text.");
  layers.file("upper/mode", "text", 0755);
  layers.file("upper/time", "text");
  REQUIRE(utimensat(AT_FDCWD, layers.path("upper/time").c_str(), nullptr, 0) == 0);
  layers.link("upper/kind", "text");
  layers.link("upper/link", "two");
  CHECK(words(layers.found()) == Words{"modified bytes", "modified kind", "modified link",
                                       "modified mode", "modified size", "modified time"});
}

TEST_CASE("bytes behind a hole are compared") {
  const Layers layers;
  for (const char* layer : {"lower/", "upper/"}) {
    layers.file(concat(layer, "sparse"), std::string(400'000, '\0') + layer[0]);
    layers.file(concat(layer, "equal"), std::string(400'000, '\0') + 'x');
  }
  REQUIRE(truncate(layers.path("lower/equal").c_str(), 800'000) == 0);
  layers.file("upper/equal", std::string(400'000, '\0') + 'x' + std::string(399'999, '\0'));
  const timespec times[2] = {{1, 1}, {1, 1}};
  REQUIRE(utimensat(AT_FDCWD, layers.path("lower/equal").c_str(), times, 0) == 0);
  REQUIRE(utimensat(AT_FDCWD, layers.path("upper/equal").c_str(), times, 0) == 0);
  CHECK(words(layers.found()) == Words{"modified sparse"});
}

TEST_CASE("a folder is modified by its mode alone") {
  const Layers layers;
  layers.folder("lower/m", 0755);
  layers.folder("upper/m", 0700);
  layers.folder("lower/same", 0755);
  layers.folder("upper/same", 0755);
  layers.file("upper/same/x", "");
  CHECK(words(layers.found()) == Words{"modified m/", "added same/x"});
}

TEST_CASE("a path that became a folder, or ceased to be one, is deleted and added") {
  const Layers layers;
  layers.file("lower/a", "file");
  layers.file("upper/a/in", "new");
  layers.file("lower/b/in", "old");
  layers.file("lower/b-", "between b and b/");
  layers.link("upper/b", "a");
  CHECK(words(layers.found()) ==
        Words{"deleted a", "added a/", "added a/in", "added b", "deleted b/"});
}

TEST_CASE("a whiteout deletes what is below it, and nothing where nothing is") {
  if (!is_root()) return;
  const Layers layers;
  layers.file("lower/f", "");
  layers.file("lower/d/in", "");
  for (const char* name : {"upper/f", "upper/d", "upper/none", "upper/new/none"}) {
    layers.whiteout(name);
  }
  CHECK(words(layers.found()) == Words{"deleted d/", "deleted f", "added new/"});
}

TEST_CASE("an empty file with the whiteout's mark counts in a folder that announces such files") {
  const Layers layers;
  for (const char* name : {"lower/d/f", "lower/d/kept", "lower/e/f", "lower/d/g/in"}) {
    layers.file(name, "");
  }
  for (const char* name : {"upper/d/f", "upper/d/kept", "upper/e/f", "upper/d/g"}) {
    layers.file(name, "");
  }
  for (const char* name : {"upper/d/f", "upper/e/f", "upper/d/g"})
    layers.mark(name, "whiteout", "");
  layers.mark("upper/d", "opaque", "x");
  CHECK(words(layers.found()) == Words{"deleted d/f", "deleted d/g/"});
}

TEST_CASE("an opaque folder hides what is below it and is not in it, at every depth") {
  const Layers layers;
  layers.file("lower/d/gone", "");
  layers.file("lower/d/gone2/in", "");
  layers.file("lower/d/same", "s");
  layers.file("lower/d/sub/deep", "s");
  layers.file("upper/d/same", "s");
  layers.file("upper/d/new", "n");
  layers.folder("upper/d/sub");
  layers.mark("upper/d", "opaque", "y");
  CHECK(words(layers.found()) ==
        Words{"deleted d/gone", "deleted d/gone2/", "added d/new", "deleted d/sub/deep"});
}

TEST_CASE("layers that do not hold their own contents are refused with the option to set") {
  const Layers layers;
  layers.file("upper/d/f", "");
  layers.mark("upper/d/f", "metacopy", "");
  CHECK_THAT(layers.apply(), Catch::Contains("'d/f'") && Catch::Contains("metacopy=off"));
  const Layers moved;
  moved.folder("upper/d");
  moved.mark("upper/d", "redirect", "/elsewhere");
  CHECK_THAT(moved.apply(), Catch::Contains("'d/'") && Catch::Contains("redirect_dir=off"));
}

TEST_CASE("a planted link is never followed, neither in the upper layer nor in the lower") {
  const Layers layers;
  layers.file("merged/secret", "outside");
  layers.link("lower/out", layers.path("merged"));
  layers.file("upper/out/secret", "mine");
  layers.link("upper/also", layers.path("merged"));
  CHECK(words(layers.found()) ==
        Words{"added also", "deleted out", "added out/", "added out/secret"});
  CHECK(layers.apply().empty());
  CHECK(layers.read("merged/secret") == "outside");
  CHECK(layers.read("lower/out/secret") == "mine");
  struct stat status{};
  REQUIRE(lstat(layers.path("lower/also").c_str(), &status) == 0);
  CHECK(S_ISLNK(status.st_mode));
}

TEST_CASE("fifos, sockets and devices are listed without being opened") {
  const Layers layers;
  layers.fifo("upper/fifo");
  layers.fifo("lower/was-fifo");
  layers.file("upper/was-fifo", "");
  layers.file("lower/was-file", "");
  layers.fifo("upper/was-file");
  const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  layers.path("upper/socket").copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  CHECK(words(layers.found()) ==
        Words{"added fifo", "added socket", "modified was-fifo", "modified was-file"});
}

TEST_CASE("names may hold any byte, and the list is sorted by bytes") {
  const Layers layers;
  for (const char* name :
       {"upper/new\nline", "upper/\xff\xfe", "upper/ ", "upper/~", "upper/-rf"}) {
    layers.file(name, "");
  }
  CHECK(words(layers.found()) ==
        Words{"added  ", "added -rf", "added new\nline", "added ~", "added \xff\xfe"});
}

TEST_CASE("twenty thousand entries are found") {
  const Layers layers;
  layers.folder("upper/d");
  const UniqueFd folder(open(layers.path("upper/d").c_str(), O_RDONLY | O_DIRECTORY));
  for (int i = 0; i < 20'000; ++i) {
    REQUIRE(mknodat(folder.get(), std::to_string(i).c_str(), S_IFREG | 0644, 0) == 0);
  }
  CHECK(layers.found().size() == 20'001);
}

}  // namespace muster::sandbox
