// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "base/text.h"
#include "sandbox/cgroup.h"
#include "sandbox/cgroup_facts.h"
#include "sandbox/user_scope.h"
#include "unit/exec/processes.h"

namespace muster::sandbox {

namespace {

// A root folder with what a host shows of its cgroups.
class FakeHost {
 public:
  FakeHost(const std::string& memberships, const std::string& mounts) {
    chmod(root().c_str(), 0755);
    file("/proc/self/cgroup", memberships);
    file("/proc/self/mountinfo",
         "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n23 22 0:5 / /proc rw - proc proc rw\n" +
             mounts);
  }
  ~FakeHost() { unsetenv("XDG_RUNTIME_DIR"); }
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  std::string root() const { return folder_.path("."); }
  std::string at(const std::string& path) const { return root() + path; }

  void file(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(at(path)).parent_path());
    std::ofstream(at(path)) << text;
  }
  void folder(const std::string& path) const { std::filesystem::create_directories(at(path)); }

  // A cgroup of version 2 with these processes.
  void cgroup(const std::string& path, const std::string& processes) const {
    file(path + "/cgroup.procs", processes);
    file(path + "/cgroup.type", "domain\n");
    file(path + "/cgroup.controllers", "cpu memory pids\n");
    file(path + "/cgroup.subtree_control", "");
  }
  // A user manager that was handed these controllers.
  void user_manager(const std::string& controllers, uid_t uid) const {
    file(concat("/sys/fs/cgroup/user.slice/user-", uid, ".slice/user@", uid,
                ".service/cgroup.controllers"),
         controllers);
    file("/run/user/1/systemd/private", "");
    chmod(at("/run/user/1/systemd/private").c_str(), 0666);
    setenv("XDG_RUNTIME_DIR", "/run/user/1", 1);
  }

  CgroupFacts probe() const { return probe_cgroups(root()); }

 private:
  ScratchFolder folder_;
};

const std::string kV2Mount = "31 22 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n";

std::string v1_mount(const std::string& name, const std::string& controllers) {
  return concat("32 31 0:29 / /sys/fs/cgroup/", name, " rw shared:7 - cgroup cgroup rw,",
                controllers, "\n");
}

std::string me() { return concat(getpid(), "\n"); }
std::string me_and_another() { return concat("1\n", getpid(), "\n"); }

std::string kind_of(const CgroupFacts& facts, Controller controller) {
  const std::string_view word = name_of(facts.at(controller).kind);
  return word.empty() ? "nobody" : std::string(word);
}

// The kinds of memory, pids, cpu and cpuacct, in this order.
std::string kinds(const CgroupFacts& facts) {
  return concat(kind_of(facts, Controller::kMemory), ' ', kind_of(facts, Controller::kPids), ' ',
                kind_of(facts, Controller::kCpu), ' ', kind_of(facts, Controller::kCpuacct));
}

// Root may write anywhere; so the work is done by nobody.
std::string as_nobody(const std::function<std::string()>& work) {
  return in_child([&]() -> std::string {
    constexpr uid_t kNobody = 65534;
    if (geteuid() == 0 && setresuid(kNobody, kNobody, kNobody) != 0) return "cannot become nobody";
    return work();
  });
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("on version 1 every controller has a place of its own") {
  const FakeHost host("4:memory:/jobs/7\n3:pids:/\n2:cpu:/\n1:cpuacct:/other\n",
                      v1_mount("memory", "memory") + v1_mount("pids", "pids") +
                          v1_mount("cpu", "cpu") + v1_mount("cpuacct", "cpuacct"));
  host.folder("/sys/fs/cgroup/memory/jobs/7");
  host.folder("/sys/fs/cgroup/pids");
  host.folder("/sys/fs/cgroup/cpu");
  host.folder("/sys/fs/cgroup/cpuacct/other");
  const CgroupFacts facts = host.probe();
  CHECK(kinds(facts) == "cgroup-v1 cgroup-v1 cgroup-v1 cgroup-v1");
  CHECK(facts.at(Controller::kMemory).parent == host.at("/sys/fs/cgroup/memory/jobs/7"));
  CHECK(facts.at(Controller::kPids).parent == host.at("/sys/fs/cgroup/pids"));
  CHECK(facts.at(Controller::kCpuacct).parent == host.at("/sys/fs/cgroup/cpuacct/other"));
  CHECK_FALSE(facts.needs_leaf_move);
}

TEST_CASE("controllers that were mounted together share a place") {
  const FakeHost host("2:cpu,cpuacct:/a\n", v1_mount("cpu,cpuacct", "cpu,cpuacct"));
  host.folder("/sys/fs/cgroup/cpu,cpuacct/a");
  const CgroupFacts facts = host.probe();
  CHECK(kinds(facts) == "nobody nobody cgroup-v1 cgroup-v1");
  CHECK(facts.at(Controller::kCpu).parent == facts.at(Controller::kCpuacct).parent);
}

TEST_CASE("a controller of version 1 whose name another one begins with is not taken for it") {
  const FakeHost host("2:cpuset:/\n1:cpuacct:/\n",
                      v1_mount("cpuset", "cpuset") + v1_mount("cpuacct", "cpuacct"));
  host.folder("/sys/fs/cgroup/cpuset");
  host.folder("/sys/fs/cgroup/cpuacct");
  CHECK(kinds(host.probe()) == "nobody nobody nobody cgroup-v1");
}

TEST_CASE("on a hybrid host each controller is found where it is bound") {
  const FakeHost host("2:memory:/\n1:name=systemd:/\n0::/\n",
                      v1_mount("memory", "memory") + v1_mount("systemd", "name=systemd") +
                          "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
  host.folder("/sys/fs/cgroup/memory");
  host.file("/sys/fs/cgroup/unified/cgroup.procs", me_and_another());
  host.file("/sys/fs/cgroup/unified/cgroup.controllers", "pids hugetlb\n");
  host.file("/sys/fs/cgroup/unified/cgroup.subtree_control", "");
  const CgroupFacts facts = host.probe();
  CHECK(kinds(facts) == "cgroup-v1 cgroup-v2 nobody cgroup-v2");
  CHECK(facts.at(Controller::kPids).parent == host.at("/sys/fs/cgroup/unified"));
  CHECK(facts.at(Controller::kCpu).why_not == "the kernel does not offer the cpu controller");
}

TEST_CASE("the root of version 2 takes cgroups although it has processes") {
  const FakeHost host("0::/\n", kV2Mount);
  host.file("/sys/fs/cgroup/cgroup.procs", me_and_another());
  host.file("/sys/fs/cgroup/cgroup.controllers", "cpuset cpu memory pids\n");
  host.file("/sys/fs/cgroup/cgroup.subtree_control", "memory\n");
  const CgroupFacts facts = host.probe();
  CHECK(kinds(facts) == "cgroup-v2 cgroup-v2 cgroup-v2 cgroup-v2");
  CHECK(facts.at(Controller::kCpu).parent == host.at("/sys/fs/cgroup"));
  CHECK_FALSE(facts.needs_leaf_move);
}

TEST_CASE("the root of version 2 gives only what it hands down where that cannot be changed") {
  const FakeHost host("0::/\n", kV2Mount);
  host.file("/sys/fs/cgroup/cgroup.procs", me_and_another());
  host.file("/sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n");
  host.file("/sys/fs/cgroup/cgroup.subtree_control", "memory\n");
  std::filesystem::permissions(host.at("/sys/fs/cgroup"), std::filesystem::perms::all);
  chmod(host.at("/sys/fs/cgroup/cgroup.procs").c_str(), 0666);
  chmod(host.at("/sys/fs/cgroup/cgroup.subtree_control").c_str(), 0444);
  CHECK(as_nobody([&] { return kinds(host.probe()); }) == "cgroup-v2 nobody nobody cgroup-v2");
}

TEST_CASE("a cgroup with muster alone in it takes cgroups after a move to a leaf") {
  const FakeHost host("0::/\n", kV2Mount);
  host.cgroup("/sys/fs/cgroup", me());
  const CgroupFacts facts = host.probe();
  CHECK(kinds(facts) == "cgroup-v2 cgroup-v2 cgroup-v2 cgroup-v2");
  CHECK(facts.needs_leaf_move);
}

TEST_CASE("a slice that is ours takes cgroups beside the one that muster is in") {
  const FakeHost host("0::/user.slice/app.slice/shell.scope\n", kV2Mount);
  host.cgroup("/sys/fs/cgroup", "");
  host.cgroup("/sys/fs/cgroup/user.slice/app.slice", "");
  host.file("/sys/fs/cgroup/user.slice/app.slice/cgroup.subtree_control", "memory pids\n");
  host.cgroup("/sys/fs/cgroup/user.slice/app.slice/shell.scope", me_and_another());
  host.file("/sys/fs/cgroup/user.slice/app.slice/shell.scope/memory.max", "max\n");
  host.file("/sys/fs/cgroup/user.slice/app.slice/shell.scope/cpu.max", "max 100000\n");
  host.file("/sys/fs/cgroup/user.slice/app.slice/shell.scope/cpuset.cpus", "\n");
  const CgroupFacts facts = host.probe();
  CHECK(kinds(facts) == "cgroup-v2 cgroup-v2 nobody cgroup-v2");
  CHECK(facts.at(Controller::kMemory).parent == host.at("/sys/fs/cgroup/user.slice/app.slice"));
  CHECK_FALSE(facts.needs_leaf_move);
  CHECK(holds(facts.at(Controller::kCpu).why_not, "the cpu controller is not handed down to "));
  CHECK(holds(facts.at(Controller::kCpu).remedy, "Delegate=cpu"));
}

TEST_CASE("no cgroup is made beside one whose limits it would escape") {
  const auto limit =
      GENERATE(std::pair{"memory.max", "1073741824\n"}, std::pair{"pids.max", "99\n"},
               std::pair{"memory.high", "5\n"}, std::pair{"cpuset.cpus", "0-1\n"},
               std::pair{"cpu.max", "50000 100000\n"});
  const FakeHost host("0::/app.slice/shell.scope\n", kV2Mount);
  host.cgroup("/sys/fs/cgroup/app.slice", "");
  host.file("/sys/fs/cgroup/app.slice/cgroup.subtree_control", "memory pids\n");
  host.cgroup("/sys/fs/cgroup/app.slice/shell.scope", me_and_another());
  host.file(concat("/sys/fs/cgroup/app.slice/shell.scope/", limit.first), limit.second);
  const CgroupFacts facts = host.probe();
  CHECK(kinds(facts) == "nobody nobody nobody nobody");
  CHECK(holds(facts.at(Controller::kMemory).why_not, "would escape the limits"));
}

TEST_CASE("a cgroup of version 2 that is another user's is named with a remedy") {
  const FakeHost host("0::/session-2.scope\n", kV2Mount);
  host.cgroup("/sys/fs/cgroup", "1\n");
  host.cgroup("/sys/fs/cgroup/session-2.scope", me());
  CHECK(as_nobody([&] {
          const CgroupFacts facts = host.probe();
          const ControllerPlace& memory = facts.at(Controller::kMemory);
          return concat(kinds(facts), "; ", memory.why_not, "; ", memory.remedy);
        }) == concat("nobody nobody nobody nobody; this user may not make cgroups in ",
                     host.at("/sys/fs/cgroup/session-2.scope"), "; run muster as root"));
}

TEST_CASE("a cgroup of version 1 that is another user's is named with a remedy") {
  const FakeHost host("4:memory:/\n", v1_mount("memory", "memory"));
  host.folder("/sys/fs/cgroup/memory");
  CHECK(as_nobody([&] {
          const ControllerPlace memory = host.probe().at(Controller::kMemory);
          return concat(memory.why_not, "; ", memory.remedy);
        }) == concat("this user may not make cgroups in ", host.at("/sys/fs/cgroup/memory"),
                     "; sudo chown ", geteuid() == 0 ? 65534 : geteuid(), ' ',
                     host.at("/sys/fs/cgroup/memory")));
}

TEST_CASE("a cgroup file system that is mounted read-only is told from one of another user") {
  if (geteuid() != 0) {
    skip("mounting needs root");
    return;
  }
  const FakeHost host("4:memory:/\n0::/\n", v1_mount("memory", "memory") + kV2Mount);
  host.folder("/sys/fs/cgroup/memory");
  host.cgroup("/sys/fs/cgroup", me());
  CHECK(in_child([&]() -> std::string {
          const std::string cgroups = host.at("/sys/fs/cgroup");
          const char* const path = cgroups.c_str();
          if (unshare(CLONE_NEWNS) != 0 ||
              mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
              mount(path, path, nullptr, MS_BIND, nullptr) != 0 ||
              mount(nullptr, path, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) != 0) {
            return "cannot mount";
          }
          host.file("/proc/self/cgroup", "4:memory:/\n0::/\n");
          const CgroupFacts facts = host.probe();
          return concat(holds(facts.at(Controller::kMemory).why_not, "is mounted read-only"),
                        holds(facts.at(Controller::kPids).why_not, "is mounted read-only"),
                        holds(facts.at(Controller::kPids).remedy, "docker run"));
        }) == "111");
}

TEST_CASE("a host without cgroups has a place for nothing and says so") {
  const FakeHost host("", "");
  const CgroupFacts facts = host.probe();
  CHECK(kinds(facts) == "nobody nobody nobody nobody");
  CHECK(facts.at(Controller::kMemory).why_not == "no cgroup file system is mounted");
  CHECK_FALSE(facts.at(Controller::kMemory).remedy.empty());
}

TEST_CASE("an empty root folder is a host without cgroups") {
  const ScratchFolder nothing;
  CHECK(kinds(probe_cgroups(nothing.path("none"))) == "nobody nobody nobody nobody");
}

TEST_CASE("a controller of version 1 that is not mounted is not looked for in version 2") {
  const FakeHost host("4:memory:/\n0::/\n", kV2Mount);
  host.cgroup("/sys/fs/cgroup", me());
  const CgroupFacts facts = host.probe();
  CHECK(kinds(facts) == "nobody cgroup-v2 cgroup-v2 cgroup-v2");
  CHECK(holds(facts.at(Controller::kMemory).why_not, "not mounted"));
}

TEST_CASE("in a container the mount shows a part of the hierarchy") {
  const FakeHost host("4:memory:/docker/abc/inner\n3:pids:/docker/abc\n",
                      "32 31 0:29 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                      "33 31 0:30 /docker/abc /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n");
  host.folder("/sys/fs/cgroup/memory/inner");
  host.folder("/sys/fs/cgroup/pids");
  const CgroupFacts facts = host.probe();
  CHECK(facts.at(Controller::kMemory).parent == host.at("/sys/fs/cgroup/memory/inner"));
  CHECK(facts.at(Controller::kPids).parent == host.at("/sys/fs/cgroup/pids"));
}

TEST_CASE("a cgroup outside of what is mounted is no place") {
  const auto path = GENERATE("/docker/abcd", "/elsewhere", "/../outside", "/docker");
  const FakeHost host(concat("4:memory:", path, "\n0::", path, "\n"),
                      "32 31 0:29 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                      "33 31 0:30 /docker/abc /sys/fs/cgroup/v2 rw - cgroup2 cgroup rw\n");
  host.folder("/sys/fs/cgroup/memory/d");
  host.cgroup("/sys/fs/cgroup/v2", me());
  const CgroupFacts facts = host.probe();
  CHECK(kinds(facts) == "nobody nobody nobody nobody");
  CHECK(holds(facts.at(Controller::kMemory).why_not, "is not below"));
  CHECK(holds(facts.at(Controller::kPids).why_not, "no mounted cgroup file system shows"));
}

TEST_CASE("blanks, colons and backslashes in paths are read as they are meant") {
  const FakeHost host("4:memory:/a job: 1\\x\n",
                      "32 31 0:29 / /sys/fs/my\\040cgroup/m\\134y rw - cgroup cgroup rw,memory\n");
  host.folder("/sys/fs/my cgroup/m\\y/a job: 1\\x");
  const CgroupFacts facts = host.probe();
  CHECK(facts.at(Controller::kMemory).parent == host.at("/sys/fs/my cgroup/m\\y/a job: 1\\x"));
}

TEST_CASE("of two mounts of one hierarchy the later one is taken, unless it shows nothing") {
  const FakeHost host("4:memory:/\n",
                      "32 31 0:29 / /first rw - cgroup cgroup rw,memory\n"
                      "33 31 0:29 / /second rw - cgroup cgroup rw,memory\n"
                      "34 31 0:29 / /hidden rw - cgroup cgroup rw,memory\n");
  host.folder("/first");
  host.folder("/second");
  CHECK(host.probe().at(Controller::kMemory).parent == host.at("/second"));
}

TEST_CASE("a threaded cgroup is no place") {
  const FakeHost host("0::/\n", kV2Mount);
  host.cgroup("/sys/fs/cgroup", me());
  host.file("/sys/fs/cgroup/cgroup.type", "threaded\n");
  const CgroupFacts facts = host.probe();
  CHECK(kinds(facts) == "nobody nobody nobody nobody");
  CHECK(holds(facts.at(Controller::kMemory).why_not, "threaded"));
}

TEST_CASE("broken lines of the kernel's are passed over") {
  CHECK(parse_memberships("\n4\n4:memory\nx:y:z:w\n").size() == 1);
  CHECK(parse_cgroup_mounts("1 2 3 - cgroup\n - cgroup cgroup rw\n1 2 3 / /p rw - cgroupfs x rw\n")
            .empty());
}

TEST_CASE("a user manager with more controllers offers a scope") {
  const FakeHost host("0::/user.slice/session-1.scope\n", kV2Mount);
  host.cgroup("/sys/fs/cgroup", "");
  host.cgroup("/sys/fs/cgroup/user.slice", "");
  host.cgroup("/sys/fs/cgroup/user.slice/session-1.scope", me_and_another());
  host.file("/sys/fs/cgroup/user.slice/session-1.scope/pids.max", "7\n");
  SECTION("where one listens") {
    host.user_manager("memory pids\n", geteuid());
    const CgroupFacts facts = host.probe();
    CHECK(facts.user_scope == host.at("/run/user/1/systemd/private"));
  }
  SECTION("but not when it does not listen") {
    host.user_manager("memory pids\n", geteuid());
    std::filesystem::remove(host.at("/run/user/1/systemd/private"));
    CHECK(host.probe().user_scope.empty());
  }
  SECTION("but not where it was handed no controller") {
    host.user_manager("io\n", geteuid());
    CHECK(host.probe().user_scope.empty());
  }
}

TEST_CASE("a muster alone in a scope of its own asks for no other") {
  const FakeHost host("0::/app.slice/run-r1.scope\n", kV2Mount);
  host.cgroup("/sys/fs/cgroup/app.slice", "");
  host.cgroup("/sys/fs/cgroup/app.slice/run-r1.scope", me());
  host.file("/sys/fs/cgroup/app.slice/run-r1.scope/cgroup.controllers", "memory pids\n");
  host.user_manager("memory pids cpu\n", geteuid());
  const CgroupFacts facts = host.probe();
  CHECK(kinds(facts) == "cgroup-v2 cgroup-v2 nobody cgroup-v2");
  CHECK(facts.user_scope.empty());
}

TEST_CASE("no scope is asked for where every controller has a place") {
  const FakeHost host("0::/service\n", kV2Mount);
  host.cgroup("/sys/fs/cgroup/service", me());
  host.user_manager("memory pids cpu\n", geteuid());
  CHECK(host.probe().user_scope.empty());
}

}  // namespace muster::sandbox
