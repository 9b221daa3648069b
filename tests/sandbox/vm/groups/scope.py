# SPDX-License-Identifier: Apache-2.0
"""A user in a session that is not his, whose own systemd gives muster a scope.

There is no system manager here to move processes between the slices of the user, so the slice that
holds both is the user's."""

import contextlib

from groups.delegation import V2, enforcers
from groups.limits import MIB, out_of_memory

SLICE = "/user.slice/user-1001.slice"
SERVICE = f"{SLICE}/user@1001.service"
SESSION = f"{SLICE}/session-1.scope"
RUNTIME = "/run/user/1001"
ALL = "--memory 64M --pids 50 --cpus 1"


@contextlib.contextmanager
def systemd(muster):
    """A service manager of the user's runs meanwhile, and a login session beside it."""
    ended = muster.machine.sh(f"""
        echo +memory +pids +cpu >/sys/fs/cgroup/cgroup.subtree_control
        cd /sys/fs/cgroup && mkdir -p .{SERVICE} .{SESSION} || exit
        for each in user.slice .{SLICE}; do
          echo +memory +pids +cpu >$each/cgroup.subtree_control || exit
        done
        chown user .{SERVICE} .{SERVICE}/cgroup.procs .{SERVICE}/cgroup.subtree_control
        chown user .{SLICE}/cgroup.procs
        echo 10000 >.{SESSION}/pids.max
        mkdir -p /run/systemd/system {RUNTIME} && chown user {RUNTIME} && chmod 700 {RUNTIME}""")
    assert ended.code == 0, ended
    ended = muster.machine.sh(f"""export XDG_RUNTIME_DIR={RUNTIME}
        setsid /usr/lib/systemd/systemd --user --log-target=console >/tmp/systemd.log 2>&1 &
        await '[ -S {RUNTIME}/systemd/private ]' || cat /tmp/systemd.log""",
                              user="user", cgroup=SERVICE)
    assert ended.out == "", ended
    muster.machine.sh("sleep 1000 &", cgroup=SESSION)
    try:
        yield {"user": "user", "cgroup": SESSION}
    finally:
        muster.machine.sh(f"""killall sleep
            killall -KILL systemd
            await '! pidof systemd >/dev/null'
            rm -rf {RUNTIME}
            find /sys/fs/cgroup/user.slice -depth -type d -exec rmdir '{{}}' ';'""")


def run(muster, flags, command, where):
    """As Muster.run, with the environment of the session."""
    return muster.run(flags, command, **where, before=f"export XDG_RUNTIME_DIR={RUNTIME}")


def test_memory(muster):
    """A memory limit has muster moved to a scope, in which cgroup v2 holds every limit."""
    with systemd(muster) as where:
        ended, record = run(muster, ALL, "tail /dev/zero", where)
        log = muster.machine.sh("cat /tmp/systemd.log").out
    assert record and enforcers(record) == V2, (ended, record and enforcers(record), log)
    out_of_memory(ended, record, 64 * MIB)


def test_scope_is_gone(muster):
    """The scope goes when muster has ended, also when it was killed."""
    with systemd(muster) as where:
        ended = muster.machine.sh(f"""export XDG_RUNTIME_DIR={RUNTIME}
            muster run -q --memory 64M -- tail -f /dev/null &
            await 'pidof tail >/dev/null' || exit
            find /sys/fs/cgroup{SERVICE} -name 'muster-*.scope' | grep -c .
            kill -KILL $!
            await '! pidof tail >/dev/null' || exit
            await '! find /sys/fs/cgroup{SERVICE} -name "muster-*" | grep -q .'""", **where)
    assert (ended.code, ended.out) == (0, "1\n"), ended


def test_no_limit_no_scope(muster):
    """Without a limit that needs one, no scope is made."""
    with systemd(muster) as where:
        ended = muster.machine.sh(f"""export XDG_RUNTIME_DIR={RUNTIME}
            muster run -q --pids 50 -- tail -f /dev/null &
            await 'pidof tail >/dev/null' || exit
            sed -n 's/^0:://p' /proc/$!/cgroup
            kill $!
            wait""", **where)
    assert ended.out == f"{SESSION}\n", ended


def test_manager_that_hangs(muster):
    """A manager that does not answer is given up, and the limit is held per process."""
    with systemd(muster) as where:
        muster.machine.sh("killall -STOP systemd")
        ended, record = run(muster, "--memory 64M", "true", where)
        assert ended.code == 0 and enforcers(record)["memory"] == "per-process", (ended, record)
        ended, _ = run(muster, "--cpus 1", "true", where)
    assert ended.code == 125 and "gave no scope: it does not answer" in ended.err, ended
