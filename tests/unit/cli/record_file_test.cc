// SPDX-License-Identifier: Apache-2.0
#include "cli/record_file.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <optional>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "unit/exec/processes.h"

namespace muster::cli {

namespace {

std::size_t files_in(const ScratchFolder& folder) {
  const std::filesystem::directory_iterator entries(folder.path(""));
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

mode_t mode_of(const std::string& path) {
  struct stat about{};
  REQUIRE(stat(path.c_str(), &about) == 0);
  return about.st_mode & 07777U;
}

}  // namespace

TEST_CASE("a finished record is the whole file and leaves nothing beside it") {
  const ScratchFolder folder;
  RecordFile file(folder.path("record"));
  file.finish("{}\n");
  CHECK(folder.read("record") == "{}\n");
  CHECK(files_in(folder) == 1);
}

TEST_CASE("until it is finished a reader sees the old file") {
  const ScratchFolder folder;
  folder.write("record", "old");
  RecordFile file(folder.path("record"));
  CHECK(folder.read("record") == "old");
  file.finish("new");
  CHECK(folder.read("record") == "new");
}

TEST_CASE("a record that is never finished leaves the old file and no other") {
  const ScratchFolder folder;
  folder.write("record", "old");
  {
    const RecordFile file(folder.path("record"));
  }
  CHECK(folder.read("record") == "old");
  CHECK(files_in(folder) == 1);
}

TEST_CASE("a new file has the rights the umask leaves, an old one keeps its own") {
  const ScratchFolder folder;
  const mode_t before = umask(0027);
  RecordFile(folder.path("new")).finish("x");
  RecordFile(folder.write("old", "", 0604)).finish("x");
  umask(before);
  CHECK(mode_of(folder.path("new")) == 0640);
  CHECK(mode_of(folder.path("old")) == 0604);
}

TEST_CASE("the file behind a symbolic link is replaced, not the link") {
  const ScratchFolder folder;
  folder.write("target", "old");
  REQUIRE(symlink("target", folder.path("link").c_str()) == 0);
  RecordFile(folder.path("link")).finish("new");
  CHECK(folder.read("target") == "new");
  CHECK(std::filesystem::is_symlink(folder.path("link")));
}

TEST_CASE("a fifo is written to as it is") {
  const ScratchFolder folder;
  REQUIRE(mkfifo(folder.path("fifo").c_str(), 0600) == 0);
  const UniqueFd reader(open(folder.path("fifo").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  RecordFile(folder.path("fifo")).finish("told");
  char text[8] = {};
  CHECK(read(reader.get(), text, sizeof text) == 4);
  CHECK(std::string(text) == "told");
  CHECK(std::filesystem::is_fifo(folder.path("fifo")));
}

TEST_CASE("a folder that is missing or is no folder is known before the command starts") {
  const ScratchFolder folder;
  folder.write("file", "");
  CHECK_THROWS_WITH(
      RecordFile(folder.path("missing/record")),
      Catch::StartsWith("--record: creating") && Catch::Contains("No such file or directory"));
  CHECK_THROWS_WITH(RecordFile(folder.path("file/record")), Catch::Contains("Not a directory"));
  CHECK_THROWS_WITH(RecordFile(folder.path("")), Catch::Contains("Is a directory"));
}

TEST_CASE("a device that is full says so and names the file") {
  RecordFile file("/dev/full");
  CHECK_THROWS_WITH(file.finish("{}"),
                    Catch::Contains("'/dev/full'") && Catch::Contains("No space left on device"));
}

TEST_CASE("on a full disk the old record stays and nothing lies about") {
  if (geteuid() != 0) return skip("mounting a small file system needs root");
  const ScratchFolder folder;
  const std::string said = in_child([&]() -> std::string {
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("none", folder.path("").c_str(), "tmpfs", 0, "size=64k") != 0) {
      return "cannot mount";
    }
    folder.write("record", "old");
    std::string text;
    try {
      RecordFile(folder.path("record")).finish(std::string(1 << 20, 'x'));
      text = "written";
    } catch (const Error& error) {
      text = error.message();
    }
    return text + " | " + folder.read("record") + " | " + std::to_string(files_in(folder));
  });
  if (said == "cannot mount") return skip("no file system can be mounted");
  CHECK_THAT(said, Catch::Contains("No space left on device | old | 1"));
}

TEST_CASE("a limit on the size of files is an error and no signal where that is blocked") {
  const ScratchFolder folder;
  const std::string said = in_child([&]() -> std::string {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{1000, 1000};
    setrlimit(RLIMIT_FSIZE, &small);
    try {
      RecordFile(folder.path("record")).finish(std::string(5000, 'x'));
    } catch (const Error& error) {
      return error.message();
    }
    return "written";
  });
  CHECK_THAT(said, Catch::Contains("File too large"));
  CHECK(files_in(folder) == 0);
}

}  // namespace muster::cli
