// SPDX-License-Identifier: Apache-2.0
#include "cli/run_report.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "unit/exec/processes.h"

namespace muster::cli {

namespace {

// A spec whose workspace is an overlay of /src.
Spec overlay(bool show_diff, bool apply) {
  Spec spec;
  spec.argv = {"job"};
  spec.sandbox.workspace = {WorkspaceMode::kOverlay, "/src", show_diff, apply};
  return spec;
}

Attempt changed(Outcome outcome, bool applied) {
  Attempt attempt;
  attempt.outcome = std::move(outcome);
  attempt.changes = WorkspaceChanges{
      {{ChangeKind::kAdded, "a\x1b"}, {ChangeKind::kModified, "b"}, {ChangeKind::kDeleted, "old/"}},
      applied};
  return attempt;
}

// What is said on stderr at the end.
std::string said(const Spec& spec, const Attempt& attempt, const FlagValues& flags = {}) {
  const ScratchFolder folder;
  in_child([&] {
    dup2(open(folder.path("err").c_str(), O_CREAT | O_WRONLY, 0600), STDERR_FILENO);
    const Getenv nothing = [](const char*) -> const char* { return nullptr; };
    const Config config = Config::load({}, nothing, flags);
    const Streams streams(ColorChoice::kNever, nothing);
    RunReport(config, streams, spec).tell_end(attempt);
    return std::string();
  });
  return folder.read("err");
}

}  // namespace

TEST_CASE("a diff lists each path with its letter and says that the changes are gone") {
  CHECK(said(overlay(true, false), changed(Exited{0}, false)) ==
        "A a\\x1b\nM b\nD old/\n"
        "muster: 3 changed paths in '/src': discarded; --apply keeps them\n");
}

TEST_CASE("a diff says that the changes were applied") {
  CHECK(said(overlay(true, true), changed(Exited{0}, true)) ==
        "A a\\x1b\nM b\nD old/\nmuster: 3 changed paths in '/src': applied\n");
}

TEST_CASE("a diff is what was asked for, so --quiet does not silence it but a record replaces it") {
  const Attempt attempt = changed(Exited{0}, false);
  CHECK(said(overlay(true, false), attempt, {{"quiet", {"true"}}}).starts_with("A a"));
  CHECK(said(overlay(true, false), attempt, {{"json", {"true"}}}).empty());
}

TEST_CASE("a diff without changes says so") {
  Attempt attempt = changed(Exited{0}, false);
  attempt.changes->paths.clear();
  CHECK(said(overlay(true, true), attempt) == "muster: nothing was changed in '/src'\n");
  attempt.changes->paths = {{ChangeKind::kAdded, "x"}};
  CHECK(said(overlay(true, false), attempt) ==
        "A x\nmuster: 1 changed path in '/src': discarded; --apply keeps them\n");
}

TEST_CASE("changes that were asked for and not applied are told with the failure") {
  CHECK(said(overlay(false, true), changed(Exited{2}, false)) ==
        "muster: '/src' stays as it was: the command did not succeed, so 3 changed paths went with "
        "its sandbox\n"
        "muster: 'job' exited with code 2\n");
  CHECK(said(overlay(false, false), changed(Exited{2}, false)) ==
        "muster: 'job' exited with code 2\n");
}

TEST_CASE("a success whose changes could not be applied is told as a fault") {
  const std::string words = said(overlay(false, true), changed(Exited{0}, false));
  CHECK(words.starts_with("muster: the command succeeded, but its changes were not applied to "));
  CHECK(words.find("\n  next: ") != std::string::npos);
}

TEST_CASE("published is what was applied, what was empty, and what was rightly held back") {
  const Spec apply = overlay(false, true);
  CHECK(published(apply, changed(Exited{0}, true)));
  CHECK(published(apply, changed(Exited{1}, false)));
  CHECK(published(overlay(true, false), changed(Exited{0}, false)));
  CHECK_FALSE(published(apply, changed(Exited{0}, false)));
  Attempt attempt = changed(Exited{0}, false);
  attempt.changes->paths.clear();
  CHECK(published(apply, attempt));
  attempt.changes.reset();
  CHECK_FALSE(published(apply, attempt));
}

}  // namespace muster::cli
