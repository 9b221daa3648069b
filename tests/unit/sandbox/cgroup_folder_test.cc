// SPDX-License-Identifier: Apache-2.0
#include "sandbox/cgroup_folder.h"

#include <fcntl.h>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/text.h"
#include "sandbox/cgroup_v1.h"
#include "sandbox/cgroup_v2.h"
#include "unit/exec/processes.h"

namespace muster::sandbox {

namespace {

std::string error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kUnavailable);
    return error.message();
  }
  return "nothing was thrown";
}

CgroupFacts all_v2(const std::string& parent) {
  CgroupFacts facts;
  for (ControllerPlace& place : facts.places) place = {Enforcer::kCgroupV2, parent, {}, {}};
  return facts;
}

Limits all_limits() {
  Limits limits;
  limits.memory = Bytes{64 << 20};
  limits.pids = 10;
  limits.cpus = 1.5;
  limits.cpu_time = std::chrono::seconds(1);
  return limits;
}

// The files of a cgroup of version 2, empty.
void make_files(const ScratchFolder& folder) {
  for (const char* name : {"memory.max", "memory.swap.max", "memory.events", "pids.max", "cpu.max",
                           "cpu.stat", "cgroup.kill", "cgroup.subtree_control"}) {
    folder.write(name, "");
  }
}

}  // namespace

TEST_CASE("a keyed number is found by its whole key") {
  const std::string_view text = "oom 3\noom_kill 7\noom_group_kill 9\nbroken\nempty \n";
  CHECK(keyed_number(text, "oom") == 3);
  CHECK(keyed_number(text, "oom_kill") == 7);
  CHECK_FALSE(keyed_number(text, "oom_k"));
  CHECK_FALSE(keyed_number(text, "broken"));
  CHECK_FALSE(keyed_number(text, "empty"));
  CHECK_FALSE(keyed_number("", "oom"));
}

TEST_CASE("a limit that cannot be written is named with its file and value") {
  const ScratchFolder scratch;
  const CgroupHandle folder(scratch.path("."));
  CHECK(error_of([&] { folder.set("pids.max", "5"); }) ==
        concat("writing 5 to ", folder.path(), "/pids.max: No such file or directory"));
  CHECK_FALSE(scratch.has("pids.max"));
}

TEST_CASE("a cgroup that cannot be made is named") {
  CHECK(error_of([] { const CgroupFolder folder("/proc/nowhere", "muster-1-1-1"); }) ==
        "making the cgroup /proc/nowhere/muster-1-1-1: No such file or directory");
}

TEST_CASE("a symbolic link is not taken for a cgroup") {
  const ScratchFolder scratch;
  REQUIRE(symlink("/", scratch.path("link").c_str()) == 0);
  CHECK(error_of([&] { const CgroupHandle folder(scratch.path("link")); }) != "nothing was thrown");
}

TEST_CASE("processors are told as a quota that the kernel takes") {
  CHECK(cpu_quota(1.5).quota_us == 150'000);
  CHECK(cpu_quota(1.5).period_us == 100'000);
  CHECK(cpu_quota(0.01).quota_us == 1'000);
  CHECK(cpu_quota(0.005).quota_us == 5'000);
  CHECK(cpu_quota(0.005).period_us == 1'000'000);
  CHECK(cpu_quota(1e-9).quota_us == 1'000);
  CHECK(cpu_quota(1e300).quota_us == 100'000'000'000);
}

TEST_CASE("version 2 is given the limits in its own words") {
  const ScratchFolder scratch;
  make_files(scratch);
  const std::string path = scratch.path("");
  CgroupV2 cgroup(std::make_unique<CgroupFolder>(path), all_v2(path), all_limits());
  CHECK(scratch.read("memory.max") == "67108864");
  CHECK(scratch.read("memory.swap.max") == "0");
  CHECK(scratch.read("pids.max") == "11");  // ten and the keeper
  CHECK(scratch.read("cpu.max") == "150000 100000");
  cgroup.kill_all();
  CHECK(scratch.read("cgroup.kill") == "1");
}

TEST_CASE("version 2 sets no limit that was not asked for") {
  const ScratchFolder scratch;
  make_files(scratch);
  const std::string path = scratch.path("");
  const CgroupV2 cgroup(std::make_unique<CgroupFolder>(path), all_v2(path), Limits{});
  CHECK(scratch.read("memory.max").empty());
  CHECK(scratch.read("memory.swap.max").empty());
  CHECK(scratch.read("pids.max").empty());
  CHECK(scratch.read("cpu.max").empty());
  CHECK(cgroup.memory_alarm() == -1);
}

TEST_CASE("version 2 is limited where the kernel has no swap") {
  const ScratchFolder scratch;
  make_files(scratch);
  unlink(scratch.path("memory.swap.max").c_str());
  const std::string path = scratch.path("");
  const CgroupV2 cgroup(std::make_unique<CgroupFolder>(path), all_v2(path), all_limits());
  CHECK(scratch.read("memory.max") == "67108864");
  CHECK_FALSE(scratch.has("memory.swap.max"));
}

TEST_CASE("a change of memory.events rings the alarm of version 2 once") {
  const ScratchFolder scratch;
  make_files(scratch);
  const std::string path = scratch.path("");
  CgroupV2 cgroup(std::make_unique<CgroupFolder>(path), all_v2(path), all_limits());
  REQUIRE(cgroup.memory_alarm() >= 0);
  CHECK_FALSE(cgroup.take_alarm());
  scratch.write("memory.events", "low 0\nhigh 0\nmax 12\noom 1\noom_kill 1\n");
  CHECK(cgroup.take_alarm());
  CHECK_FALSE(cgroup.take_alarm());
  CHECK(cgroup.oom_kills() == 1);
}

TEST_CASE("version 2 tells what it counted") {
  const ScratchFolder scratch;
  make_files(scratch);
  scratch.write("memory.peak", "123456\n");
  scratch.write("memory.events", "oom 2\noom_kill 2\n");
  scratch.write("pids.peak", "5\n");
  scratch.write("cpu.stat",
                "usage_usec 30\nuser_usec 20\nsystem_usec 10\nnr_throttled 1\nthrottled_usec 7\n");
  const std::string path = scratch.path("");
  const CgroupV2 cgroup(std::make_unique<CgroupFolder>(path), all_v2(path), all_limits());
  Counted counted;
  cgroup.count(counted);
  CHECK(counted.peak_memory->count == 123456);
  CHECK(counted.oom_kills == 2);
  CHECK(counted.peak_pids == 5);
  CHECK(counted.throttled == std::chrono::microseconds(7));
  CHECK(counted.user == std::chrono::microseconds(20));
  CHECK(counted.system == std::chrono::microseconds(10));
  CHECK(cgroup.cpu_used() == std::chrono::microseconds(30));
}

TEST_CASE("version 2 leaves out what its kernel does not count") {
  const ScratchFolder scratch;
  make_files(scratch);
  const std::string path = scratch.path("");
  const CgroupV2 cgroup(std::make_unique<CgroupFolder>(path), all_v2(path), all_limits());
  Counted counted;
  cgroup.count(counted);
  CHECK_FALSE(counted.peak_memory);
  CHECK_FALSE(counted.oom_kills);
  CHECK_FALSE(counted.peak_pids);
  CHECK_FALSE(counted.throttled);
}

TEST_CASE("a controller is handed down only where it is not yet and is needed") {
  const ScratchFolder scratch;
  const std::string control = scratch.write("cgroup.subtree_control", "memory pids\n");
  const CgroupFacts facts = all_v2(scratch.path(""));
  Limits limits;
  make_cgroup_v2(facts, limits, "muster-1-1-1");
  CHECK(scratch.read("cgroup.subtree_control") == "memory pids\n");
  limits.cpus = 1;
  make_cgroup_v2(facts, limits, "muster-1-1-2");
  CHECK(scratch.read("cgroup.subtree_control").starts_with("+cpu"));
}

TEST_CASE("no cgroup of version 2 is made where none is of use") {
  const ScratchFolder scratch;
  CgroupFacts facts;
  facts.places[static_cast<std::size_t>(Controller::kCpuacct)] = {
      Enforcer::kCgroupV2, scratch.path(""), {}, {}};
  CHECK(make_cgroup_v2(facts, Limits{}, "muster-1-1-1") == nullptr);
  Limits limits;
  limits.cpu_time = std::chrono::seconds(1);
  scratch.write("cgroup.subtree_control", "");
  CHECK(make_cgroup_v2(facts, limits, "muster-1-1-1") != nullptr);
}

}  // namespace muster::sandbox
