# SPDX-License-Identifier: Apache-2.0
"""The attempts of the abuse suite that need nothing of a host, on this kernel and with cgroup v2.

The plan is a line for each: its name, what is expected and the flags of muster, with tabs between.
Expected are the exit codes that may come, with commas between. An attempt that held exits 0, and
one that cannot be tried here 77."""

import time

from groups.delegation import delegate, shell_in

CANNOT_BE_TRIED = 77


def try_all(muster, **where):
    """Every attempt of the plan; fails with those that got through."""
    assert muster.plan, "no plan: --plan FILE"
    failures, tried, begin = [], 0, time.monotonic()
    for line in muster.plan:
        name, expected, flags = (line.split("\t") + [""])[:3]
        ended = muster.machine.sh(f"exec muster run {flags} -- attempts {name}", **where)
        tried += ended.code != CANNOT_BE_TRIED
        if ended.code not in (CANNOT_BE_TRIED, *map(int, expected.split(","))):
            failures.append(f"{name}: expected {expected}, but {ended}")
    print(f"        {len(muster.plan)} attempts, {tried} of them possible, "
          f"in {time.monotonic() - begin:.0f} s", flush=True)
    assert not failures, "\n".join(failures)
    assert tried * 2 > len(muster.plan), f"only {tried} of {len(muster.plan)} could be tried"
    rest = muster.machine.sh("pidof attempts").out
    assert rest == "", f"left running: {rest}"


def test_root(muster):
    """Every attempt is held when root starts it."""
    try_all(muster)


def test_user(muster):
    """Every attempt is held when a user starts it, to whom a cgroup was delegated."""
    delegate(muster, "/attempts")
    with shell_in(muster, "/attempts"):
        try_all(muster, user="user", cgroup="/attempts/shell")
