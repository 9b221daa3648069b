// SPDX-License-Identifier: Apache-2.0
#include "sandbox/cgroup_names.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include <catch2/catch.hpp>

#include "base/text.h"
#include "sandbox/cgroup_folder.h"
#include "unit/exec/processes.h"
#include "unit/sandbox/cgroup_children.h"

namespace muster::sandbox {

namespace {

CgroupFacts memory_below(const std::string& parent) {
  CgroupFacts facts;
  facts.places[0] = {Enforcer::kCgroupV1, parent, {}, {}};
  return facts;
}

}  // namespace

TEST_CASE("no two names are the same, and each tells its muster") {
  const std::string first = next_cgroup_name();
  const std::string second = next_cgroup_name();
  CHECK(first != second);
  CHECK(first.starts_with(concat(kPrefix, getpid(), '-')));
  const CgroupOwner me{getpid(), start_time_of(getpid()).value()};
  CHECK(parse_cgroup_name(first) == me);
  CHECK(parse_cgroup_name(own_leaf_name()) == me);
  CHECK(own_leaf_name() != first);
  CHECK(own_leaf_name() == own_leaf_name());
}

TEST_CASE("a forked muster makes names of its own") {
  CHECK(in_child([] {
          const auto owner = parse_cgroup_name(next_cgroup_name());
          return concat(owner && owner->pid == getpid());
        }) == "1");
}

TEST_CASE("only names as muster makes them are read") {
  CHECK(parse_cgroup_name("muster-12-345-6") == CgroupOwner{12, 345});
  for (const char* name :
       {"muster", "muster-", "muster-12", "muster-12-345", "muster-12-345-", "muster--345-6",
        "muster-12-345-6-7", "muster-12-345-x", "muster-012-345-6", "muster-12-+345-6",
        "muster-0-345-6", "muster-99999999999-345-6", "muster-12-345-6/..", " muster-12-345-6",
        "xmuster-12-345-6", "muster-12-345-6 ", "muster-1-99999999999999999999999-6"}) {
    INFO(name);
    CHECK_FALSE(parse_cgroup_name(name));
  }
}

TEST_CASE("the start time of a process is told, and of none nothing") {
  CHECK(start_time_of(getpid()).value() > 0);
  CHECK_FALSE(start_time_of(-1));
}

TEST_CASE("what a muster that is gone left behind is collected, and nothing else") {
  const ScratchFolder scratch;
  const std::string gone = in_child([] { return next_cgroup_name(); });
  const std::string reused = concat(kPrefix, getpid(), "-1-1");  // our pid, another start time
  const std::string mine = next_cgroup_name();
  for (const std::string& name :
       {gone, reused, mine, std::string("muster-x-1-1"), std::string("other")}) {
    REQUIRE(mkdir(scratch.path(name).c_str(), 0755) == 0);
  }
  const std::string elsewhere = scratch.path("other/kept");
  REQUIRE(mkdir(elsewhere.c_str(), 0755) == 0);
  const std::string link = in_child([] { return next_cgroup_name(); });
  REQUIRE(symlink("other/kept", scratch.path(link).c_str()) == 0);

  collect_stale_cgroups(memory_below(scratch.path("")));
  CHECK_FALSE(scratch.has(gone));
  CHECK_FALSE(scratch.has(reused));
  CHECK(scratch.has(mine));
  CHECK(scratch.has("muster-x-1-1"));
  CHECK(scratch.has("other/kept"));
  collect_stale_cgroups(memory_below("/proc/nowhere"));
  collect_stale_cgroups(CgroupFacts{});
}

TEST_CASE("the cgroups of a muster that was killed are removed by the next one") {
  const CgroupFacts facts = probe_cgroups();
  if (!can_limit(facts, Controller::kMemory)) return;
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t muster = fork();
  if (muster == 0) {
    Limits limits;
    limits.memory = Bytes{64 << 20};
    limits.cpus = 1;
    const std::string name = next_cgroup_name();
    const Cgroups cgroups(facts, limits, name);
    if (write(ends[1], name.data(), name.size()) < 0) _exit(1);
    for (;;) pause();
  }
  std::string name(256, '\0');
  const ssize_t size = read(ends[0], name.data(), name.size());
  close(ends[0]);
  close(ends[1]);
  REQUIRE(size > 0);
  name.resize(static_cast<std::size_t>(size));
  const std::string path = concat(facts.at(Controller::kMemory).parent, '/', name);
  CHECK(access(path.c_str(), F_OK) == 0);
  collect_stale_cgroups(facts);
  CHECK(access(path.c_str(), F_OK) == 0);  // it lives
  reap(muster);
  collect_stale_cgroups(facts);
  for (const ControllerPlace& place : facts.places) {
    if (!place.parent.empty()) CHECK(access(concat(place.parent, '/', name).c_str(), F_OK) != 0);
  }
}

}  // namespace muster::sandbox
