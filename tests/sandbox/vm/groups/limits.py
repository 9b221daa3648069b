# SPDX-License-Identifier: Apache-2.0
"""Limits that cgroup v2 holds for root, in the root cgroup."""

MIB = 1 << 20
SPIN = "while :; do :; done"
# Each holds 16 MiB for ever.
MANY_PROCESSES = ("sh -c 'for i in 1 2 3 4 5 6 7 8; do dd if=/dev/zero of=/dev/null bs=16M & done; "
                  "wait; sleep 1000'")


def by_cgroup(record, *limits):
    enforced = record["attempts"][-1]["enforced"]
    for limit in limits:
        assert enforced[limit] == "cgroup-v2", enforced


def out_of_memory(ended, record, limit):
    assert ended.code == 137, (ended, record)
    assert record["outcome"]["kind"] == "out_of_memory", record["outcome"]
    assert record["outcome"]["limit"] == limit, record["outcome"]


def test_oom(muster):
    """A memory bomb ends as out of memory, with the limit and the peak."""
    ended, record = muster.run("--memory 64M", "tail /dev/zero")
    out_of_memory(ended, record, 64 * MIB)
    by_cgroup(record, "memory")
    assert 48 * MIB <= record["outcome"]["peak"] <= 65 * MIB, record["outcome"]
    assert record["usage"]["oom_kills"] >= 1, record["usage"]
    assert "64" in ended.err and "memory" in ended.err, ended


def test_oom_ends_the_tree(muster):
    """One process out of memory ends all the others of its tree at once."""
    ended, record = muster.run("--memory 64M", "sh -c 'sleep 1000 & tail /dev/zero; sleep 1000'")
    out_of_memory(ended, record, 64 * MIB)
    assert muster.leftovers() == "", muster.leftovers()


def test_oom_of_many(muster):
    """Many small processes are out of memory together."""
    ended, record = muster.run("--memory 64M --pids 100", MANY_PROCESSES)
    out_of_memory(ended, record, 64 * MIB)


def test_oom_by_files(muster):
    """Files in /tmp count as memory."""
    ended, record = muster.run("--memory 64M --disk 512M",
                               "dd if=/dev/zero of=/tmp/file bs=1M count=128")
    out_of_memory(ended, record, 64 * MIB)


def test_killed_is_not_oom(muster):
    """A command that is killed within its limit is not out of memory."""
    ended, record = muster.run("--memory 64M", "sh -c 'kill -9 $$'")
    assert ended.code == 137 and record["outcome"]["kind"] == "signaled", record["outcome"]
    assert record["usage"]["oom_kills"] == 0, record["usage"]


def test_peak(muster):
    """The peak of memory is the whole tree's."""
    _, record = muster.run("--memory 256M --disk 128M",
                           "dd if=/dev/zero of=/tmp/file bs=1M count=40")
    usage = record["usage"]
    assert usage["peak_of_tree"] and 40 * MIB <= usage["peak_memory"] <= 80 * MIB, usage


def test_pids(muster):
    """Forks beyond the limit on processes are refused, and nothing is left of the others."""
    ended, record = muster.run("--pids 20", "sh -c '"
                               "i=0; while [ $i -lt 60 ]; do i=$((i+1)); sleep 1000 & done'")
    assert ended.code not in (0, 125) and "fork" in ended.err, ended
    by_cgroup(record, "pids")
    assert record["usage"]["peak_pids"] in range(15, 23), record["usage"]
    assert muster.leftovers() == "", muster.leftovers()


def test_fork_bomb(muster):
    """A fork bomb ends at its time limit with nothing left."""
    ended, record = muster.run("--pids 256 --timeout 2 --grace 0",
                               "sh -c 'bomb() { bomb | bomb & }; bomb; sleep 1000'")
    assert ended.code == 124 and record["outcome"]["kind"] == "timed_out", (ended, record)
    assert muster.leftovers() == "", muster.leftovers()


def test_cpus(muster):
    """A fifth of a processor is what a loop gets, and the time it had to wait is recorded."""
    _, record = muster.run("--cpus 0.2 --timeout 4 --grace 0", f"sh -c '{SPIN} & {SPIN}'")
    by_cgroup(record, "cpus")
    usage = record["usage"]
    assert usage["throttled"] > 0, usage
    assert usage["user"] + usage["system"] <= 0.4 * usage["wall"], usage


def test_cpu_time(muster):
    """The limit on processor time counts every process."""
    ended, record = muster.run("--cpu-time 1 --timeout 40", f"sh -c '{SPIN} & {SPIN}'")
    assert ended.code == 124 and record["outcome"]["kind"] == "timed_out", (ended, record)
    assert record["outcome"]["cpu_time"] and record["outcome"]["limit"] == 1, record["outcome"]
    by_cgroup(record, "cpu_time")
    usage = record["usage"]
    # The processes count by ticks what the cgroup counts by the clock.
    assert 0.8 <= usage["user"] + usage["system"] <= 3, usage


def test_usage_of_the_forsaken(muster):
    """Processor time counts also of processes that nobody waited for."""
    _, record = muster.run("--timeout 3 --grace 0", f"sh -c 'setsid sh -c \"{SPIN}\" & exec sleep 60'")
    usage = record["usage"]
    assert usage["user"] + usage["system"] >= 1, usage


def test_files(muster):
    """The limits stand in the files of the cgroup, with swap off."""
    ended = muster.machine.sh("""
        muster run -q --memory 64M --pids 33 --cpus 0.5 -- sleep 1000 &
        await 'pidof sleep >/dev/null'
        cgroup=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(pidof sleep)/cgroup")
        cd "$cgroup"
        cat memory.max memory.swap.max pids.max cpu.max
        kill $!
        wait""")
    memory, swap, pids, cpu = ended.out.splitlines()
    assert (memory, swap) == (str(64 * MIB), "0"), ended
    assert 33 <= int(pids) <= 35, ended
    quota, period = map(int, cpu.split())
    assert quota * 2 == period, ended


def test_side_by_side(muster):
    """Of two at the same time, only the one that exceeds its limit is ended."""
    ended = muster.machine.sh("""
        rm -f begun ended
        muster run -q --memory 64M -- sh -c '
          touch begun; until [ -e ended ]; do sleep 0.1; done; echo here' &
        await '[ -e begun ]' || exit
        muster run -q --memory 64M -- tail /dev/zero
        echo $?
        touch ended
        wait $!
        echo $?""")
    assert ended.out == "137\nhere\n0\n", ended


def test_killed_muster(muster):
    """SIGKILL to muster ends its tree, and the next start removes the cgroups it left."""
    ended = muster.machine.sh("""
        muster run -q --memory 64M -- sh -c 'setsid sleep 1000 & exec sleep 1000' &
        await '[ "$(pidof sleep | wc -w)" = 2 ]' || exit
        kill -KILL $!
        await '! pidof sleep >/dev/null' || exit
        find /sys/fs/cgroup -type d -name 'muster-*' | grep -c .
        muster run -q -- true""")
    left, _, rest = ended.out.partition("\n")
    assert ended.code == 0 and int(left) >= 1 and not rest, ended
    assert muster.leftovers() == "", muster.leftovers()


def test_living_muster(muster):
    """Cleaning up spares the cgroups of a muster that lives."""
    ended = muster.machine.sh("""
        muster run -q --memory 64M -- sleep 1000 &
        await 'pidof sleep >/dev/null' || exit
        muster run -q -- true
        sed -n 's/^0:://p' "/proc/$(pidof sleep)/cgroup"
        find /sys/fs/cgroup -type d -name 'muster-*' | grep -c .
        kill $!
        wait""")
    cgroup, count = ended.out.splitlines()
    assert "/muster-" in cgroup and int(count) >= 1, ended


def test_nothing_is_left(muster):
    """After all of this no cgroup and no process is left."""
    assert muster.leftovers() == "", muster.leftovers()
