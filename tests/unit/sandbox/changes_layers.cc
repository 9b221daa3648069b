// SPDX-License-Identifier: Apache-2.0
#include "unit/sandbox/changes_layers.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/text.h"
#include "sandbox/changes_tree.h"

namespace muster::sandbox {

namespace {

namespace fs = std::filesystem;

constexpr timespec kThen = {1'700'000'000, 123'456'789};

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void set_time(const std::string& path) {
  const std::array<timespec, 2> times = {kThen, kThen};
  REQUIRE(utimensat(AT_FDCWD, path.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) == 0);
}

void make_parents(const std::string& path) { fs::create_directories(fs::path(path).parent_path()); }

std::string described(const std::string& path) {
  struct stat status{};
  if (lstat(path.c_str(), &status) != 0) return "gone";
  const mode_t mode = status.st_mode & 07777;
  if (S_ISLNK(status.st_mode)) return concat("link ", fs::read_symlink(path).string());
  if (S_ISDIR(status.st_mode)) return concat("folder ", mode);
  if (S_ISREG(status.st_mode)) {
    return concat("file ", mode, ' ', status.st_mtim.tv_sec, '.', status.st_mtim.tv_nsec, ' ',
                  status.st_size > 1'000'000 ? std::to_string(status.st_size) : read_file(path));
  }
  return concat("special ", status.st_mode, ' ', status.st_rdev);
}

bool is_folder(const std::string& description) { return description.starts_with("folder "); }

// Whether the folder that holds `path`, or one further out, is a folder of `tree`.
bool stands_in_folder(const Snapshot& tree, const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return true;
  const auto parent = tree.find(path.substr(0, slash));
  return parent != tree.end() && is_folder(parent->second);
}

}  // namespace

Snapshot snapshot(const std::string& folder) {
  Snapshot all;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    all[entry.path().string().substr(folder.size() + 1)] = described(entry.path().string());
  }
  return all;
}

std::vector<ChangedPath> difference(const Snapshot& before, const Snapshot& after) {
  std::map<std::string, ChangeKind> changes;
  const auto named = [](const auto& entry) {
    return is_folder(entry.second) ? entry.first + "/" : entry.first;
  };
  for (const auto& entry : before) {
    const auto now = after.find(entry.first);
    const bool gone = now == after.end() || is_folder(now->second) != is_folder(entry.second);
    // What goes with its folder is not named.
    if (gone && stands_in_folder(after, entry.first)) changes[named(entry)] = ChangeKind::kDeleted;
    if (!gone && now->second != entry.second) changes[named(entry)] = ChangeKind::kModified;
  }
  for (const auto& entry : after) {
    const auto then = before.find(entry.first);
    if (then == before.end() || is_folder(then->second) != is_folder(entry.second)) {
      changes[named(entry)] = ChangeKind::kAdded;
    }
  }
  std::vector<ChangedPath> list;
  for (const auto& [path, kind] : changes) list.push_back({kind, path});
  return list;
}

std::vector<std::string> words(const std::vector<ChangedPath>& changes) {
  std::vector<std::string> lines;
  for (const auto& change : changes)
    lines.push_back(concat(name_of(change.kind), ' ', change.path));
  return lines;
}

Layers::Layers() {
  std::string name =
      (access("/dev/shm", W_OK) == 0 ? fs::path("/dev/shm") : fs::temp_directory_path()) /
      "muster-layers-XXXXXX";
  REQUIRE(mkdtemp(name.data()) != nullptr);
  path_ = name;
  REQUIRE(chmod(name.c_str(), 0755) == 0);
  for (const char* layer : {"lower", "upper", "work", "merged"}) fs::create_directory(path(layer));
  upper_.reset(open(path("upper").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  lower_.reset(open(path("lower").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

Layers::~Layers() {
  const UniqueFd parent(open(fs::path(path_).parent_path().c_str(), O_PATH | O_CLOEXEC));
  remove_below(parent.get(), fs::path(path_).filename(), [] {});
}

void Layers::file(const std::string& name, const std::string& text, mode_t mode) const {
  make_parents(path(name));
  std::ofstream(path(name)) << text;
  REQUIRE(chmod(path(name).c_str(), mode) == 0);
  set_time(path(name));
}

void Layers::folder(const std::string& name, mode_t mode) const {
  fs::create_directories(path(name));
  REQUIRE(chmod(path(name).c_str(), mode) == 0);
}

void Layers::link(const std::string& name, const std::string& text) const {
  make_parents(path(name));
  fs::create_symlink(text, path(name));
}

void Layers::fifo(const std::string& name) const {
  make_parents(path(name));
  REQUIRE(mkfifo(path(name).c_str(), 0600) == 0);
}

void Layers::whiteout(const std::string& name) const {
  make_parents(path(name));
  REQUIRE(mknod(path(name).c_str(), S_IFCHR, makedev(0, 0)) == 0);
}

void Layers::mark(const std::string& name, const std::string& which,
                  const std::string& value) const {
  const std::string whole = concat(geteuid() == 0 ? "trusted.overlay." : "user.overlay.", which);
  REQUIRE(setxattr(path(name).c_str(), whole.c_str(), value.data(), value.size(), 0) == 0);
}

std::string Layers::read(const std::string& name) const { return read_file(path(name)); }

bool Layers::has(const std::string& name) const {
  struct stat status{};
  return lstat(path(name).c_str(), &status) == 0;
}

std::vector<ChangedPath> Layers::found() const { return find_changes(upper(), lower()); }

std::string Layers::apply(const AfterStep& after_step) const {
  try {
    apply_changes(upper(), lower(), found(), path("lower"), after_step);
  } catch (const Error& error) {
    return concat(error.message(), " | ", error.next());
  }
  return {};
}

std::string Layers::recover(const AfterStep& after_step) const {
  try {
    recover_changes(lower(), path("lower"), after_step);
  } catch (const Error& error) {
    return concat(error.message(), " | ", error.next());
  }
  return {};
}

void give_away(const std::string& folder, uid_t uid, gid_t gid) {
  REQUIRE(lchown(folder.c_str(), uid, gid) == 0);
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    REQUIRE(lchown(entry.path().c_str(), uid, gid) == 0);
  }
}

int status_of_child(const std::function<void()>& work) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    try {
      work();
    } catch (...) {
      _exit(99);
    }
    _exit(0);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace muster::sandbox
