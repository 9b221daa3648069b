# SPDX-License-Identifier: Apache-2.0
"""What the other groups rely on: the machine itself, and muster without a sandbox in it."""


def test_controllers(muster):
    """The root cgroup offers memory, pids and cpu."""
    offered = muster.machine.sh("cat /sys/fs/cgroup/cgroup.controllers").out.split()
    assert {"memory", "pids", "cpu"} <= set(offered), offered


def test_memory_is_limited(muster):
    """A cgroup's memory limit kills what exceeds it."""
    ended = muster.machine.sh("""
        echo +memory >/sys/fs/cgroup/cgroup.subtree_control
        mkdir /sys/fs/cgroup/small
        echo 8M >/sys/fs/cgroup/small/memory.max
        (echo 0 >/sys/fs/cgroup/small/cgroup.procs; exec tail /dev/zero)
        echo "$?"
        grep -w oom_kill /sys/fs/cgroup/small/memory.events
        rmdir /sys/fs/cgroup/small""")
    assert ended.out == "137\noom_kill 1\n", ended


def test_users(muster):
    """Scripts run as the user that they name."""
    for user, uid in (("root", 0), ("user", 1001), ("nobody", 65534)):
        ended = muster.machine.sh('id -u; pwd; touch "file of $(id -u)"', user=user)
        assert ended == (0, f"{uid}\n/work/{user}\n", ""), ended


def test_reply(muster):
    """Output, errors and exit code of a script come back unharmed."""
    ended = muster.machine.sh("echo \"it's\"; printf 'no\\nend' >&2; exit 7")
    assert ended == (7, "it's\n", "no\nend"), ended
    ended = muster.machine.sh("seq 20000")
    assert ended.out == "".join(f"{i}\n" for i in range(1, 20001)), len(ended.out)


def test_user_namespaces(muster):
    """An ordinary user may make user namespaces."""
    ended = muster.machine.sh("unshare -Ur id -u", user="user")
    assert ended == (0, "0\n", ""), ended


def test_overlay(muster):
    """Overlays can be mounted in a user namespace."""
    ended = muster.machine.sh("""mkdir -p lower upper work merged; echo old >lower/file
        unshare -Urm sh -c 'mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work o merged &&
          echo changed >merged/file'; cat lower/file upper/file""", user="user")
    assert ended == (0, "old\nchanged\n", ""), ended


def test_plain_process(muster):
    """Without isolation muster passes output and exit code on and writes its record."""
    ended, record = muster.run("--isolation none -q", "sh -c 'echo hello; exit 7'", user="user")
    assert ended == (7, "hello\n", ""), ended
    assert record["outcome"]["code"] == 7, record
    ended, record = muster.run("--isolation none -q --timeout 1", "sleep 60")
    assert ended.code == 124 and record["outcome"]["kind"] == "timed_out", (ended, record)


def test_cgroup_namespace(muster):
    """A program of this host with its libraries runs, and makes a cgroup namespace."""
    ended = muster.machine.sh("/usr/bin/unshare -C cat /proc/self/cgroup", cgroup="/")
    assert ended == (0, "0::/\n", ""), ended
