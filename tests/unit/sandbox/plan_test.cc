// SPDX-License-Identifier: Apache-2.0
#include "sandbox/plan.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/text.h"
#include "unit/sandbox/plan_hosts.h"

namespace muster::sandbox::test {
namespace {

std::string text_of(const Plan& plan) {
  std::string text;
  for (const ExplainedStep& step : explain_steps(plan)) {
    text += concat(step.name, ": ", step.detail,
                   step.reason.empty() ? "" : concat(" (", step.reason, ')'), '\n');
  }
  return text;
}

// The plan as it was reviewed. MUSTER_UPDATE_PLANS=1 writes it anew.
void check_golden(const std::string& name, const Plan& plan) {
  const std::string path = concat(MUSTER_TESTS, "/unit/sandbox/plans/", name, ".txt");
  if (getenv("MUSTER_UPDATE_PLANS") != nullptr) std::ofstream(path) << text_of(plan);
  std::ifstream file(path);
  std::stringstream expected;
  expected << file.rdbuf();
  CHECK(text_of(plan) == expected.str());
}

const Step* find(const Plan& plan, Action action, std::string_view target) {
  const auto found = std::find_if(plan.steps.begin(), plan.steps.end(), [&](const Step& step) {
    return step.action == action && step.target == target;
  });
  return found == plan.steps.end() ? nullptr : &*found;
}

std::size_t place_of(const Plan& plan, Action action) {
  const auto found = std::find_if(plan.steps.begin(), plan.steps.end(),
                                  [&](const Step& step) { return step.action == action; });
  return static_cast<std::size_t>(found - plan.steps.begin());
}

std::string refusal(const Spec& spec, const Facts& facts) {
  try {
    build_plan(spec, facts);
  } catch (const Error& error) {
    return concat(error.message(), " | ", error.next());
  }
  return "no refusal";
}

}  // namespace

TEST_CASE("the plan of an ordinary user is as it was reviewed") {
  check_golden("ordinary-user", build_plan(plain_spec(), facts_of(ordinary_host(), 1001)));
}

TEST_CASE("the plan of root is as it was reviewed") {
  check_golden("root", build_plan(plain_spec(), facts_of(root_host(), 0)));
}

TEST_CASE("the plan of root without user namespaces is as it was reviewed") {
  Facts facts = facts_of(root_host(), 1234);
  facts.host.user_namespaces = {false, ENOSPC, "none left", ""};
  check_golden("root-without-user-namespaces", build_plan(plain_spec(), facts));
}

TEST_CASE("the plan with every wish is as it was reviewed") {
  Spec spec = plain_spec();
  spec.tty = true;
  spec.sandbox.network = Network::kHost;
  spec.sandbox.workspace.mode = WorkspaceMode::kOverlay;
  spec.sandbox.binds = {{false, "/srv/data", "/data"}, {true, "/srv/out", "/work/project/out"}};
  spec.sandbox.tmpfs = {{"/scratch", {}}, {"/big", Bytes{1 << 20}}};
  spec.sandbox.devices = {"kvm"};
  spec.sandbox.allow = {"ptrace"};
  spec.sandbox.policy.emplace();
  spec.sandbox.policy_path = "/work/policy.json";
  Facts facts = facts_of(root_host(), 0);
  facts.sources.push_back(folder("/srv/data", 33));
  facts.sources.push_back(folder("/srv/out", 33));
  SourceFacts device = folder("/dev/kvm", 0);
  device.is_folder = false;
  facts.sources.push_back(device);
  check_golden("every-wish", build_plan(spec, facts));
}

TEST_CASE("what best effort cannot do is in the plan as sentences") {
  Spec spec = plain_spec();
  spec.sandbox.isolation = Isolation::kBestEffort;
  Facts facts = facts_of(ordinary_host(), 1001);
  facts.host.user_namespaces = {false, EPERM, "forbidden here", "ask"};
  const Plan plan = build_plan(spec, facts);
  CHECK_FALSE(plan.namespaces);
  CHECK(join(plan.enforced.missing, "; ").find("user namespaces: forbidden here") == 0);
  check_golden("best-effort-without-namespaces", plan);
}

TEST_CASE("a sandbox that needs what the host lacks is refused by its name with the remedy") {
  const Spec spec = plain_spec();
  Facts facts = facts_of(ordinary_host(), 1001);
  facts.host.user_namespaces = {false, EPERM, "AppArmor says no", "load a profile"};
  CHECK(refusal(spec, facts) ==
        "the sandbox cannot be built: user namespaces: AppArmor says no | load a profile");
  facts.host.user_namespaces = {};
  facts.host.private_proc = {false, EPERM, "/proc is covered", "uncover it"};
  CHECK(refusal(spec, facts) ==
        "the sandbox cannot be built: a private /proc: /proc is covered | uncover it");
  facts.host.private_proc = {};
  facts.host.seccomp = {false, EINVAL, "no filters", "another kernel"};
  CHECK(refusal(spec, facts) ==
        "the sandbox cannot be built: system call filter: no filters | another kernel");
}

TEST_CASE("no id inside is ever root of the host") {
  Spec spec = plain_spec();
  for (const bool map_root : {false, true}) {
    spec.sandbox.map_root = map_root;
    const Plan plan = build_plan(spec, facts_of(root_host(), 0));
    CHECK(plan.identity.outside >= 0x70000000);
    CHECK(plan.identity.outside_gid >= 0x70000000);
    CHECK(plan.identity.inside == (map_root ? 0 : 1000));
  }
  Facts alone = facts_of(root_host(), 0);
  alone.host.uids = alone.host.gids = {{0, 1}};
  CHECK(refusal(spec, alone).find("no id here but that of root") != std::string::npos);
  Facts bare = facts_of(root_host(), 0);
  bare.host.privileged = false;
  CHECK(refusal(spec, bare).find("an id that is not root") != std::string::npos);
}

TEST_CASE("a workspace of root that cannot map ids is refused, one of a user makes it that user") {
  const Spec spec = plain_spec();
  Facts facts = facts_of(root_host(), 0);
  facts.sources[0].maps_ids = false;
  CHECK(refusal(spec, facts).find("belongs to root") != std::string::npos);
  facts = facts_of(root_host(), 1234);
  facts.sources[0].maps_ids = false;
  CHECK(build_plan(spec, facts).identity.outside == 1234);
}

TEST_CASE("without user namespaces they are to blame for a workspace of root that is refused") {
  Facts facts = facts_of(root_host(), 0);
  facts.host.user_namespaces = {false, ENOSPC, "none left", "allow some"};
  const std::string words = refusal(plain_spec(), facts);
  CHECK(words.find("without user namespaces") != std::string::npos);
  CHECK(words.find("(none left)") != std::string::npos);
  CHECK(words.find("its file system cannot") == std::string::npos);
  CHECK(words.find("| allow some, --workspace overlay") != std::string::npos);
}

TEST_CASE("a limit on processors that no cgroup can hold is refused by its name") {
  Spec spec = plain_spec();
  spec.limits.cpus = 0.5;
  Facts facts = facts_of(ordinary_host(), 1001);
  ControllerPlace& cpu = facts.host.cgroups.places[static_cast<std::size_t>(Controller::kCpu)];
  cpu = {Enforcer::kNobody, "", "nothing is delegated", "delegate it"};
  CHECK(
      refusal(spec, facts) ==
      "the sandbox cannot be built: the limit on processors (cpus), which only a cgroup can hold: "
      "nothing is delegated | delegate it");
  spec.sandbox.isolation = Isolation::kBestEffort;
  CHECK(build_plan(spec, facts).enforced.missing ==
        std::vector<std::string>{"the limit on processors (cpus), which only a cgroup can hold: "
                                 "nothing is delegated"});
  cpu.kind = Enforcer::kCgroupV2;
  CHECK(build_plan(spec, facts).enforced.missing.empty());
}

TEST_CASE("limits that need namespaces are missing without them") {
  Spec spec = plain_spec();
  spec.limits.pids = 10;
  spec.sandbox.isolation = Isolation::kBestEffort;
  Facts facts = facts_of(ordinary_host(), 1001);
  facts.host.user_namespaces = {false, EPERM, "forbidden here", "ask"};
  const std::string missing = join(build_plan(spec, facts).enforced.missing, "; ");
  CHECK(missing.find("(disk, inodes)") != std::string::npos);
  CHECK(missing.find("(pids) counts all processes of this user") != std::string::npos);
}

TEST_CASE("a workspace of a user in root's group gives the command the user and not the group") {
  Facts facts = facts_of(root_host(), 1234);
  facts.sources[0].maps_ids = false;
  facts.sources[0].gid = 0;
  const Identity identity = build_plan(plain_spec(), facts).identity;
  CHECK(identity.outside == 1234);
  CHECK(identity.outside_gid >= 0x70000000);
}

TEST_CASE("ids of small user namespaces are their own and neither root nor nobody") {
  for (const std::uint32_t lane : {0U, 1U, 4095U, 4096U, 99999U}) {
    Facts facts = facts_of(root_host(), 0);
    facts.lane = lane;
    facts.host.is_host_root = false;
    facts.host.uids = facts.host.gids = {{0, 65536}};
    const Identity identity = build_plan(plain_spec(), facts).identity;
    CHECK(identity.outside > 1000);
    CHECK(identity.outside < 65534);
  }
}

TEST_CASE("without a user namespace mounts are cut off before the first one is made") {
  HostFacts host = root_host();
  host.user_namespaces = {false, EPERM, "", ""};
  const Plan plan = build_plan(plain_spec(), facts_of(host, 1001));
  CHECK(place_of(plan, Action::kPrivate) < place_of(plan, Action::kScratch));
}

TEST_CASE("the command's own terminal gets a name inside") {
  Facts facts = facts_of(ordinary_host(), 1001);
  facts.terminal = "/dev/pts/7";
  Spec spec = plain_spec();
  spec.tty = true;
  const Plan plan = build_plan(spec, facts);
  CHECK(std::any_of(plan.steps.begin(), plan.steps.end(), [](const Step& step) {
    return step.action == Action::kDevice && step.source == "/dev/pts/7" &&
           step.target == "/dev/console" && step.writable;
  }));
}

TEST_CASE("privileges are given up after the mounts and in the order of the argument") {
  for (const HostFacts& host : {ordinary_host(), root_host()}) {
    const Plan plan = build_plan(plain_spec(), facts_of(host, 1001));
    const Action order[] = {Action::kJoinCgroups, Action::kScratch,      Action::kRoot,
                            Action::kPivot,       Action::kCapabilities, Action::kNoNewPrivileges,
                            Action::kUndumpable,  Action::kLandlock,     Action::kSeccomp};
    for (std::size_t i = 1; i < std::size(order); ++i) {
      CHECK(place_of(plan, order[i - 1]) < place_of(plan, order[i]));
    }
    CHECK(plan.steps[place_of(plan, Action::kPivot) - 1].action == Action::kProtect);
  }
}

TEST_CASE("a folder comes before what lies in it, also where a dash would sort first") {
  Spec spec = plain_spec();
  spec.sandbox.tmpfs = {{"/a/b", {}}, {"/a-b", {}}, {"/a", {}}, {"/a.b/c", {}}};
  const Plan plan = build_plan(spec, facts_of(ordinary_host(), 1001));
  std::vector<std::string> targets;
  for (const Step& step : plan.steps) {
    if (step.target.starts_with("/a")) targets.push_back(step.target);
  }
  CHECK(targets == std::vector<std::string>{"/a", "/a/b", "/a-b", "/a.b/c"});
}

TEST_CASE("a later wish for a path replaces what stood there") {
  Spec spec = plain_spec();
  spec.sandbox.tmpfs = {{"/home/ada", {}}};
  spec.sandbox.binds = {{true, "/srv/out", "/tmp"}};
  Facts facts = facts_of(ordinary_host(), 1001);
  facts.sources.push_back(folder("/srv/out", 1001));
  const Plan plan = build_plan(spec, facts);
  CHECK(find(plan, Action::kFromScratch, "/tmp") == nullptr);
  CHECK(find(plan, Action::kBind, "/tmp") != nullptr);
  CHECK(std::count_if(plan.steps.begin(), plan.steps.end(),
                      [](const Step& step) { return step.target == "/home/ada"; }) == 1);
}

TEST_CASE("a home among the programs does not hide them") {
  Spec spec = plain_spec();
  spec.sandbox.home = "/usr/sbin";
  CHECK(find(build_plan(spec, facts_of(ordinary_host(), 1001)), Action::kFromScratch,
             "/usr/sbin") == nullptr);
}

TEST_CASE("Landlock is left out where the task may mount, and where it was declined") {
  Spec spec = plain_spec();
  CHECK(build_plan(spec, facts_of(ordinary_host(), 1001)).landlock_abi == 6);
  spec.sandbox.allow = {"namespaces"};
  CHECK(build_plan(spec, facts_of(ordinary_host(), 1001)).landlock_abi == 0);
  spec.sandbox.allow = {};
  spec.sandbox.landlock = false;
  CHECK(build_plan(spec, facts_of(ordinary_host(), 1001)).landlock_abi == 0);
}

}  // namespace muster::sandbox::test
