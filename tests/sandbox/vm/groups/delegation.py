# SPDX-License-Identifier: Apache-2.0
"""Who may make cgroups: root's gifts to a user, and surroundings that give nothing."""

import contextlib
import json

from groups.limits import MANY_PROCESSES, MIB, out_of_memory

MANY = "+memory +pids +cpu"
ALL = "--memory 64M --pids 50 --cpus 1"
V2 = {"memory": "cgroup-v2", "pids": "cgroup-v2", "cpus": "cgroup-v2"}
CONTAINER = """mkdir -p /sys/fs/cgroup{cgroup}
echo 0 >/sys/fs/cgroup{cgroup}/cgroup.procs
exec /usr/bin/unshare -Cm sh -c '
  umount /sys/fs/cgroup
  mount -t cgroup2 {options} cgroup /sys/fs/cgroup
  exec muster run --record /tmp/container --memory 64M -- {command}'"""


def delegate(muster, path, controllers=MANY):
    """Makes the cgroup `path` and gives it to the user, as systemd does with Delegate=yes."""
    ended = muster.machine.sh(f"""
        cd /sys/fs/cgroup && echo {MANY} >cgroup.subtree_control || exit
        mkdir .{path} && cd .{path} && chown user . cgroup.procs cgroup.subtree_control cgroup.threads
        """)
    assert ended.code == 0, ended
    if controllers != MANY:
        # What a parent does not pass on, nobody below can have.
        muster.machine.sh(f"""cd /sys/fs/cgroup{path} && echo {controllers} >cgroup.subtree_control &&
            mkdir inner && cd inner && chown user . cgroup.procs cgroup.subtree_control""")


@contextlib.contextmanager
def shell_in(muster, path):
    """Something else of the user's runs in `path`/shell, a child of the cgroup `path`, meanwhile."""
    ended = muster.machine.sh(f"""cd /sys/fs/cgroup{path} && echo {MANY} >cgroup.subtree_control &&
        mkdir shell""", user="user")
    assert ended.code == 0, ended
    ended = muster.machine.sh("sleep 1000 &", cgroup=f"{path}/shell")
    try:
        yield
    finally:
        muster.machine.sh("killall sleep; await '! pidof sleep >/dev/null'")


def enforcers(record):
    enforced = record["attempts"][-1]["enforced"]
    return {limit: enforced[limit] for limit in ("memory", "pids", "cpus")}


def in_container(muster, cgroup, options, command):
    """Runs `command` under muster at the root of a cgroup namespace, as run() does."""
    ended = muster.machine.sh(CONTAINER.format(cgroup=cgroup, options=options, command=command))
    return ended, json.loads(muster.machine.sh("cat /tmp/container").out)


def test_alone(muster):
    """A user whose muster is alone in a cgroup of his own has limits of cgroup v2."""
    delegate(muster, "/alone")
    ended, record = muster.run(ALL, "tail /dev/zero", user="user", cgroup="/alone")
    out_of_memory(ended, record, 64 * MIB)
    assert enforcers(record) == V2, enforcers(record)


def test_alone_pids(muster):
    """There the limit on processes holds as well."""
    delegate(muster, "/alone-pids")
    ended, _ = muster.run(ALL, "sh -c 'i=0; while [ $i -lt 90 ]; do i=$((i+1)); sleep 1000 & done'",
                          user="user", cgroup="/alone-pids")
    assert ended.code not in (0, 125) and "fork" in ended.err, ended


def test_sibling(muster):
    """Beside other programs in a subtree of his own, muster makes its cgroups next to theirs."""
    delegate(muster, "/session")
    with shell_in(muster, "/session"):
        ended, record = muster.run(ALL, "tail /dev/zero", user="user", cgroup="/session/shell")
    out_of_memory(ended, record, 64 * MIB)
    assert enforcers(record) == V2, enforcers(record)
    assert muster.leftovers("/session") == "", muster.leftovers("/session")


def test_sibling_with_limits(muster):
    """A limit that muster itself stands under is not escaped by a cgroup beside it."""
    delegate(muster, "/bounded")
    with shell_in(muster, "/bounded"):
        muster.machine.sh("echo 200M >/sys/fs/cgroup/bounded/shell/memory.max")
        ended, record = muster.run("--memory 512M", "true", user="user", cgroup="/bounded/shell")
    assert ended.code == 0 and enforcers(record)["memory"] == "per-process", (ended, record)


def test_some_controllers(muster):
    """Controllers that were not passed on are made up for, one by one."""
    delegate(muster, "/some", "+pids")
    ended, record = muster.run("--memory 64M --pids 50", "true", user="user", cgroup="/some/inner")
    assert ended.code == 0, ended
    found = enforcers(record)
    assert (found["memory"], found["pids"]) == ("per-process", "cgroup-v2"), found


def test_not_delegated(muster):
    """A user to whom nothing was given has his limits held per process, and the record says so."""
    ended, record = muster.run("--memory 64M --pids 50", "tail /dev/zero", user="user")
    out_of_memory(ended, record, 64 * MIB)
    found = enforcers(record)
    assert (found["memory"], found["pids"]) == ("per-process", "per-process"), found


def test_not_delegated_tree(muster):
    """There, processes that are too large only together are out of memory."""
    ended, record = muster.run("--memory 64M", MANY_PROCESSES, user="user")
    out_of_memory(ended, record, 64 * MIB)
    assert enforcers(record)["memory"] == "per-process", record


def test_not_delegated_pids(muster):
    """Without a cgroup, too, forks beyond the limit are refused."""
    ended, _ = muster.run("--pids 20", "sh -c 'i=0; while [ $i -lt 60 ]; do i=$((i+1)); "
                          "sleep 1000 & done'", user="nobody")
    assert ended.code not in (0, 125) and "fork" in ended.err, ended
    assert muster.machine.sh("pidof sleep").out == "", ended


def test_not_delegated_cpus(muster):
    """A share of processors, which nothing but a cgroup can hold, is refused with the reason."""
    ended, record = muster.run("--cpus 0.5", "true", user="user")
    assert ended.code == 125 and "cgroup" in ended.err, (ended, record)
    assert "next:" in ended.err, ended
    ended, record = muster.run("--isolation best-effort --cpus 0.5", "true", user="user")
    assert ended.code == 0 and record["attempts"][-1]["enforced"]["missing"], (ended, record)


def test_container_read_only(muster):
    """In a container whose cgroups are read-only, limits are held per process."""
    ended, record = in_container(muster, "/read-only", "-o ro", "tail /dev/zero")
    out_of_memory(ended, record, 64 * MIB)
    assert enforcers(record)["memory"] == "per-process", record


def test_container_writable(muster):
    """In a container whose cgroups are its own, muster makes its cgroups in it and not outside."""
    ended, record = in_container(muster, "/writable", "", "tail /dev/zero")
    out_of_memory(ended, record, 64 * MIB)
    assert enforcers(record)["memory"] == "cgroup-v2", record
    outside = muster.machine.sh("ls -d /sys/fs/cgroup/muster-*")
    assert outside.out == "", outside
