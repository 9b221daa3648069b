// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/text.h"
#include "sandbox/cgroup.h"
#include "sandbox/cgroup_facts.h"
#include "sandbox/cgroup_folder.h"
#include "sandbox/user_scope.h"

namespace muster::sandbox {

namespace {

constexpr std::array<Controller, kControllers> kAll = {Controller::kMemory, Controller::kPids,
                                                       Controller::kCpu, Controller::kCpuacct};

constexpr std::string_view kContainerRemedy =
    "start the container with a writable cgroup file system: docker run --privileged ...";

/// Which cgroup of version 2 ours can be made below.
struct V2Choice {
  std::string parent;  ///< empty: none
  std::string usable;  ///< names of controllers, separated by blanks
  bool leaf_move = false;
  std::string why_not;
  std::string remedy;
};

std::string text_of(const std::string& folder, std::string_view file) {
  return read_file(AT_FDCWD, concat(folder, '/', file).c_str()).value_or("");
}

bool writable(const std::string& path, int extra = 0) {
  return access(path.c_str(), W_OK | extra) == 0;
}

// Making a cgroup needs the folder; moving into it from beside it needs cgroup.procs of what is
// above both (cgroup-v2.rst, "Delegation Containment").
bool takes_children(const std::string& folder) {
  return writable(folder, X_OK) && writable(concat(folder, "/cgroup.procs"));
}

// A thread mode tree cannot hold limits of memory.
bool is_domain(const std::string& folder) {
  const std::string type = text_of(folder, "cgroup.type");
  return type.empty() || trim(type) == "domain";
}

// A cgroup beside this one would not be held by the limits of this one.
bool has_no_limits(const std::string& folder) {
  for (const char* file : {"memory.max", "memory.high", "memory.swap.max", "pids.max", "cpu.max"}) {
    const std::string limit = text_of(folder, file);
    if (!limit.empty() && !limit.starts_with("max")) return false;
  }
  return trim(text_of(folder, "cpuset.cpus")).empty() &&
         trim(text_of(folder, "cpuset.mems")).empty() && trim(text_of(folder, "io.max")).empty();
}

std::string remedy_beside(const std::string& root) {
  const bool systemd = access(concat(root, "/run/systemd/system").c_str(), F_OK) == 0;
  if (systemd && geteuid() == 0) return "systemd-run --scope -p Delegate=yes -- muster ...";
  if (systemd) {
    return concat("sudo loginctl enable-linger ", geteuid(),
                  " && export XDG_RUNTIME_DIR=/run/user/", geteuid());
  }
  return geteuid() == 0 ? "start muster as the only process of a cgroup" : "run muster as root";
}

V2Choice choose_v2(const std::string& root, const OwnCgroup& own) {
  const std::string& folder = own.folder;
  const bool enables = writable(concat(folder, "/cgroup.subtree_control"));
  if (!writable(folder, X_OK) && errno == EROFS) {
    return {{}, {}, false, concat(folder, " is mounted read-only"), std::string(kContainerRemedy)};
  }
  if (!is_domain(folder)) {
    return {{},
            {},
            false,
            concat("this process is in a threaded cgroup, ", folder),
            remedy_beside(root)};
  }
  if (own.is_root && takes_children(folder)) {
    return {folder,
            text_of(folder, enables ? "cgroup.controllers" : "cgroup.subtree_control"),
            false,
            {},
            {}};
  }
  if (own.alone && enables && takes_children(folder)) {
    return {folder, text_of(folder, "cgroup.controllers"), true, {}, {}};
  }
  const std::string above = folder.substr(0, folder.rfind('/'));
  const bool seen = folder != own.mount_point;
  if (seen && takes_children(above) && is_domain(above)) {
    if (has_no_limits(folder))
      return {above, text_of(above, "cgroup.subtree_control"), false, {}, {}};
    return {{},
            {},
            false,
            concat("a cgroup beside ", folder, " would escape the limits that are set there"),
            remedy_beside(root)};
  }
  const std::string why = takes_children(folder)
                              ? concat(folder, " has other processes in it")
                              : concat("this user may not make cgroups in ", folder);
  return {{}, {}, false, why, remedy_beside(root)};
}

ControllerPlace probe_v1(const std::string& root, const std::vector<CgroupMount>& mounts,
                         std::string_view path, Controller controller) {
  const std::string_view name = name_of(controller);
  ControllerPlace place;
  place.why_not = concat("the ", name, " controller is one of cgroup v1, and not mounted");
  place.remedy = concat("sudo mkdir -p /sys/fs/cgroup/", name, " && sudo mount -t cgroup -o ", name,
                        " cgroup /sys/fs/cgroup/", name);
  for (auto mount = mounts.rbegin(); mount != mounts.rend(); ++mount) {
    if (mount->is_v2 || !lists(mount->controllers, name)) continue;
    const std::optional<std::string> seen = seen_at(*mount, path);
    const std::string folder = concat(root, seen.value_or(mount->point));
    if (!seen || access(folder.c_str(), F_OK) != 0) {
      place.why_not = concat("the cgroup of this process, ", path, ", is not below ", mount->point);
      place.remedy = kContainerRemedy;
      continue;
    }
    if (writable(folder, X_OK)) return {Enforcer::kCgroupV1, folder, {}, {}};
    const bool read_only = errno == EROFS;
    place.why_not = concat(read_only ? "" : "this user may not make cgroups in ", folder,
                           read_only ? " is mounted read-only" : "");
    place.remedy = read_only ? std::string(kContainerRemedy)
                             : concat("sudo chown ", geteuid(), ' ', shell_quote(folder));
    return place;
  }
  return place;
}

ControllerPlace lacking_v2(const OwnCgroup& own, const V2Choice& choice, Controller controller) {
  const std::string_view name = name_of(controller);
  if (choice.parent.empty()) return {Enforcer::kNobody, {}, choice.why_not, choice.remedy};
  if (has_word(text_of(own.mount_point, "cgroup.controllers"), name)) {
    return {Enforcer::kNobody,
            {},
            concat("the ", name, " controller is not handed down to ", choice.parent),
            concat("sudo mkdir -p /etc/systemd/system/user@.service.d && printf "
                   "'[Service]\\nDelegate=cpu cpuset io memory pids\\n' | sudo tee "
                   "/etc/systemd/system/user@.service.d/delegate.conf && sudo systemctl "
                   "daemon-reload")};
  }
  return {Enforcer::kNobody,
          {},
          concat("the kernel does not offer the ", name, " controller"),
          controller == Controller::kMemory ? "boot the kernel with cgroup_enable=memory" : ""};
}

void probe_v2(const std::string& root, const OwnCgroup& own, std::string_view bound_to_v1,
              CgroupFacts& facts) {
  const V2Choice choice = choose_v2(root, own);
  for (const Controller controller : kAll) {
    ControllerPlace& place = facts.places[static_cast<std::size_t>(controller)];
    if (place.kind != Enforcer::kNobody) continue;
    // Every cgroup of version 2 counts processor time, without any controller.
    const bool counts = controller == Controller::kCpuacct;
    if (!counts && lists(bound_to_v1, name_of(controller))) continue;
    const bool usable = counts || has_word(choice.usable, name_of(controller));
    if (!choice.parent.empty() && usable) {
      place = {Enforcer::kCgroupV2, choice.parent, {}, {}};
      facts.needs_leaf_move = choice.leaf_move;
    } else if (!lists(bound_to_v1, name_of(controller))) {
      place = lacking_v2(own, choice, controller);
    }
  }
  facts.user_scope = find_user_scope(root, own, facts);
}

}  // namespace

CgroupFacts probe_cgroups(const std::string& root) {
  CgroupFacts facts;
  for (ControllerPlace& place : facts.places) {
    place.why_not = "no cgroup file system is mounted";
    place.remedy = "sudo mount -t cgroup2 cgroup2 /sys/fs/cgroup";
  }
  const auto memberships = parse_memberships(
      read_file(AT_FDCWD, concat(root, "/proc/self/cgroup").c_str()).value_or(""));
  const auto mounts = parse_cgroup_mounts(
      read_file(AT_FDCWD, concat(root, "/proc/self/mountinfo").c_str()).value_or(""));
  std::string bound_to_v1;
  std::optional<std::string> v2_path;
  for (const Membership& membership : memberships) {
    if (membership.controllers.empty()) {
      v2_path = membership.path;
      continue;
    }
    bound_to_v1 += concat(membership.controllers, ',');
    for (const Controller controller : kAll) {
      if (!lists(membership.controllers, name_of(controller))) continue;
      facts.places[static_cast<std::size_t>(controller)] =
          probe_v1(root, mounts, membership.path, controller);
    }
  }
  const bool complete =
      std::all_of(facts.places.begin(), facts.places.end(),
                  [](const auto& place) { return place.kind != Enforcer::kNobody; });
  if (complete) return facts;
  const std::optional<OwnCgroup> own =
      v2_path ? find_own_cgroup(root, mounts, *v2_path) : std::nullopt;
  if (own) {
    probe_v2(root, *own, bound_to_v1, facts);
    return facts;
  }
  for (const Controller controller : kAll) {
    const bool hidden = v2_path && !lists(bound_to_v1, name_of(controller));
    ControllerPlace& place = facts.places[static_cast<std::size_t>(controller)];
    const auto is_v2 = [](const CgroupMount& mount) { return mount.is_v2; };
    if (hidden && std::any_of(mounts.begin(), mounts.end(), is_v2)) {
      place.why_not = "no mounted cgroup file system shows the cgroup of this process";
      place.remedy = kContainerRemedy;
    }
  }
  return facts;
}

}  // namespace muster::sandbox
