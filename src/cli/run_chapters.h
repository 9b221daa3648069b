// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the manual of `run` says of the sandbox beyond its flags: what it promises, what it does
// not, and what it needs of a host.

#include <array>

#include "cli/command.h"

namespace muster::cli {

inline constexpr std::array<Chapter, 2> kRunChapters{{
    {"SECURITY",
     "The sandbox is meant for commands that may be hostile, on a kernel that is trusted. It is "
     "made of "
     "namespaces, a root file system of its own, an empty capability set, no-new-privileges, a "
     "system "
     "call filter, Landlock and cgroups. Where one of these is asked for and this host lacks it, "
     "the "
     "command is not started.\n\n"
     "The command reads no file of the host but /usr, some of /etc, the workspace and what is "
     "bound, and "
     "writes only to a writable workspace and to rw binds. It reaches no network, process, socket "
     "outside of the file system, key, terminal or device of the host. It is never root of the "
     "host, "
     "whatever id it sees. It sees no variable and no open file of the caller but those passed on "
     "purpose. Nothing of its process tree outlives it.\n\n"
     "Not promised: protection from bugs of the kernel, which the command uses like any other "
     "process; "
     "use a virtual machine against an attacker who has one. Side channels such as timing and "
     "load. "
     "Sockets that lie in a folder which is bound or is the workspace: whoever binds docker.sock "
     "gives "
     "away Docker. Whatever --net host, --dev, --bind rw:, --allow and a writable workspace hand "
     "in. A "
     "command may change build scripts, hooks and .muster.toml in a writable workspace: look at "
     "them "
     "before you run them outside, or use an overlay and --diff. Without cgroups --memory holds "
     "for "
     "each process by itself; the record then says per-process."},
    {"HOSTS",
     "`muster doctor` tells what this host allows and the command that would close each gap.\n\n"
     "Ubuntu 23.10 and later keep user namespaces from programs that have no AppArmor profile. "
     "`muster "
     "doctor --apparmor-profile` prints one for this binary; put it into /etc/apparmor.d and load "
     "it "
     "with apparmor_parser -r. Root needs no profile.\n\n"
     "In Docker an ordinary user needs --security-opt seccomp=unconfined, apparmor=unconfined and "
     "systempaths=unconfined; root needs the first two with --cap-add SYS_ADMIN --cap-add "
     "NET_ADMIN. The "
     "container's own overlay file system cannot map ids, so as root a workspace that belongs to "
     "root "
     "has to lie in a volume or be used with --workspace overlay.\n\n"
     "In Kubernetes set hostUsers: false, procMount: Unmasked and seccompProfile: Unconfined in "
     "the "
     "security context of the container.\n\n"
     "Limits on the whole tree need cgroups that muster may write: version 2 where the own cgroup "
     "or the "
     "one above is delegated, a systemd user session, or version 1."},
}};

}  // namespace muster::cli
