// SPDX-License-Identifier: Apache-2.0
#include "sandbox/capabilities.h"

#include <unistd.h>

#include <array>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "exec/host.h"
#include "sandbox/trial.h"

namespace muster::sandbox {

namespace {

using State = Capability::State;

Capability from(std::string name, const Availability& availability, std::string found,
                std::string with, std::string without) {
  if (availability.yes)
    return {std::move(name), State::kYes, std::move(found), std::move(with), {}};
  return {std::move(name), State::kNo, availability.why_not, std::move(without),
          availability.remedy};
}

// What all of it comes to.
Capability describe_sandbox(const HostFacts& host) {
  const auto impossible = [](std::string why, std::string remedy) {
    return Capability{std::string(kSandboxCapability), State::kNo, std::move(why),
                      "nothing runs but with --isolation best-effort or none", std::move(remedy)};
  };
  if (!host.seccomp.yes) return impossible(host.seccomp.why_not, host.seccomp.remedy);
  if (!host.privileged) {
    if (host.uid == 0 && host.is_host_root) {
      return impossible("muster is root here without the right to become anybody else",
                        "run muster as an ordinary user, or in Docker with --cap-add SYS_ADMIN");
    }
    if (!host.user_namespaces.yes) {
      return impossible(host.user_namespaces.why_not, host.user_namespaces.remedy);
    }
    if (!host.private_proc.yes) {
      return impossible(host.private_proc.why_not, host.private_proc.remedy);
    }
  }
  return {std::string(kSandboxCapability),
          State::kYes,
          "can be built",
          "every command runs in one unless you say otherwise",
          {}};
}

Capability describe_identity_of(const HostFacts& host) {
  if (host.privileged) {
    return {"identity",
            State::kYes,
            concat("uid ", host.uid, " with the rights to mount and map ids"),
            "commands run as a private id that nobody else on this host has",
            {}};
  }
  if (host.uid == 0 && host.is_host_root) {
    return {"identity", State::kNo, "root without the right to become anybody else",
            "no sandbox: a command never runs as root of the host",
            "in Docker: --cap-add SYS_ADMIN --security-opt seccomp=unconfined, or run muster as an "
            "ordinary user"};
  }
  return {"identity",
          State::kYes,
          concat("uid ", host.uid, ", an ordinary user"),
          "commands run as uid 1000 inside and as you outside",
          {}};
}

Capability describe_user_namespaces(const HostFacts& host) {
  Capability row = from("user namespaces", host.user_namespaces, "can be made",
                        "every sandbox has one of its own",
                        host.privileged ? "sandboxes of root do without; others are impossible"
                                        : "no sandbox for this user");
  if (!host.user_namespaces.yes && host.privileged) row.state = State::kPartly;
  return row;
}

Capability describe_proc(const HostFacts& host) {
  Capability row = from(
      "private /proc", host.private_proc, "/proc is not covered",
      "commands see their own processes only",
      host.privileged ? "sandboxes do without a user namespace" : "no sandbox in this container");
  if (!host.private_proc.yes && host.privileged) row.state = State::kPartly;
  return row;
}

Capability describe_landlock(const HostFacts& host) {
  if (host.landlock_abi == 0) {
    return {"landlock", State::kPartly, "not in this kernel, or not among its security modules",
            "the mounts are the only wall around files",
            "boot a kernel 5.13 or newer with lsm=landlock,..."};
  }
  return {"landlock",
          State::kYes,
          concat("ABI ", host.landlock_abi),
          host.landlock_abi >= 6 ? "a second wall around files, signals and abstract sockets"
                                 : "a second wall around files",
          {}};
}

Capability describe_controller(const CgroupFacts& cgroups, Controller controller,
                               std::string_view name, std::string_view fallback) {
  const ControllerPlace& place = cgroups.at(controller);
  std::string title = concat("cgroup ", name);
  if (place.kind != Enforcer::kNobody) {
    return {std::move(title),
            State::kYes,
            concat(place.kind == Enforcer::kCgroupV2 ? "v2, below " : "v1, below ", place.parent),
            "the limit holds for the whole tree",
            {}};
  }
  if (!cgroups.user_scope.empty()) {
    return {std::move(title),
            State::kPartly,
            "v2, by a scope of your systemd session",
            "muster has itself moved to such a scope where a limit needs it",
            {}};
  }
  return {std::move(title), State::kPartly, place.why_not, std::string(fallback), place.remedy};
}

Capability describe_overlay(const HostFacts& host) {
  const Availability tried = try_overlay(host);
  return from("overlayfs", tried,
              host.privileged && !host.user_namespaces.yes ? "can be mounted"
                                                           : "can be mounted in a user namespace",
              "--workspace overlay works", "--workspace overlay is refused");
}

Capability describe_idmapped(const HostFacts& host) {
  if (!host.privileged) {
    return {"id-mapped mounts",
            State::kYes,
            "not needed by an ordinary user",
            "your own files are the command's own",
            {}};
  }
  Capability row = from("id-mapped mounts", try_idmapped_mount(),
                        "the file system of the working directory maps ids",
                        "files of their owner are the command's own",
                        "a workspace of root cannot be writable; one of another user makes the "
                        "command run as that user");
  if (row.state == State::kNo) row.state = State::kPartly;
  return row;
}

Capability describe_pressure() {
  const bool there = access("/proc/pressure/memory", R_OK) == 0;
  return {"pressure information", there ? State::kYes : State::kPartly,
          there ? "/proc/pressure" : "no /proc/pressure",
          "not needed; other tools can tell by it when this host is overloaded",
          there ? "" : "boot with psi=1"};
}

}  // namespace

std::vector<Capability> describe_host(const HostFacts& host) {
  std::vector<Capability> rows;
  rows.push_back(describe_sandbox(host));
  rows.push_back(describe_identity_of(host));
  rows.push_back(describe_user_namespaces(host));
  rows.push_back(describe_proc(host));
  rows.push_back(from("seccomp", host.seccomp, "filters can be installed",
                      "dangerous system calls are refused", "no sandbox"));
  rows.push_back(describe_landlock(host));
  rows.push_back(describe_controller(host.cgroups, Controller::kMemory, "memory",
                                     "--memory holds by a look at the whole tree every 50 ms, "
                                     "and sooner near the limit"));
  rows.push_back(
      describe_controller(host.cgroups, Controller::kPids, "pids", "--pids holds by RLIMIT_NPROC"));
  rows.push_back(describe_controller(host.cgroups, Controller::kCpu, "cpu", "--cpus is refused"));
  rows.push_back(describe_controller(host.cgroups, Controller::kCpuacct, "cpuacct",
                                     "--cpu-time adds up what the processes say"));
  rows.push_back(describe_overlay(host));
  rows.push_back(describe_idmapped(host));
  rows.push_back(describe_pressure());
  return rows;
}

}  // namespace muster::sandbox
