// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/text.h"
#include "sandbox/changes.h"
#include "unit/exec/processes.h"
#include "unit/sandbox/changes_layers.h"

namespace muster::sandbox {
namespace {

namespace fs = std::filesystem;

// Random work in a folder with a handful of names, so that the same paths are met again and again.
class Chaos {
 public:
  Chaos(unsigned seed, std::string top) : random_(seed), top_(std::move(top)) {}

  void fill(int count) {
    for (int i = 0; i < count; ++i) make(any_path());
  }

  void work(int count) {
    for (int i = 0; i < count; ++i) one_step(any_path());
  }

 private:
  unsigned below(unsigned limit) {
    return std::uniform_int_distribution<unsigned>(0, limit - 1)(random_);
  }

  std::string any_path() {
    std::string path = top_;
    for (unsigned depth = 1 + below(4); depth > 0; --depth) path += concat('/', "ab-d"[below(4)]);
    return path;
  }

  std::string text() { return std::string(below(3) == 0 ? 5000 : 3, "xyz"[below(3)]); }

  // Failures are part of the game: paths through files, folders over files.
  void make(const std::string& path) {
    std::error_code ignored;
    fs::create_directories(fs::path(path).parent_path(), ignored);
    switch (below(5)) {
      case 0:
        fs::create_symlink(concat("to", below(3)), path, ignored);
        break;
      case 1:
        fs::create_directory(path, ignored);
        break;
      default:
        if (!fs::is_fifo(path, ignored)) std::ofstream(path) << text();
    }
  }

  void one_step(const std::string& path) {
    std::error_code ignored;
    const std::string other = any_path();
    switch (below(12)) {
      case 0:
        fs::remove(path, ignored);
        break;
      case 1:
        fs::remove_all(path, ignored);
        break;
      case 2:
        fs::remove_all(path, ignored);
        make(path);
        break;
      case 3:
        fs::rename(path, other, ignored);
        break;
      case 4:
        if (!fs::is_symlink(path, ignored)) chmod(path.c_str(), 0700 + below(64));
        break;
      case 5:
        // Opened for writing it is copied up; nothing changes.
        close(open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        break;
      case 6:
        rewrite_unchanged(path);
        break;
      case 7:
        fs::create_hard_link(path, other, ignored);
        break;
      case 8:
        mkfifo(path.c_str(), 0640);
        break;
      case 9:
        if (fs::is_regular_file(fs::symlink_status(path, ignored))) {
          std::ofstream(path, std::ios::app) << text();
        }
        break;
      default:
        make(path);
    }
  }

  // The same bytes, mode and time in a file of its own.
  static void rewrite_unchanged(const std::string& path) {
    struct stat status{};
    if (lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
    std::ifstream from(path);
    const std::string bytes{std::istreambuf_iterator<char>(from), {}};
    fs::remove(path);
    std::ofstream(path) << bytes;
    chmod(path.c_str(), status.st_mode & 07777);
    const timespec times[2] = {status.st_atim, status.st_mtim};
    utimensat(AT_FDCWD, path.c_str(), times, 0);
  }

  std::mt19937 random_;
  std::string top_;
};

bool mount_overlay(const Layers& layers, const char* more) {
  const std::string options =
      concat("lowerdir=", layers.path("lower"), ",upperdir=", layers.path("upper"),
             ",workdir=", layers.path("work"), ",index=off", more);
  return mount("overlay", layers.path("merged").c_str(), "overlay", 0, options.c_str()) == 0;
}

// The whole life of one random task: the difference it made, as found and as it is, or "" when
// both agree and the workspace became what the task saw.
std::string task(unsigned seed, const char* more) {
  const Layers layers;
  Chaos(seed, layers.path("lower")).fill(60);
  const Snapshot before = snapshot(layers.path("lower"));
  if (!mount_overlay(layers, more)) return concat("mounting: ", errno_words(errno));
  Chaos(seed + 1, layers.path("merged")).work(80);
  const Snapshot after = snapshot(layers.path("merged"));
  if (umount(layers.path("merged").c_str()) != 0) return "cannot unmount";
  const std::vector<ChangedPath> found = layers.found();
  if (found != difference(before, after)) {
    return concat("found\n", join(words(found), "\n"), "\nbut it is\n",
                  join(words(difference(before, after)), "\n"));
  }
  if (const std::string said = layers.apply(); !said.empty()) return said;
  if (snapshot(layers.path("lower")) == after) return {};
  return concat("applied, these differ:\n",
                join(words(difference(snapshot(layers.path("lower")), after)), "\n"));
}

std::string tasks(const char* more) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    const std::string said = task(seed * 2, more);
    if (!said.empty()) return concat("seed ", seed, ": ", said);
  }
  return {};
}

bool write_file(const char* path, const std::string& text) {
  const UniqueFd file(open(path, O_WRONLY | O_CLOEXEC));
  return write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// Becomes an ordinary user in a user namespace of its own.
bool enter_user_namespace() {
  if (geteuid() == 0 &&
      (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0)) {
    return false;
  }
  // Having changed its user a process may not write its own maps (proc(5), PR_SET_DUMPABLE).
  if (prctl(PR_SET_DUMPABLE, 1) != 0) return false;
  const std::string id = concat("1000 ", geteuid(), " 1");
  const std::string group = concat("1000 ", getegid(), " 1");
  return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && write_file("/proc/self/setgroups", "deny") &&
         write_file("/proc/self/uid_map", id) && write_file("/proc/self/gid_map", group);
}

}  // namespace

TEST_CASE("random tasks under an overlay are found and applied as they were") {
  if (geteuid() != 0) return skip("mounting in this user namespace needs root");
  CHECK(in_child([]() -> std::string {
          if (unshare(CLONE_NEWNS) != 0) return "unshare";
          if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return "private";
          return tasks(",metacopy=off,redirect_dir=off");
        }) == "");
}

TEST_CASE("random tasks under an ordinary user's overlay are found and applied as they were") {
  const std::string said = in_child([]() -> std::string {
    if (!enter_user_namespace()) return "no namespace";
    // This option turns metacopy and redirects off by itself.
    return tasks(",userxattr");
  });
  if (said == "no namespace") return skip("user namespaces are not to be had here");
  CHECK(said == "");
}

}  // namespace muster::sandbox
