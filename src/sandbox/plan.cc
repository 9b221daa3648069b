// SPDX-License-Identifier: Apache-2.0
#include "sandbox/plan.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "sandbox/identity.h"
#include "sandbox/plan_mounts.h"

namespace muster::sandbox {

namespace {

bool allows(const SandboxSpec& spec, std::string_view group) {
  return std::find(spec.allow.begin(), spec.allow.end(), group) != spec.allow.end();
}

Error missing_primitive(std::string_view what, const Availability& availability) {
  return {ErrorCode::kUnavailable,
          concat("the sandbox cannot be built: ", what, ": ", availability.why_not),
          availability.remedy.empty() ? "muster doctor shows what this host allows"
                                      : availability.remedy};
}

class Planner {
 public:
  Planner(const Spec& spec, const Facts& facts)
      : spec_(spec.sandbox), limits_(spec.limits), tty_(spec.tty), facts_(facts) {}

  Plan make() {
    require_what_is_demanded();
    plan_.identity = choose_identity(spec_, facts_);
    plan_.network_namespace = spec_.network == Network::kNone;
    add({.action = Action::kJoinCgroups, .reason = "limits and usage of the whole tree"});
    if (plan_.namespaces) {
      enter_namespaces();
      build_root();
    }
    drop_privileges();
    describe();
    return std::move(plan_);
  }

 private:
  void add(Step step) { plan_.steps.push_back(std::move(step)); }

  bool best_effort() const { return spec_.isolation == Isolation::kBestEffort; }

  // In a sandbox what is missing ends the matter; best effort writes it down and goes on.
  void demand(std::string_view what, const Availability& availability) {
    if (availability.yes) return;
    if (!best_effort()) throw missing_primitive(what, availability);
    plan_.enforced.missing.push_back(concat(what, ": ", availability.why_not));
  }

  void require_what_is_demanded() {
    const HostFacts& host = facts_.host;
    demand("system call filter", host.seccomp);
    require_limits();
    if (host.privileged) return;
    if (host.uid == 0 && host.is_host_root) {
      demand("an id that is not root",
             {false, 0, "muster is root here without the right to become anybody else",
              "give the container SYS_ADMIN, SETUID and SETGID (--cap-add), or run muster as an "
              "ordinary user"});
      plan_.namespaces = false;
      return;
    }
    demand("user namespaces", host.user_namespaces);
    if (host.user_namespaces.yes) demand("a private /proc", host.private_proc);
    plan_.namespaces = host.user_namespaces.yes;
  }

  // What one process uses can be held without a cgroup; a share of the processors cannot.
  void require_limits() {
    const ControllerPlace& cpu = facts_.host.cgroups.at(Controller::kCpu);
    if (!limits_.cpus || cpu.kind != Enforcer::kNobody) return;
    demand("the limit on processors (cpus), which only a cgroup can hold",
           {false, 0, cpu.why_not, cpu.remedy});
  }

  void enter_namespaces() {
    add({.action = Action::kCgroupNamespace,
         .reason = "the cgroups of the host have no names inside"});
    if (plan_.identity.user_namespace) become();
    add({.action = Action::kHostname, .text = spec_.hostname});
    if (plan_.network_namespace) {
      add({.action = Action::kLoopback, .reason = "loopback of its own and no other network"});
    }
  }

  void become() {
    add({.action = Action::kIdentity, .reason = "no id inside is root of the host"});
  }

  void build_root() {
    // In a user namespace the kernel has seen to it that nothing reaches out (mount_namespaces(7),
    // "Restrictions"), and every tree that is copied is cut off by itself.
    if (!plan_.identity.user_namespace) {
      add({.action = Action::kPrivate, .reason = "no mount reaches in or out"});
    }
    Step scratch{.action = Action::kScratch, .reason = "held to the limit on disk"};
    if (limits_.disk) scratch.size = limits_.disk->count;
    scratch.inodes = limits_.inodes.value_or(0);
    add(scratch);
    add({.action = Action::kRoot});
    MountList mounts = plan_mounts(spec_, tty_, facts_, plan_.identity);
    plan_.writable = std::move(mounts.writable);
    for (Step& step : mounts.steps) add(std::move(step));
    add({.action = Action::kProtect, .target = "/", .reason = "nothing is added to the root"});
    add({.action = Action::kPivot, .reason = "the host's files are gone"});
    // Without a user namespace the mounts needed the rights that this gives up.
    if (!plan_.identity.user_namespace) become();
    plan_.readable.emplace_back("/");
  }

  void drop_privileges() {
    if (!plan_.namespaces) weak_paths();
    add({.action = Action::kCapabilities});
    add({.action = Action::kNoNewPrivileges, .reason = "set-uid programs give nothing"});
    add({.action = Action::kUndumpable, .reason = "the init cannot be traced or read"});
    choose_landlock();
    if (facts_.host.seccomp.yes) {
      std::string allowed = join(spec_.allow, ", ");
      plan_.allow = spec_.allow;
      add({.action = Action::kSeccomp, .text = std::move(allowed)});
    }
    if (spec_.policy) {
      add({.action = Action::kPolicy,
           .source = spec_.policy_path,
           .reason = "on the command alone, on top of the built-in filter"});
    }
  }

  // Landlock refuses every change of the mount table to whoever lives below a rule set.
  void choose_landlock() {
    if (!spec_.landlock || facts_.host.landlock_abi == 0) return;
    if (allows(spec_, "namespaces")) return;
    plan_.landlock_abi = facts_.host.landlock_abi;
    add({.action = Action::kLandlock, .reason = "a second wall behind the mounts"});
  }

  // Without a root of its own the command sees the host; Landlock, where there is one, leaves it
  // the system, its workspace and the binds.
  void weak_paths() {
    for (const SystemEntry& entry : facts_.host.system) plan_.readable.push_back(entry.path);
    plan_.readable.insert(plan_.readable.end(), {"/etc", "/proc", "/dev", "/tmp"});
    plan_.writable = {"/dev", "/tmp"};
    const Workspace& workspace = spec_.workspace;
    const auto offer = [&](const std::string& path, bool writable) {
      plan_.readable.push_back(path);
      if (writable) plan_.writable.push_back(path);
    };
    if (workspace.mode != WorkspaceMode::kNone) {
      offer(workspace.directory, workspace.mode == WorkspaceMode::kReadWrite);
    }
    for (const Bind& bind : spec_.binds) offer(bind.source, bind.writable);
    plan_.enforced.missing.emplace_back(
        "no namespaces: the command sees the processes, the network and the files of this host");
    if (limits_.disk || limits_.inodes) {
      plan_.enforced.missing.emplace_back(
          "no namespaces: nothing limits how much is written to /tmp and HOME (disk, inodes)");
    }
    if (limits_.pids && facts_.host.cgroups.at(Controller::kPids).kind == Enforcer::kNobody) {
      plan_.enforced.missing.emplace_back(
          "no namespaces: the limit on processes (pids) counts all processes of this user");
    }
    if (facts_.host.landlock_abi == 0) {
      plan_.enforced.missing.emplace_back("no Landlock: no file is kept from the command");
    }
  }

  void describe() {
    Enforced& enforced = plan_.enforced;
    enforced.isolation = spec_.isolation;
    enforced.seccomp = facts_.host.seccomp.yes;
    enforced.landlock_abi = plan_.landlock_abi;
    enforced.identity = describe_identity(plan_.identity);
    if (!plan_.namespaces) return;
    if (plan_.identity.user_namespace) enforced.namespaces.emplace_back("user");
    enforced.namespaces.insert(enforced.namespaces.end(), {"mount", "pid", "ipc", "uts", "cgroup"});
    if (plan_.network_namespace) enforced.namespaces.emplace_back("net");
  }

  const SandboxSpec& spec_;
  const Limits& limits_;
  bool tty_;
  const Facts& facts_;
  Plan plan_;
};

}  // namespace

Plan build_plan(const Spec& spec, const Facts& facts) { return Planner(spec, facts).make(); }

}  // namespace muster::sandbox
