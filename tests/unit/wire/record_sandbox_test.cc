// SPDX-License-Identifier: Apache-2.0
#include <cerrno>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "unit/wire/records.h"

namespace muster {

namespace {

namespace json = boost::json;

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string text_of(const json::value& value) { return json::serialize(value); }

json::value attempt_of(const Record& record) { return to_object(record).at("attempts").at(0); }

}  // namespace

TEST_CASE("the sandbox that was asked for is told in full") {
  Record record = record_of(Exited{0});
  SandboxSpec& sandbox = record.spec.sandbox;
  sandbox.isolation = Isolation::kBestEffort;
  sandbox.workspace = {WorkspaceMode::kOverlay, "/src", true, false};
  sandbox.network = Network::kHost;
  sandbox.binds = {{true, "/a", "/b"}};
  sandbox.tmpfs = {{"/t", Bytes{64}}, {"/u", {}}};
  sandbox.home = "/home/u";
  sandbox.devices = {"kvm"};
  sandbox.allow = {"ptrace"};
  sandbox.policy_path = "/p.json";
  sandbox.landlock = false;
  sandbox.map_root = true;
  const json::object spec = to_object(record).at("spec").as_object();
  CHECK(spec.at("isolation") == "best-effort");
  CHECK(text_of(spec.at("sandbox")) ==
        R"({"isolation":"best-effort",)"
        R"("workspace":{"mode":"overlay","directory":"/src","diff":true,"apply":false},)"
        R"("net":"host","binds":[{"source":"/a","target":"/b","writable":true}],)"
        R"("tmpfs":[{"target":"/t","size":64},{"target":"/u","size":null}],"rootfs":null,)"
        R"("home":"/home/u","devices":["kvm"],"allow":["ptrace"],"seccomp":"/p.json",)"
        R"("landlock":false,"map_root":true,"hostname":"muster"})");
}

TEST_CASE("every workspace mode has its word, and none has no folder") {
  Record record = record_of(Exited{0});
  const auto workspace = [&](WorkspaceMode mode) {
    record.spec.sandbox.workspace.mode = mode;
    return to_object(record).at("spec").at("sandbox").at("workspace");
  };
  CHECK(workspace(WorkspaceMode::kReadWrite).at("mode") == "rw");
  CHECK(workspace(WorkspaceMode::kReadOnly).at("mode") == "ro");
  CHECK(workspace(WorkspaceMode::kOverlay).at("mode") == "overlay");
  CHECK(workspace(WorkspaceMode::kNone).at("mode") == "none");
  CHECK(workspace(WorkspaceMode::kNone).at("directory").is_null());
}

TEST_CASE("without isolation nothing of a sandbox is claimed") {
  Record record = record_of(Exited{0});
  record.spec.sandbox.isolation = Isolation::kNone;
  const json::object spec = to_object(record).at("spec").as_object();
  CHECK(spec.at("isolation") == "none");
  CHECK(text_of(spec.at("sandbox")) == R"({"isolation":"none"})");
}

TEST_CASE("limits of the whole tree are told, null where there is none") {
  Record record = record_of(Exited{0});
  const auto limits = [&] { return to_object(record).at("spec").at("limits").as_object(); };
  for (const auto* name : {"memory", "cpus", "pids", "disk", "inodes", "cpu_time"}) {
    CHECK(limits().at(name).is_null());
  }
  record.spec.limits.memory = Bytes{1024};
  record.spec.limits.cpus = 0.5;
  record.spec.limits.pids = 64;
  record.spec.limits.disk = Bytes{2048};
  record.spec.limits.inodes = 100;
  record.spec.limits.cpu_time = milliseconds(1500);
  CHECK(limits().at("memory") == 1024);
  CHECK(limits().at("cpus") == 0.5);
  CHECK(limits().at("pids") == 64);
  CHECK(limits().at("disk") == 2048);
  CHECK(limits().at("inodes") == 100);
  CHECK(limits().at("cpu_time") == 1.5);
}

TEST_CASE("usage says whose peak it is and what the limits did, null where nobody counted") {
  Record record = record_of(Exited{0});
  const auto usage = [&] { return to_object(record).at("usage").as_object(); };
  CHECK(usage().at("peak_of_tree") == false);
  for (const auto* name : {"throttled", "oom_kills", "peak_pids"})
    CHECK(usage().at(name).is_null());
  Usage& used = record.attempts.front().usage;
  used.peak_of_tree = true;
  used.throttled = milliseconds(250);
  used.oom_kills = 0;
  used.peak_pids = 7;
  CHECK(usage().at("peak_of_tree") == true);
  CHECK(usage().at("throttled") == 0.25);
  CHECK(usage().at("oom_kills") == 0);
  CHECK(usage().at("peak_pids") == 7);
}

TEST_CASE("outcomes of limits and of the sandbox tell what helps to mend them") {
  CHECK(outcome_text(OutOfMemory{Bytes{512}, Bytes{510}}) ==
        R"({"kind":"out_of_memory","limit":512,"peak":510})");
  CHECK(outcome_text(TimedOut{seconds(2), Exited{1}, true}) ==
        R"({"kind":"timed_out","limit":2,"cpu_time":true,"ending":{"kind":"exited","code":1}})");
  CHECK(
      outcome_text(NotStarted{StartStep::kSandbox, EPERM, "user namespace", true, "sysctl x=1"}) ==
      R"({"kind":"not_started","step":"sandbox","errno":1,"subject":"user namespace",)"
      R"("remedy":"sysctl x=1"})");
}

TEST_CASE("what held is told with who held it") {
  Record record = record_of(Exited{0});
  Enforced& enforced = record.attempts.front().enforced;
  CHECK(text_of(attempt_of(record).at("enforced")) ==
        R"({"isolation":"none","namespaces":[],"identity":null,"seccomp":false,"landlock_abi":0,)"
        R"("memory":null,"cpus":null,"pids":null,"cpu_time":null,"missing":[]})");
  enforced = {Isolation::kBestEffort,
              {"user", "mount"},
              "uid 1000 inside",
              true,
              7,
              Enforcer::kCgroupV2,
              Enforcer::kNobody,
              Enforcer::kCgroupV1,
              Enforcer::kPerProcess,
              {"no cpu controller"}};
  CHECK(text_of(attempt_of(record).at("enforced")) ==
        R"({"isolation":"best-effort","namespaces":["user","mount"],"identity":"uid 1000 inside",)"
        R"("seccomp":true,"landlock_abi":7,"memory":"cgroup-v2","cpus":null,"pids":"cgroup-v1",)"
        R"("cpu_time":"per-process","missing":["no cpu controller"]})");
}

TEST_CASE("changes of a workspace are told, null where there was no overlay") {
  Record record = record_of(Exited{0});
  CHECK(attempt_of(record).at("changes").is_null());
  record.attempts.front().changes = WorkspaceChanges{
      {{ChangeKind::kAdded, "a\xff"}, {ChangeKind::kModified, "b"}, {ChangeKind::kDeleted, "c/"}},
      true};
  CHECK(text_of(attempt_of(record).at("changes")) ==
        "{\"applied\":true,\"error\":null,\"paths\":[{\"change\":\"added\",\"path\":"
        "\"a\xEF\xBF\xBD\"},"
        R"({"change":"modified","path":"b"},{"change":"deleted","path":"c/"}]})");
}

TEST_CASE("timings are told in seconds") {
  Record record = record_of(Exited{0});
  CHECK(attempt_of(record).at("timings") == json::array{});
  record.attempts.front().timings = {{"clone", microseconds(250)}, {"exec", seconds(1)}};
  CHECK(text_of(attempt_of(record).at("timings").at(1)) == R"({"step":"exec","seconds":1})");
  CHECK(attempt_of(record).at("timings").at(0).at("seconds") == 0.00025);
}

}  // namespace muster
