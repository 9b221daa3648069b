#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times the sandbox against other launchers, in turn: sandbox.py [start] [parallel] [bomb]"""

import argparse
import json
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import bench

START_BAR = 0.85
PARALLEL_BAR = 1.5
BOMB_BAR_SECONDS = 1.0
BOMB_PROCESSES = 512
BOMB_LIMIT_SECONDS = 1.0
BOMB_NAME = "muster-bomb"
HIDE_UNIFIED = "umount -l /sys/fs/cgroup/unified 2>/dev/null; exec \"$@\""


class Rival:
    """Another launcher with the command line that comes nearest to what muster does."""

    def __init__(self, name, argv, within=()):
        self.name = name
        self.argv = [shutil.which(argv[0]) or argv[0], *argv[1:]]
        self.within = list(within)

    def obstacle(self):
        """Why it cannot be measured here; nothing when it can."""
        if not os.access(self.argv[0], os.X_OK):
            return "not installed"
        done = subprocess.run([*self.within, *self.argv], stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode == 0:
            return ""
        return (done.stdout.strip().splitlines() or [f"it exits {done.returncode}"])[-1]


def bwrap(command):
    return Rival("bwrap", ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc",
                           "--dev", "/dev", "--die-with-parent", *command])


def rivals(folder, command):
    found = [bwrap(command),
             Rival("unshare", ["unshare", "-Urpfmnui", "--mount-proc", *command]),
             Rival("nsjail", ["nsjail", "-Mo", "-q", "--chroot", "/", "--", *command]),
             Rival("firejail", ["firejail", "--quiet", "--noprofile", *command])]
    if shutil.which("crun"):
        # crun 1.8.1 refuses a host that has cgroup v1 controllers and cgroup v2 beside them.
        found.append(Rival("crun", ["crun", "--cgroup-manager=disabled", "run", "--bundle",
                                    crun_bundle(folder, command), f"muster-bench-{os.getpid()}"],
                           ["unshare", "-m", "sh", "-c", HIDE_UNIFIED, "sh"]))
    return found


def crun_bundle(folder, command):
    """The folder of a container whose root holds the static program of `command` alone."""
    bundle = os.path.join(folder, "bundle")
    program = os.path.join(bundle, "rootfs", command[0].lstrip("/"))
    os.makedirs(os.path.dirname(program))
    shutil.copy(command[0], program)
    subprocess.run(["crun", "spec"], cwd=bundle, check=True)
    path = os.path.join(bundle, "config.json")
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    config["process"].update(terminal=False, args=command)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config, file)
    return bundle


def time_starts(options, tools, rival, command):
    """muster and the rival in turn, in milliseconds."""
    muster = [options.muster, "run", *shlex.split(options.flags), "--", *command]
    output = subprocess.run([*rival.within, tools.spawn, str(options.pairs), "20", *rival.argv, "--",
                             *muster], check=True, stdout=subprocess.PIPE, text=True,
                            env={**os.environ, "SPAWN_IDLE_MS": str(options.idle)}).stdout
    rows = [tuple(map(float, line.split())) for line in output.splitlines()]
    return bench.Pairs("muster run", rival.name, "ms", [(b, a) for a, b in rows])


def start(options, tools):
    """One start after the other; bwrap has the bar, the others are for comparison."""
    command = [tools.busybox, "true"]
    holds = False
    for rival in rivals(os.getcwd(), command):
        obstacle = rival.obstacle()
        if obstacle:
            print(f"  {rival.name}: not measured: {obstacle}")
            continue
        pairs = time_starts(options, tools, rival, command)
        pairs.show()
        medians = statistics.median(pairs.a) / statistics.median(pairs.b)
        print(f"  ratio of the medians {medians:.3f}")
        if rival.name == "bwrap":
            # The less favourable of the two, so that no choice of average meets the bar.
            worst = max(medians, pairs.ratio())
            holds = bench.verdict(f"at most {START_BAR} of bwrap", worst <= START_BAR, f"{worst:.3f}")
    return holds


def parallel(options, tools):
    """Sandboxes per second of two loops at once: threads of one process against bwraps."""
    command = [tools.busybox, "true"]
    rival = bwrap(command)
    obstacle = rival.obstacle()
    if obstacle or not os.access(options.loops, os.X_OK):
        return bench.verdict("two loops at once", False,
                             obstacle and f"bwrap: {obstacle}" or f"no program {options.loops}; "
                             "ninja -C build/release sandbox_loops")
    rows = []
    for _ in range(options.rounds):
        rows.append(tuple(float(subprocess.run(
            [options.loops, *argv], check=True, stdout=subprocess.PIPE, text=True).stdout)
            for argv in ((str(options.seconds), *command),
                         ("--spawn", str(options.seconds), *rival.argv))))
    pairs = bench.Pairs("two executors", "two bwrap loops", "per s", rows)
    pairs.show()
    return bench.verdict(f"at least {PARALLEL_BAR} of two bwrap loops",
                         pairs.ratio() >= PARALLEL_BAR, f"{pairs.ratio():.3f}")


def bombs_left():
    """Processes of the bomb that still exist, zombies too."""
    count = 0
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/comm", encoding="utf-8") as file:
                count += file.read().strip() == BOMB_NAME
        except OSError:
            pass
    return count


def bomb(options, _tools):
    """From the limit of a fork bomb to the moment nothing is left of it, in the worst round."""
    with open(os.path.join(bench.HERE, "sandbox_bomb.c"), encoding="utf-8") as source:
        program = bench.build(os.getcwd(), BOMB_NAME, source.read(), ["-static"])
    worst, left, most = 0.0, 0, 0
    for _ in range(options.rounds):
        begin = time.monotonic()
        process = subprocess.Popen([options.muster, "run", *shlex.split(options.flags), "--pids",
                                    str(BOMB_PROCESSES), "--timeout", f"{BOMB_LIMIT_SECONDS}s",
                                    "--grace", "0", "--", program])
        while process.poll() is None and time.monotonic() - begin < 0.9 * BOMB_LIMIT_SECONDS:
            most = max(most, bombs_left())
        process.wait()
        elapsed = time.monotonic() - begin
        left += bombs_left()
        if process.returncode != 124:
            return bench.verdict("a fork bomb times out", False, f"muster exits {process.returncode}")
        worst = max(worst, elapsed - BOMB_LIMIT_SECONDS)
    print(f"  {options.rounds} fork bombs, up to {most} processes seen at a time")
    holds = bench.verdict("nothing is left when muster ends", left == 0, f"{left} processes")
    # A bomb that never grew would be gone at once.
    holds = bench.verdict("the bomb reached its limit", most >= BOMB_PROCESSES * 0.9,
                          f"{most} of {BOMB_PROCESSES}") and holds
    return bench.verdict(f"gone within {BOMB_BAR_SECONDS} s of its limit, muster's start included",
                         worst <= BOMB_BAR_SECONDS, f"{worst:.3f} s") and holds


SUITES = {"start": start, "parallel": parallel, "bomb": bomb}


def main():
    release = os.path.join(bench.ROOT, "build/release")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=", ".join(SUITES) + " (all)")
    parser.add_argument("--muster", default=os.path.join(release, "muster"))
    parser.add_argument("--loops", default=os.path.join(release, "sandbox_loops"))
    parser.add_argument("--flags", default="-q", help="of muster run (-q)")
    parser.add_argument("--pairs", type=int, default=200, help="starts of each (200)")
    parser.add_argument("--idle", type=int, default=0, help="ms of rest before every start (0)")
    parser.add_argument("--rounds", type=int, default=5, help="of parallel and bomb (5)")
    parser.add_argument("--seconds", type=float, default=3, help="of each loop in a round (3)")
    parser.add_argument("--check", action="store_true", help="exit 1 when a bar is missed")
    options = parser.parse_args()
    unknown = set(options.suites) - set(SUITES)
    if unknown:
        parser.error(f"no suite {', '.join(sorted(unknown))}; there are {', '.join(SUITES)}")
    options.muster, options.loops = map(os.path.abspath, (options.muster, options.loops))
    if not os.access(options.muster, os.X_OK):
        sys.exit(f"sandbox: no binary {options.muster}")
    # No config of this user or of a folder above may be part of the figures.
    os.environ.update(XDG_CONFIG_HOME="/nonexistent")
    holds = True
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        tools = bench.Tools(folder)
        for name in options.suites or SUITES:
            print(f"{name}:", flush=True)
            holds = SUITES[name](options, tools) and holds
    sys.exit(1 if options.check and not holds else 0)


if __name__ == "__main__":
    main()
