# SPDX-License-Identifier: Apache-2.0
"""SIGKILL to muster at any moment, and many musters at once, with cgroup v2."""

from groups.delegation import delegate, shell_in

# Starts many and kills each within the time that one takes to start here.
KILL_MANY = """
  i=0
  while [ $i -lt {count} ]; do
    i=$((i+1))
    muster run -q --memory 64M -- sh -c 'setsid tail -f /dev/null & exec tail -f /dev/null' &
    usleep $(($(od -An -N2 -tu2 /dev/urandom) * 10))
    kill -KILL $!
    wait $! 2>/dev/null
    begin=$(cut -d' ' -f1 /proc/uptime)
    await '! pidof tail muster >/dev/null' || exit
    echo "$begin $(cut -d' ' -f1 /proc/uptime)"
  done
  muster run -q -- true || exit"""
# A tree is gone within 0.3 s where a processor is one and not interpreted.
GONE_WITHIN = 3


def kill_many(muster, count, **where):
    ended = muster.machine.sh(KILL_MANY.format(count=count), **where)
    assert ended.code == 0, ended
    spans = [line.split() for line in ended.out.splitlines()]
    assert len(spans) == count, ended
    slowest = max(float(end) - float(begin) for begin, end in spans)
    print(f"        the slowest of {count} was gone after {slowest:.2f} s", flush=True)
    assert slowest <= GONE_WITHIN, slowest


def test_killed_often(muster):
    """Nothing of root's is left, whenever muster is killed, and the next start removes its cgroups."""
    for _ in range(2):
        kill_many(muster, 25)
    assert muster.leftovers() == "", muster.leftovers()


def test_killed_often_for_a_user(muster):
    """The same for a user beside whose shell the cgroups are made."""
    delegate(muster, "/often")
    with shell_in(muster, "/often"):
        kill_many(muster, 20, user="user", cgroup="/often/shell")
        left = muster.machine.sh("find /sys/fs/cgroup/often -type d -name 'muster-*'").out
    assert left == "", left


def test_alone_and_beside(muster):
    """Where muster has to move out of its cgroup, the next start removes what it moved to."""
    delegate(muster, "/again")
    find = "find /sys/fs/cgroup/again -mindepth 1 -type d"
    ended, _ = muster.run("--memory 64M", "true", user="user", cgroup="/again")
    left = muster.machine.sh(find).out.split()
    assert ended.code == 0 and len(left) == 1 and left[0].endswith("-0"), (ended, left)
    with shell_in(muster, "/again"):
        ended, _ = muster.run("--memory 64M", "true", user="user", cgroup="/again/shell")
        left = muster.machine.sh(find).out.split()
    assert ended.code == 0 and left == ["/sys/fs/cgroup/again/shell"], (ended, left)


def test_many_at_once(muster):
    """Of twenty at the same time each has its own cgroup and its own end."""
    ended = muster.machine.sh("""
        for i in $(seq 20); do
          if [ $((i % 4)) = 0 ]; then command='tail /dev/zero'; else command='sleep 1'; fi
          { muster run -q --memory 32M -- $command; echo "$i $?"; } &
        done
        wait""")
    codes = dict(map(int, line.split()) for line in ended.out.split("\n") if line)
    assert codes == {i: 0 if i % 4 else 137 for i in range(1, 21)}, ended
    assert muster.leftovers() == "", muster.leftovers()
