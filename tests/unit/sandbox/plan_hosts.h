// SPDX-License-Identifier: Apache-2.0
#pragma once

// Made-up hosts and specs, so that plans can be compared wherever the tests run.

#include "domain/spec.h"
#include "sandbox/facts.h"

namespace muster::sandbox::test {

/// A merged-usr host with everything; muster is an ordinary user with uid 1001.
inline HostFacts ordinary_host() {
  HostFacts host;
  host.uid = host.gid = 1001;
  host.is_host_root = false;
  host.uids = host.gids = {{0, 4294967295U}};
  host.landlock_abi = 6;
  host.system = {{"/usr", ""}, {"/bin", "usr/bin"}, {"/lib", "usr/lib"}};
  host.etc = {{"/etc/ld.so.cache", ""}, {"/etc/localtime", "/usr/share/zoneinfo/UTC"}};
  return host;
}

/// The same; muster is root.
inline HostFacts root_host() {
  HostFacts host = ordinary_host();
  host.uid = host.gid = 0;
  host.privileged = host.is_host_root = true;
  return host;
}

inline SourceFacts folder(std::string path, uid_t owner) {
  SourceFacts facts;
  facts.path = std::move(path);
  facts.is_folder = true;
  facts.device = 1;
  facts.inode = 7;
  facts.uid = facts.gid = owner;
  return facts;
}

/// `true` in /work/project, with the home of the caller at /home/ada.
inline Spec plain_spec() {
  Spec spec;
  spec.argv = {"true"};
  spec.limits.disk = Bytes{1 << 30};
  spec.limits.inodes = 1000;
  spec.sandbox.home = "/home/ada";
  spec.sandbox.workspace.directory = "/work/project";
  return spec;
}

inline Facts facts_of(HostFacts host, uid_t workspace_owner) {
  Facts facts;
  facts.host = std::move(host);
  facts.lane = 5;
  facts.sources = {folder("/work/project", workspace_owner)};
  return facts;
}

}  // namespace muster::sandbox::test
