// SPDX-License-Identifier: Apache-2.0
#include "sandbox/privileges.h"

#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace muster::sandbox {

namespace {

// Up to the last one that this kernel knows (capabilities(7)). Without CAP_SETPCAP the set stays,
// and no-new-privileges makes it void.
bool empty_bounding_set() {
  for (int capability = 0; capability < 64; ++capability) {
    if (prctl(PR_CAPBSET_DROP, capability) == 0) continue;
    return errno == EINVAL || errno == EPERM;
  }
  return true;
}

}  // namespace

bool become(const Identity& identity, int death_signal) {
  const uid_t uid = identity.user_namespace ? identity.inside : identity.outside;
  const gid_t gid = identity.user_namespace ? identity.inside : identity.outside_gid;
  // The kernel's own calls: those of libc would ask threads that this process does not have. Where
  // setgroups is denied, the groups of the caller mean nothing inside anyway.
  if (syscall(SYS_setgroups, 0, nullptr) != 0 && errno != EPERM) return false;
  if (syscall(SYS_setresgid, gid, gid, gid) != 0) return false;
  // With root's id go the rights over the bounding set.
  if (!identity.user_namespace && !empty_bounding_set()) return false;
  if (syscall(SYS_setresuid, uid, uid, uid) != 0) return false;
  return prctl(PR_SET_PDEATHSIG, death_signal) == 0;
}

bool drop_capabilities() {
  if (!empty_bounding_set()) return false;
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 && errno != EINVAL)
    return false;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> none{};
  return syscall(SYS_capset, &header, none.data()) == 0;
}

bool forbid_new_privileges() { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0; }

bool make_undumpable() { return prctl(PR_SET_DUMPABLE, 0) == 0; }

}  // namespace muster::sandbox
