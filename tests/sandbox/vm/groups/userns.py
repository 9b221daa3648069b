# SPDX-License-Identifier: Apache-2.0
"""A kernel whose administrator has switched user namespaces off (each test for itself).

A folder of root's cannot be a writable workspace there: mapping its ids takes a user namespace. So
root works in a user's folder, and his commands run as that user."""

import contextlib

from groups.limits import MIB, out_of_memory


@contextlib.contextmanager
def no_user_namespaces(muster):
    muster.machine.sh("sysctl -w user.max_user_namespaces=0")
    try:
        assert muster.machine.sh("unshare -U true", user="user").code != 0
        yield
    finally:
        muster.machine.sh("sysctl -w user.max_user_namespaces=1000")


def test_root(muster):
    """root has a sandbox all the same, and is not uid 0 in it."""
    with no_user_namespaces(muster):
        ended, record = muster.run("--memory 64M", "id -u", folder="/work/user")
    assert ended.code == 0 and ended.out.strip() not in ("", "0"), ended
    enforced = record["attempts"][-1]["enforced"]
    assert enforced["isolation"] == "sandbox" and enforced["memory"] == "cgroup-v2", enforced
    assert "pid" in enforced["namespaces"] and "user" not in enforced["namespaces"], enforced


def test_root_limits(muster):
    """root's limits hold there."""
    with no_user_namespaces(muster):
        ended, record = muster.run("--memory 64M", "tail /dev/zero", folder="/work/user")
    out_of_memory(ended, record, 64 * MIB)


def test_root_killed(muster):
    """SIGKILL to muster leaves nothing running there."""
    with no_user_namespaces(muster):
        ended = muster.machine.sh("""muster run -q -- sh -c 'setsid sleep 1000 & exec sleep 1000' &
            await '[ "$(pidof sleep | wc -w)" = 2 ]' || exit
            kill -KILL $!
            await '! pidof sleep >/dev/null' || exit
            muster run -q -- true""", folder="/work/user")
    assert ended.code == 0, ended
    assert muster.leftovers() == "", muster.leftovers()


def test_root_workspace(muster):
    """A folder of root's is refused as his writable workspace, with what to do instead."""
    with no_user_namespaces(muster):
        ended, _ = muster.run("", "true")
    assert ended.code == 125 and "workspace" in ended.err and "next:" in ended.err, ended


def test_user(muster):
    """A user is refused, with the reason and the command that would change it."""
    with no_user_namespaces(muster):
        ended, record = muster.run("", "true", user="user")
    assert ended.code == 125, ended
    assert "user namespaces" in ended.err and "max_user_namespaces" in ended.err, ended
    assert record["outcome"]["kind"] == "not_started", record["outcome"]
    assert record["outcome"]["step"] == "sandbox" and record["outcome"]["remedy"], record["outcome"]


def test_user_best_effort(muster):
    """Best effort runs his command and says what is missing, on stderr and in the record."""
    with no_user_namespaces(muster):
        ended, record = muster.run("--isolation best-effort", "sh -c 'echo ran; exit 3'", user="user")
    assert (ended.code, ended.out) == (3, "ran\n"), ended
    missing = record["attempts"][-1]["enforced"]["missing"]
    assert any("user namespaces" in sentence for sentence in missing), missing
    assert "user namespaces" in ended.err, ended


def test_user_explain(muster):
    """The plan that cannot be carried out is refused as the run is."""
    with no_user_namespaces(muster):
        ended = muster.machine.sh("exec muster run --explain -- true", user="user")
    assert ended.code == 125 and "user namespaces" in ended.err, ended
