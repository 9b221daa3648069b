# SPDX-License-Identifier: Apache-2.0
"""Attempts that are a story of their own: how a command ends, where mounts land, who is killed.

Each takes the stage and returns what is wrong, or None; Skip carries a reason.
"""

import concurrent.futures
import os
import pty
import random
import select
import signal
import subprocess
import threading
import time

import cases


class Skip(Exception):
    """Why a scenario cannot be played here."""


def expect(run, code, kind=None):
    if run.code != code:
        return f"exit code {run.code}, not {code}: {run.err.decode(errors='replace')[-400:]}"
    if kind and run.kind() != kind:
        return f"the record says {run.kind()}, not {kind}"
    return None


def exit_code_passes(stage):
    return expect(stage.run("exit-code", [], ["sh", "-c", "exit 7"]), 7, "exited")


def missing_command(stage):
    return expect(stage.run("missing", [], ["/usr/bin/muster-no-such"]), 127, "not_started")


def command_without_permission(stage):
    stage.workspace("denied")
    stage.write("work/denied/workspace/plain", "no program\n", 0o644)
    return expect(stage.run("denied", [], ["./plain"]), 126, "not_started")


def command_that_crashes(stage):
    return expect(stage.run("crash", [], ["sh", "-c", "kill -SEGV $$"]), 139, "signaled")


def type_into_terminal(stage):
    """TIOCSTI on the terminal that --tty gives; what was typed would come back to us."""
    controller, terminal = pty.openpty()
    flags = ["--tty", "--bind", f"ro:{stage.attempts}:{cases.INSIDE}"]
    run = stage.run("terminal", flags, [cases.INSIDE, "type-into-terminal"], stdin=terminal,
                    stdout=terminal)
    os.close(terminal)
    ready, _, _ = select.select([controller], [], [], 0)
    said = os.read(controller, 4096) if ready else b""
    os.close(controller)
    return expect(run, 0) and f"{expect(run, 0)} {said!r}"


def target_through(stage, name, make, flags):
    """A mount whose target goes through what `make` planted in the workspace."""
    workspace = stage.workspace(name)
    make(workspace)
    filled = [flag.format(workspace=workspace, bound=stage.bound) for flag in flags]
    run = stage.run(name, filled, ["true"], patience=5)
    if run.code not in (0, 125):
        return f"exit code {run.code}: {run.err.decode(errors='replace')[-400:]}"
    found = os.listdir(stage.victim)
    return f"the host got {found} behind the symlink" if found else None


def symlink_to(where):
    def make(workspace):
        target = where.format(victim=os.path.join(workspace, "../../../victim"))
        os.symlink(target, os.path.join(workspace, "place"))
    return make


def bind_through_absolute_symlink(stage):
    make = lambda workspace: os.symlink(stage.victim, os.path.join(workspace, "place"))
    return target_through(stage, "bind-symlink", make,
                          ["--bind", "ro:{bound}:{workspace}/place/made"])


def bind_through_relative_symlink(stage):
    return target_through(stage, "bind-relative", symlink_to("../../../victim"),
                          ["--bind", "ro:{bound}:{workspace}/place/made"])


def bind_file_onto_dangling_symlink(stage):
    make = lambda workspace: os.symlink(stage.path("victim", "made"),
                                        os.path.join(workspace, "place"))
    return target_through(stage, "bind-dangling", make,
                          ["--bind", "ro:{bound}/file:{workspace}/place"])


def tmpfs_through_symlink(stage):
    make = lambda workspace: os.symlink(stage.victim, os.path.join(workspace, "place"))
    return target_through(stage, "tmpfs-symlink", make, ["--tmpfs", "{workspace}/place/made"])


def tmpfs_through_magic_link(stage):
    make = lambda workspace: os.symlink("/proc/self/cwd", os.path.join(workspace, "place"))
    return target_through(stage, "tmpfs-magic", make, ["--tmpfs", "{workspace}/place/made"])


def bind_onto_fifo(stage):
    make = lambda workspace: os.mkfifo(os.path.join(workspace, "place"))
    return target_through(stage, "bind-fifo", make,
                          ["--bind", "ro:{bound}/file:{workspace}/place"])


def bind_of_fifo(stage):
    make = lambda workspace: os.mkfifo(os.path.join(workspace, "place"))
    return target_through(stage, "fifo-source", make, ["--bind", "ro:{workspace}/place:/fifo"])


def folder_as_any_stream(stage):
    """An open folder leads out through .., and so does one that is only named."""
    for stream, word in (("stdin", "input"), ("stdout", "output"), ("stderr", "error")):
        for flags in (os.O_RDONLY | os.O_DIRECTORY, os.O_PATH):
            folder = os.open(stage.victim, flags)
            run = stage.run("folder", [], ["true"], **{stream: folder})
            os.close(folder)
            if run.code != 125:
                return f"as {stream}: exit code {run.code}, not 125"
            if stream != "stderr" and f"standard {word} is a folder".encode() not in run.err:
                return f"the refusal does not say why: {run.err!r}"
    return None


def race_for_a_target(stage):
    """A folder that is a symlink every other moment, while sandboxes mount below it."""
    workspace = stage.workspace("race")
    folder, link, place = (os.path.join(workspace, n) for n in ("folder", "swap", "place"))
    os.makedirs(folder)
    os.symlink(stage.victim, link)
    os.symlink(folder, place)
    over = threading.Event()

    def swap():
        while not over.is_set():
            for target in (stage.victim, folder):
                os.symlink(target, place + ".new")
                os.rename(place + ".new", place)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for _ in range(20):
            stage.run("race", ["--tmpfs", f"{place}/made"], ["true"])
    finally:
        over.set()
        thread.join()
    found = os.listdir(stage.victim)
    return f"the host got {found}" if found else None


def killed_at_any_moment(stage):
    """SIGKILL for muster itself, 50 times, while it starts, runs and ends."""
    start = time.monotonic()
    stage.run("start", [], ["true"])
    span = 1.5 * (time.monotonic() - start)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        wrong = pool.map(lambda seed: killed_25_times(stage, seed, span), (1, 2))
    return next(filter(None, wrong), None)


def killed_25_times(stage, seed, span):
    chance = random.Random(seed)
    name = f"killed-{seed}"
    command = ["sh", "-c", "setsid sleep 20 & sleep 20 & (trap '' TERM HUP; sleep 20) & wait"]
    for count in range(25):
        process = subprocess.Popen(stage.command(name, [], command), env=stage.environment(),
                                   cwd=stage.workspace(name), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = chance.uniform(0, span)
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.wait()
        left = stage.left_after_all(name)
        if left:
            return f"after kill {count} at {after:.3f} s {len(left)} processes were left"
    return None


def fork_bomb_of_512(stage):
    """Gone, with muster, within a second of the time limit."""
    flags = ["--pids", "512", "--timeout", "2s", "--grace", "0s", "--bind",
             f"ro:{stage.attempts}:{cases.INSIDE}"]
    run = stage.run("bomb-512", flags, [cases.INSIDE, "fork-bomb-and-wait"])
    wrong = expect(run, 124, "timed_out")
    if not wrong and run.seconds > 3:
        wrong = f"it took {run.seconds - 2:.2f} s from the limit to the end"
    return wrong


def masked_proc_without_privilege(stage):
    """In a container nobody can have a /proc of their own: muster says so and runs nothing."""
    if stage.surroundings.mode.name != "container":
        raise Skip("this is not a container")
    before = stage.surroundings.wrap
    stage.surroundings.wrap = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
                               "--bounding-set", "-all", "--"]
    try:
        run = stage.run("masked", ["--workspace", "none"], ["true"])
    finally:
        stage.surroundings.wrap = before
    wrong = expect(run, 125)
    if not wrong and b"/proc" not in run.err:
        wrong = f"the refusal does not name /proc: {run.err.decode(errors='replace')}"
    return wrong


def neighbours(stage, visit):
    """Calls `visit` while another sandbox keeps its house open; what is wrong with that one."""
    flags = ["--bind", f"ro:{stage.attempts}:{cases.INSIDE}"]
    host = subprocess.Popen(stage.command("neighbour", flags, [cases.INSIDE, "neighbour"]),
                            env=stage.environment(), cwd=stage.workspace("neighbour"),
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        ready, _, _ = select.select([host.stdout], [], [], 10)
        said = os.read(host.stdout.fileno(), 100) if ready else b""
        if b"ready" not in said:
            return f"it is not ready: {said!r}"
        visit()
        return None
    finally:
        host.stdin.close()
        host.wait(timeout=10)
        host.stdout.close()


def workspace_of_others(stage):
    """A workspace that whoever runs muster cannot enter is refused, not run elsewhere."""
    if stage.surroundings.mode.name not in ("nobody", "delegated"):
        raise Skip("root can enter every folder")
    start = time.monotonic()
    run = stage.run("others", ["--workdir", "/root"], ["pwd"])
    if run.code not in (2, 125) or time.monotonic() - start > 5:
        return f"exit code {run.code}, printed {run.out!r}"
    return None


ALL = (exit_code_passes, missing_command, command_without_permission, command_that_crashes,
       type_into_terminal, bind_through_absolute_symlink, bind_through_relative_symlink,
       bind_file_onto_dangling_symlink, tmpfs_through_symlink, tmpfs_through_magic_link,
       bind_onto_fifo, bind_of_fifo, folder_as_any_stream, race_for_a_target, killed_at_any_moment, fork_bomb_of_512,
       masked_proc_without_privilege, workspace_of_others)
# What depends on who counts the tree and who can kill it at once.
COUNTED = (killed_at_any_moment, fork_bomb_of_512)
