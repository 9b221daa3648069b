// SPDX-License-Identifier: Apache-2.0
#include "sandbox/identity.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace muster::sandbox {

namespace {

constexpr std::uint32_t kUser = 1000;
constexpr std::uint32_t kNobody = 65534;

// 0x70000000 to 0x7FFDFFFF is given to nobody ("Users, Groups, UIDs and GIDs on systemd Systems").
// Sandboxes that run at the same time get different ids there, because limits such as those on
// inotify watches, keys and pending signals are kept per id.
constexpr std::uint32_t kPrivate = 0x70000000;
constexpr std::uint32_t kPrivateCount = 0x0FFE0000;

// Where few ids exist, as in a container with a user namespace, these many from the end are shared.
constexpr std::uint32_t kLast = 4096;

bool holds(const std::vector<IdRange>& ranges, std::uint32_t id) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const IdRange& range) {
    return id >= range.first && id - range.first < range.count;
  });
}

// An id that belongs to nobody, or nothing where all there is is one id or two.
std::optional<std::uint32_t> private_id(const std::vector<IdRange>& ranges, std::uint32_t lane) {
  const std::uint32_t first_choice = kPrivate + lane % kPrivateCount;
  if (holds(ranges, first_choice)) return first_choice;
  const auto largest =
      std::max_element(ranges.begin(), ranges.end(),
                       [](const IdRange& a, const IdRange& b) { return a.count < b.count; });
  if (largest == ranges.end() || largest->count < 3) return std::nullopt;
  const std::uint32_t span = std::min(kLast, largest->count / 2);
  // 65534 is nobody and 65535 no id at all to some programs.
  std::uint32_t end = largest->first + largest->count;
  if (end > kNobody && largest->first < kNobody - span) end = std::min(end, kNobody);
  const std::uint32_t id = end - 1 - lane % span;
  return id == 0 ? std::nullopt : std::optional(id);
}

const SourceFacts* workspace_facts(const SandboxSpec& spec, const Facts& facts) {
  return spec.workspace.mode == WorkspaceMode::kNone ? nullptr
                                                     : facts.source(spec.workspace.directory);
}

// The ids of a mount are mapped by a user namespace, so there are two things that can be missing.
Error workspace_of_root(const std::string& directory, const HostFacts& host) {
  const Availability& namespaces = host.user_namespaces;
  const std::string cause =
      namespaces.yes
          ? "its file system cannot map ids to another user"
          : concat("without user namespaces its files cannot be mapped to another user (",
                   namespaces.why_not, ')');
  std::string next =
      "--workspace overlay (with --apply to keep the changes), --workspace ro, or run muster as an "
      "ordinary user who owns it";
  if (!namespaces.yes && !namespaces.remedy.empty()) next = concat(namespaces.remedy, ", ", next);
  return {ErrorCode::kUnavailable,
          concat("the sandbox cannot be built: the workspace ", in_quotes(directory),
                 " belongs to root, ", cause, ", and a command never runs as root of this host"),
          std::move(next)};
}

// A workspace whose files cannot be made to look like the command's own: then the command is their
// owner, unless that is root.
void become_owner(const SandboxSpec& spec, const Facts& facts, Identity& identity) {
  const SourceFacts* workspace = workspace_facts(spec, facts);
  if (workspace == nullptr || spec.workspace.mode != WorkspaceMode::kReadWrite) return;
  if (workspace->error_number != 0) return;
  if (facts.host.user_namespaces.yes && workspace->maps_ids) return;
  if (workspace->uid == 0) throw workspace_of_root(spec.workspace.directory, facts.host);
  identity.outside = workspace->uid;
  // Nor as a member of root's group: then the files are its own by their owner alone.
  if (workspace->gid != 0) identity.outside_gid = workspace->gid;
}

Identity privileged_identity(const SandboxSpec& spec, const Facts& facts) {
  const HostFacts& host = facts.host;
  Identity identity;
  identity.user_namespace = host.user_namespaces.yes && host.private_proc.yes;
  const auto uid = private_id(host.uids, facts.lane);
  const auto gid = private_id(host.gids, facts.lane);
  if (uid && gid) {
    identity.maps_by_privilege = true;
    identity.outside = *uid;
    identity.outside_gid = *gid;
    become_owner(spec, facts, identity);
    return identity;
  }
  if (host.is_host_root) {
    throw Error(ErrorCode::kUnavailable,
                "the sandbox cannot be built: there is no id here but that of root of the host",
                "run muster as an ordinary user, or give its user namespace more ids");
  }
  identity.outside = host.uid;
  identity.outside_gid = host.gid;
  return identity;
}

}  // namespace

Identity choose_identity(const SandboxSpec& spec, const Facts& facts) {
  Identity identity;
  if (facts.host.privileged) {
    identity = privileged_identity(spec, facts);
  } else {
    identity.user_namespace = facts.host.user_namespaces.yes;
    identity.outside = facts.host.uid;
    identity.outside_gid = facts.host.gid;
  }
  if (identity.user_namespace) {
    identity.inside = spec.map_root ? 0 : kUser;
    return identity;
  }
  if (spec.map_root && facts.host.privileged) {
    throw Error(ErrorCode::kUnavailable,
                concat("--map-root needs user namespaces: ",
                       facts.host.user_namespaces.yes ? facts.host.private_proc.why_not
                                                      : facts.host.user_namespaces.why_not),
                "muster doctor shows what this host allows");
  }
  identity.inside = identity.outside;
  return identity;
}

std::string describe_identity(const Identity& identity) {
  if (!identity.user_namespace) return concat("uid ", identity.outside);
  return concat("uid ", identity.inside, " inside, ", identity.outside, " outside");
}

}  // namespace muster::sandbox
