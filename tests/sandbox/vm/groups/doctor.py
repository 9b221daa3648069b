# SPDX-License-Identifier: Apache-2.0
"""What `muster doctor` finds where the kernel offers everything, and where it does not."""

import json

STATES = {"yes", "partly", "no"}


def capabilities(muster, script="", **where):
    """What doctor reports after `script`: the capabilities by their name."""
    ended = muster.machine.sh(f"{script}\nexec muster doctor --json", **where)
    assert ended.out, ended
    found = json.loads(ended.out)["capabilities"]
    for capability in found:
        assert capability["name"] and capability["state"] in STATES, capability
        assert capability["state"] == "yes" or capability["consequence"], capability
    return {capability["name"]: capability for capability in found}


def test_root(muster):
    """root finds every controller of cgroup v2, user namespaces and Landlock."""
    found = capabilities(muster)
    for name in ("cgroup memory", "cgroup pids", "cgroup cpu", "user namespaces", "seccomp",
                 "landlock"):
        assert found[name]["state"] == "yes", found[name]
    assert "v2" in found["cgroup memory"]["detail"], found["cgroup memory"]


def test_not_delegated(muster):
    """A user without a cgroup of his own is told so, with the command that gives him one."""
    found = capabilities(muster, user="user")
    for name in ("cgroup memory", "cgroup pids"):
        assert found[name]["state"] != "yes" and found[name]["remedy"], found[name]
    assert found["user namespaces"]["state"] == "yes", found["user namespaces"]


def test_no_user_namespaces(muster):
    """User namespaces that are switched off are named with the sysctl that does it."""
    muster.machine.sh("sysctl -w user.max_user_namespaces=0")
    try:
        found = capabilities(muster, user="user")["user namespaces"]
    finally:
        muster.machine.sh("sysctl -w user.max_user_namespaces=1000")
    assert found["state"] == "no" and "max_user_namespaces" in found["remedy"], found
    assert "max_user_namespaces" in found["detail"], found


def test_probing_leaves_nothing(muster):
    """doctor leaves neither processes nor cgroups behind."""
    capabilities(muster)
    assert muster.leftovers() == "", muster.leftovers()
