// SPDX-License-Identifier: Apache-2.0
#include "sandbox/changes_stage.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "base/error.h"
#include "base/file_replacement.h"
#include "base/text.h"

namespace muster::sandbox {

namespace {

constexpr const char* kJournal = "journal";
constexpr const char* kUnfinishedJournal = "journal.part";

std::string label_of(const Tree& workspace) { return concat(workspace.label, '/', kStageName); }

Error foreign(const Tree& workspace, std::string_view why) {
  const std::string path = label_of(workspace);
  return {ErrorCode::kIo, concat(in_quotes(path), ' ', why),
          concat("look into it; when it holds nothing you need, rm -rf ", shell_quote(path))};
}

// Waits until no other process works on the stage. False when it is gone by then.
bool lock(int folder, const Tree& workspace) {
  while (flock(folder, LOCK_EX) != 0) {
    if (errno != EINTR) throw workspace.fault("locking", kStageName);
  }
  struct stat status{};
  if (fstat(folder, &status) != 0) throw workspace.fault("looking at", kStageName);
  const auto there = entry_at(workspace, workspace.root, std::string(kStageName), kStageName);
  return there && there->st_ino == status.st_ino && there->st_dev == status.st_dev;
}

}  // namespace

std::optional<Stage> Stage::find(const Tree& workspace, const AfterStep& after_step) {
  for (;;) {
    UniqueFd folder = open_below(workspace.root, kStageName, O_RDONLY | O_DIRECTORY);
    if (!folder && errno == ENOENT) return std::nullopt;
    if (!folder && (errno == ENOTDIR || errno == ELOOP)) {
      throw foreign(workspace, "is in the way: it is not a folder");
    }
    if (!folder) throw workspace.fault("opening", kStageName);
    struct stat status{};
    if (fstat(folder.get(), &status) != 0) throw workspace.fault("looking at", kStageName);
    // Its journal will be obeyed.
    if (status.st_uid != geteuid()) {
      throw foreign(workspace, concat("was left by user ", status.st_uid, ", not by you"));
    }
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
      throw foreign(workspace, "may have been filled by others");
    }
    if (lock(folder.get(), workspace)) {
      return Stage(std::move(folder), label_of(workspace), after_step);
    }
  }
}

std::optional<Stage> Stage::make(const Tree& workspace, const AfterStep& after_step) {
  const std::string name(kStageName);
  if (mkdirat(workspace.root, name.c_str(), S_IRWXU) != 0) {
    if (errno == EEXIST) return std::nullopt;
    throw workspace.fault("creating", name);
  }
  after_step();
  UniqueFd folder = open_below(workspace.root, name, O_RDONLY | O_DIRECTORY);
  if (!folder && errno == ENOENT) return std::nullopt;
  if (!folder) throw workspace.fault("opening", name);
  if (!lock(folder.get(), workspace)) return std::nullopt;
  for (const char* part : {"new", "old"}) {
    if (mkdirat(folder.get(), part, S_IRWXU) != 0) throw workspace.fault("filling", name);
    after_step();
  }
  return Stage(std::move(folder), label_of(workspace), after_step);
}

void Stage::commit(const Journal& journal) const {
  const UniqueFd file(openat(folder_.get(), kUnfinishedJournal,
                             O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file) throw tree().fault("creating", kJournal);
  (*after_step_)();
  if (const int error = write_whole(file.get(), encode(journal))) {
    errno = error;
    throw tree().fault("writing", kJournal);
  }
  if (fsync(file.get()) != 0) throw tree().fault("writing", kJournal);
  (*after_step_)();
  if (renameat(folder_.get(), kUnfinishedJournal, folder_.get(), kJournal) != 0) {
    throw tree().fault("creating", kJournal);
  }
  (*after_step_)();
  if (fsync(folder_.get()) != 0) throw tree().fault("syncing", "");
}

std::optional<Journal> Stage::journal() const {
  const UniqueFd file =
      open_below(folder_.get(), kJournal, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (!file && errno == ENOENT) return std::nullopt;
  if (!file) throw tree().fault("reading", kJournal);
  std::string text;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t count = read(file.get(), buffer.data(), buffer.size());
    if (count == 0) break;
    if (count > 0) {
      text.append(buffer.data(), static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      throw tree().fault("reading", kJournal);
    }
  }
  try {
    return decode_journal(text);
  } catch (const Error& error) {
    throw Error(error.code(), concat("reading ", tree().quoted(kJournal), ": ", error.message()),
                concat("what was replaced is in ", tree().quoted("old"),
                       "; move it back and remove ", tree().quoted("")));
  }
}

void Stage::close_journal() const {
  if (unlinkat(folder_.get(), kJournal, 0) != 0 && errno != ENOENT) {
    throw tree().fault("removing", kJournal);
  }
  (*after_step_)();
  if (fsync(folder_.get()) != 0) throw tree().fault("syncing", "");
}

void Stage::remove(const Tree& workspace) const {
  if (const int error = remove_below(workspace.root, std::string(kStageName), *after_step_)) {
    errno = error;
    throw workspace.fault("removing", kStageName);
  }
}

std::string new_path(std::uint64_t slot) { return concat("new/", slot); }
std::string old_path(std::uint64_t slot) { return concat("old/", slot); }

}  // namespace muster::sandbox
