// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/text.h"
#include "sandbox/changes.h"
#include "unit/exec/processes.h"
#include "unit/sandbox/changes_layers.h"

namespace muster::sandbox {
namespace {

// Work for a child that is killed after so many steps; false when it ended by itself.
bool killed_after(int steps, const std::function<void(const AfterStep&)>& work) {
  const int status = status_of_child([&] {
    int left = steps;
    work([&] {
      if (--left == 0) raise(SIGKILL);
    });
  });
  if (WIFSIGNALED(status)) {
    REQUIRE(WTERMSIG(status) == SIGKILL);
    return true;
  }
  INFO("status " << status);
  REQUIRE(status == 0);
  return false;
}

// One change of every kind.
void fill(const Layers& layers) {
  layers.file("lower/keep", "keep");
  layers.file("lower/mod", "old");
  layers.file("lower/folder/in", "stays");
  layers.file("lower/was-folder/in", "old");
  layers.file("lower/was-file", "old");
  layers.file("lower/opaque/hidden", "old");
  layers.file("upper/mod", "new");
  layers.file("upper/tree/a/b", "deep");
  layers.link("upper/tree/l", "a");
  layers.folder("upper/folder", 0700);
  layers.file("upper/folder/too", "new");
  layers.file("upper/was-folder", "file now");
  layers.file("upper/was-file/in", "new");
  layers.folder("upper/was-file", 0555);
  layers.file("upper/opaque/shown", "new");
  layers.mark("upper/opaque", "opaque", "y");
}

bool committed(const Layers& layers) { return layers.has("lower/.muster-apply/journal"); }

Snapshot applied() {
  const Layers layers;
  fill(layers);
  REQUIRE(layers.apply().empty());
  return snapshot(layers.path("lower"));
}

}  // namespace

TEST_CASE("killed after any step, changes are applied whole or not at all once recovered") {
  const Snapshot after = applied();
  int done = 0;
  int undone = 0;
  for (int step = 1;; ++step) {
    const Layers layers;
    fill(layers);
    const Snapshot before = snapshot(layers.path("lower"));
    const bool killed =
        killed_after(step, [&](const AfterStep& after_step) { layers.apply(after_step); });
    INFO("step " << step);
    const bool was_committed = committed(layers);
    REQUIRE(layers.recover().empty());
    const Snapshot now = snapshot(layers.path("lower"));
    REQUIRE((now == before || now == after));
    if (was_committed) REQUIRE(now == after);
    ++(now == after ? done : undone);
    if (!killed) break;
  }
  CHECK(undone > 15);
  CHECK(done > 20);
}

TEST_CASE("killed while recovering, changes are recovered the next time") {
  const Snapshot after = applied();
  int kills = 0;
  for (int step = 3;; step += 3) {
    bool first = true;
    for (int second = 1;; second += 2) {
      const Layers layers;
      fill(layers);
      const Snapshot before = snapshot(layers.path("lower"));
      first = killed_after(step, [&](const AfterStep& after_step) { layers.apply(after_step); });
      const bool was_committed = committed(layers);
      const bool killed =
          killed_after(second, [&](const AfterStep& after_step) { layers.recover(after_step); });
      INFO("steps " << step << " and " << second);
      REQUIRE(layers.recover().empty());
      const Snapshot now = snapshot(layers.path("lower"));
      REQUIRE((now == before || now == after));
      if (was_committed) REQUIRE(now == after);
      if (!killed) break;
      ++kills;
    }
    if (!first) break;
  }
  CHECK(kills > 50);
}

TEST_CASE("a rename that fails undoes the ones before it") {
  const Layers layers;
  fill(layers);
  layers.file("upper/zz", "new");
  Snapshot before = snapshot(layers.path("lower"));
  const std::string said = layers.apply([&] {
    // After the check that the path is free, before its turn.
    if (committed(layers) && !layers.has("lower/zz")) layers.file("lower/zz", "theirs");
  });
  CHECK_THAT(said, Catch::Contains("File exists") && Catch::Contains("nothing was applied"));
  before["zz"] = snapshot(layers.path("lower"))["zz"];
  CHECK(layers.read("lower/zz") == "theirs");
  CHECK(snapshot(layers.path("lower")) == before);
}

TEST_CASE("killed while undoing, the rest is undone the next time") {
  int kills = 0;
  for (int step = 1;; ++step) {
    const Layers layers;
    fill(layers);
    layers.file("upper/zz", "new");
    Snapshot before = snapshot(layers.path("lower"));
    const bool killed = killed_after(step, [&](const AfterStep& after_step) {
      layers.apply([&] {
        if (committed(layers) && !layers.has("lower/zz")) layers.file("lower/zz", "theirs");
        after_step();
      });
    });
    INFO("step " << step);
    REQUIRE(layers.recover().empty());
    Snapshot now = snapshot(layers.path("lower"));
    if (now.contains("zz")) before["zz"] = now["zz"];
    REQUIRE(now == before);
    if (!killed) break;
    ++kills;
  }
  CHECK(kills > 40);
}

TEST_CASE("what can be neither finished nor undone is kept and said") {
  const Layers layers;
  layers.file("lower/a", "old");
  layers.file("upper/a", "new");
  layers.file("upper/b", "new");
  const std::string said = layers.apply([&] {
    if (!committed(layers)) return;
    // `a` is in place by now; take it away, and `b`'s place too.
    if (layers.has("lower/.muster-apply/old/0") && !layers.has("lower/.muster-apply/new/0")) {
      std::filesystem::remove(layers.path("lower/a"));
      layers.file("lower/b", "theirs");
    }
  });
  CHECK_THAT(said, Catch::Contains("undoing what was done so far failed") &&
                       Catch::Contains("the next run"));
  CHECK(layers.read("lower/.muster-apply/old/0") == "old");
  // With both out of the way the next one succeeds.
  std::filesystem::remove(layers.path("lower/b"));
  layers.recover();
  CHECK(layers.read("lower/b") == "new");
}

TEST_CASE("nothing to recover is nothing to do") {
  const Layers layers;
  CHECK_FALSE(recover_changes(layers.lower(), "here"));
  layers.folder("lower/.muster-apply/new", 0700);
  layers.folder("lower/.muster-apply", 0700);
  CHECK(recover_changes(layers.lower(), "here"));
  CHECK_FALSE(recover_changes(layers.lower(), "here"));
}

TEST_CASE("two applications to one workspace wait for each other") {
  for (int round = 0; round < 20; ++round) {
    const Layers one;
    const Layers other;
    for (int i = 0; i < 10; ++i) one.file(concat("upper/one", i), "1");
    for (int i = 0; i < 10; ++i) other.file(concat("upper/other", i), "2");
    const auto changes = find_changes(other.upper(), one.lower());
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      try {
        apply_changes(other.upper(), one.lower(), changes, "here");
      } catch (const Error&) {
        _exit(1);
      }
      _exit(0);
    }
    CHECK(one.apply().empty());
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(snapshot(one.path("lower")).size() == 20);
  }
}

}  // namespace muster::sandbox
