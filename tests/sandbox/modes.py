# SPDX-License-Identifier: Apache-2.0
"""Who runs muster and on what kind of host: each mode makes its surroundings in namespaces and
cgroups of its own, so that nothing of this machine is changed."""

import os
import subprocess
import sys
from dataclasses import dataclass

NOBODY = 65534
OWNER = 12345  # somebody ordinary: no command runs as root of the host, nor on root's files
AS_NOBODY = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", "--"]
CONTROLLERS = ("memory", "pids", "cpu", "cpuacct")
# Docker's default set and the two that a container needs to make a sandbox inside.
CONTAINER_CAPABILITIES = ("chown dac_override fsetid fowner mknod net_raw setgid setuid setfcap "
                          "setpcap net_bind_service sys_chroot kill audit_write sys_admin "
                          "net_admin").split()
PROC_FILES = ("kcore", "keys", "latency_stats", "timer_list", "timer_stats", "sched_debug")
PROC_FOLDERS = ("asound", "acpi", "scsi")
PROC_READ_ONLY = ("bus", "fs", "irq", "sys", "sysrq-trigger")

# Reasons to skip that hold on every machine of a kind and need no mending.
ACCEPTED_SKIPS = ("this kernel has no IPv6", "this is a door of x86-64",
                  "this architecture never had lookup_dcookie", "the file is ours",
                  "without a memory controller", "without a processor controller",
                  "only root can make such a program")


# Where a mode differs from another in nothing but who counts the tree, the rest of the attempts
# would meet the same mounts, ids and filter again.
COUNTED = ("limits", "memory", "disk", "ending")


@dataclass(frozen=True)
class Mode:
    name: str
    controllers: bool  # cgroup controllers hold the limits
    uid: int = 0  # who owns the workspaces
    user_namespace: bool = True  # the command has one, and therefore ids that muster chooses
    as_owner: bool = False  # to the host the command is who owns the workspace
    groups: tuple = ()  # of attempts; all when there are none
    unshare: tuple = ()  # more namespaces for the runner itself


MODES = {mode.name: mode for mode in (
    Mode("root", True),
    Mode("nobody", False, NOBODY, as_owner=True),
    Mode("delegated", True, NOBODY, as_owner=True, groups=COUNTED),  # nobody, with cgroups
    Mode("root-without-userns", True, OWNER, user_namespace=False, as_owner=True),
    # The kernel gives a user namespace no /proc there, so only the mounts map ids.
    Mode("container", False, OWNER, user_namespace=False,
         unshare=("--pid", "--fork", "--kill-child", "--mount-proc", "--cgroup")),
    Mode("cgroup-none", False, groups=COUNTED),  # root, without cgroups
)}


class Unavailable(Exception):
    """Why a mode cannot be had on this machine."""


def enter(mode):
    """Starts this program again in namespaces of its own, where it is not there yet."""
    if os.geteuid() != 0:
        if mode.name != "nobody":
            raise Unavailable("only root can make these surroundings")
        return
    if os.environ.get("MUSTER_TEST_ENTERED") != mode.name:
        os.environ["MUSTER_TEST_ENTERED"] = mode.name
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", *mode.unshare, "--",
                              sys.executable, *sys.argv])


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def read_only(path):
    mount("--bind", path, path)
    mount("-o", "remount,bind,ro", path)


def cgroup_mounts():
    with open("/proc/self/mounts", encoding="utf-8") as file:
        fields = [line.split() for line in file]
    return [field[1] for field in fields if field[2] in ("cgroup", "cgroup2")]


def mask_like_a_container():
    for name in PROC_FILES:
        if os.path.exists(f"/proc/{name}"):
            mount("--bind", "/dev/null", f"/proc/{name}")
    for name in PROC_FOLDERS:
        if os.path.isdir(f"/proc/{name}"):
            mount("-t", "tmpfs", "-o", "ro", "tmpfs", f"/proc/{name}")
    for name in PROC_READ_ONLY:
        if os.path.exists(f"/proc/{name}"):
            read_only(f"/proc/{name}")
    for path in cgroup_mounts():
        mount("-o", "remount,bind,ro", path)


def hide_cgroups():
    for path in reversed(cgroup_mounts()):
        subprocess.run(["umount", "-l", path], check=True)


def delegate():
    """cgroups of nobody's below the own ones, one for each v1 controller; their paths."""
    own, mounts = {}, {}
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        for line in file:
            _number, names, path = line.rstrip("\n").split(":", 2)
            own.update({name: path for name in names.split(",")})
    with open("/proc/self/mounts", encoding="utf-8") as file:
        for line in file:
            _source, target, kind, options = line.split()[:4]
            if kind == "cgroup":
                mounts.update({name: target for name in options.split(",")})
    made = []
    for name in CONTROLLERS:
        if name not in mounts:
            raise Unavailable(f"there is no v1 controller {name} to delegate")
        path = os.path.join(mounts[name] + own[name], f"muster-test-{os.getpid()}")
        if path in made:
            continue
        os.mkdir(path)
        made.append(path)
        for entry in (path, f"{path}/tasks", f"{path}/cgroup.procs"):
            os.chown(entry, NOBODY, NOBODY)
    return made


class Surroundings:
    """What a mode made; `wrap` stands in front of every command of muster's."""

    def __init__(self, mode, without_userns):
        self.mode = mode
        self.made = []
        self.wrap = []
        if os.geteuid() != 0:
            return
        if mode.name == "nobody":
            self.wrap = AS_NOBODY
        elif mode.name == "delegated":
            self.made = delegate()
            joins = "".join(f"echo 0 > {path}/tasks; " for path in self.made)
            self.wrap = ["sh", "-c", joins + 'exec "$@"', "sh", *AS_NOBODY]
        elif mode.name == "root-without-userns":
            self.wrap = [without_userns]
        elif mode.name == "cgroup-none":
            hide_cgroups()
        elif mode.name == "container":
            mask_like_a_container()
            kept = ",".join("+" + name for name in CONTAINER_CAPABILITIES)
            self.wrap = ["setpriv", "--bounding-set", f"-all,{kept}", "--inh-caps", "-all", "--"]

    def remove(self):
        for top in self.made:
            for folder, _folders, _files in os.walk(top, topdown=False):
                os.rmdir(folder)
