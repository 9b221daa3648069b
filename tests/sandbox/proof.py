# SPDX-License-Identifier: Apache-2.0
"""What gets through where there is no sandbox: an attempt that is held there too proves nothing.

Nobody runs them without muster, or as root of namespaces of their own, always with a network that
leads nowhere.
"""

import os
import subprocess
import tempfile

import modes

# As nobody, on every kernel that has what they ask for.
OPEN_TO_EVERYBODY = """
    see-everybody find-hidden-processes trace-a-child be-traced read-memory-of-a-child
    allow-new-privileges run-unfiltered learn-host-name unexpected-devices terminal-devices tiocsti
    tiocsti-with-high-bits tioclinux tioclinux-with-high-bits tiocsetd tiocsetd-with-high-bits
    read-interrupts see-sys find-kernel-file-systems load-bpf adjust-clock adjust-clock-by-id quotas
    quotas-by-descriptor vmsplice personality-without-randomization personality-with-high-bits
    personality-executable-data see-folders-of-the-host list-accounts-of-the-host
    look-beside-workspace leave-setuid-by-chmod leave-setuid-by-fchmod leave-setuid-by-fchmodat
    leave-setuid-by-fchmodat2 leave-setuid-by-open leave-setuid-by-creat leave-setuid-by-tmpfile
    leave-setuid-by-mknod leave-setuid-by-openat2 leave-setgid-by-chmod leave-setgid-by-mknodat
    write-read-only-workspace
    see-temporary-files-of-the-host name-to-handle hold-capabilities
""".split()

# As root of a user namespace.
OPEN_TO_ROOT_INSIDE = """
    gain-capabilities change-secure-bits become-root become-root-group unshare-mount unshare-pid
    unshare-net unshare-ipc unshare-uts unshare-cgroup clone-net clone-pid enter-net-namespace
    enter-mount-namespace enter-pid-namespace enter-by-pidfd rename-host rename-domain mount-tmpfs
    mount-proc mount-sysfs mount-bind remount-writable make-mounts-shared move-a-mount unmount-proc
    unmount-root new-mount-api-fsopen new-mount-api-fspick new-mount-api-fsmount
    new-mount-api-open-tree new-mount-api-move-mount new-mount-api-setattr change-root pivot-root
    raw-icmp take-loopback-down add-a-route add-an-interface repair-connection forge-sender
""".split()

INSIDE = ["unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--mount-proc",
          "--net", "--ipc", "--uts", "--"]


def prove(attempts):
    """The names of attempts that are held without a sandbox, with what they said."""
    prefix = ["unshare", "--net", "--ipc", "--uts", "--", *modes.AS_NOBODY]
    if os.geteuid() != 0:
        prefix = []
    held = []
    with tempfile.TemporaryDirectory(prefix="muster-attempts.", dir="/var/tmp") as top:
        os.chmod(top, 0o755)
        open(os.path.join(top, "beside"), "w", encoding="utf-8").close()
        folder = os.path.join(top, "workspace")
        os.mkdir(folder)
        os.chmod(folder, 0o777)
        copy = os.path.join(top, "attempts")
        subprocess.run(["cp", attempts, copy], check=True)
        # What the host has in its /tmp is its own affair; there must be something to see.
        with tempfile.NamedTemporaryFile(dir="/tmp"):
            for names, inside in ((OPEN_TO_EVERYBODY, []), (OPEN_TO_ROOT_INSIDE, INSIDE)):
                for name in names:
                    done = subprocess.run([*prefix, *inside, copy, name], cwd=folder, check=False,
                                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
                    if done.returncode != 1:
                        held.append(f"{name}: {(done.stdout + done.stderr).strip()}")
    return held
