#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times paired commands in turn and prints medians, p10 and the ratios pair by pair."""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
GIB = 1 << 30

START_BAR_MS = 2.0
RUN_BAR_MS = 1.0
DIRECT_BAR = 0.98
RELAYED_BAR_GB_S = 1.5
RELAYED_BAR_RATIO = 0.6


class Pairs:
    """Figures of two commands that were measured in turn."""

    def __init__(self, first, second, unit, rows):
        self.first, self.second, self.unit = first, second, unit
        self.a = [row[0] for row in rows]
        self.b = [row[1] for row in rows]

    def ratio(self):
        """Of the first to the second, the median over the pairs."""
        return statistics.median(a / b for a, b in zip(self.a, self.b))

    def difference(self):
        """The first minus the second, the median over the pairs."""
        return statistics.median(a - b for a, b in zip(self.a, self.b))

    def show(self):
        best = min if self.unit == "ms" else max
        for name, values in ((self.first, self.a), (self.second, self.b)):
            print(f"  {name:36} median {statistics.median(values):8.3f} {self.unit}"
                  f"   p10 {fastest_tenth(values, best):8.3f} {self.unit}")
        print(f"  {len(self.a)} pairs: ratio {self.ratio():.3f}, "
              f"difference {self.difference():+.3f} {self.unit}", flush=True)


def fastest_tenth(values, best):
    """The value that the fastest tenth of all reach."""
    ordered = sorted(values, reverse=best is max)
    return ordered[len(ordered) // 10]


class Tools:
    """What the suites run besides muster, built for this run."""

    def __init__(self, folder):
        self.spawn = build(folder, "spawn", open(os.path.join(HERE, "spawn.c")).read(), [])
        self.true = build(folder, "true", "int main(void) { return 0; }\n", ["-static"])
        self.busybox = shutil.which("busybox") or sys.exit("bench: busybox is needed")

    def time_spawns(self, pairs, first, second):
        """Pairs of milliseconds; each command is a list that starts with a path."""
        output = subprocess.run([self.spawn, str(pairs), "20", *first, "--", *second],
                                check=True, stdout=subprocess.PIPE, text=True).stdout
        return [tuple(map(float, line.split())) for line in output.splitlines()]


def build(folder, name, source, flags):
    compiler = next((c for c in ("clang-19", "cc", "gcc") if shutil.which(c)), None)
    if compiler is None:
        sys.exit("bench: a C compiler is needed")
    path = os.path.join(folder, name)
    subprocess.run([compiler, "-O2", *flags, "-x", "c", "-", "-o", path], input=source, text=True,
                   check=True)
    return path


def verdict(what, holds, figure):
    print(f"  {'ok    ' if holds else 'MISSED'} {what}: {figure}", flush=True)
    return holds


def start(options, tools):
    rows = tools.time_spawns(options.pairs or 200, [tools.true], [options.muster, "version"])
    pairs = Pairs("muster version", "static C true", "ms", [(b, a) for a, b in rows])
    pairs.show()
    return verdict(f"within {START_BAR_MS} ms of static true",
                   pairs.difference() <= START_BAR_MS, f"{pairs.difference():+.3f} ms")


def run(options, tools):
    command = [tools.busybox, "true"]
    muster = [options.muster, "run", "--isolation", "none", "-q", "--", *command]
    count = options.pairs or 200
    over = {}
    for name, other in (("bare posix_spawn", command),
                        ("env", [shutil.which("env"), *command])):
        rows = tools.time_spawns(count, other, muster)
        pairs = Pairs("muster run", name, "ms", [(b, a) for a, b in rows])
        pairs.show()
        over[name] = pairs.difference()
    # What any static glibc program costs to start and to end, next to nothing at all: `true` spawned
    # is that start-up and the kernel's share of a spawn, which muster as a process of its own pays too.
    libc = statistics.median(a for a, _ in tools.time_spawns(count, [tools.true], [tools.true]))
    print(f"  libc's own start-up (static true, spawned)  median {libc:8.3f} ms")
    beyond = over["bare posix_spawn"] - libc
    return verdict(f"at most {RUN_BAR_MS} ms over the bare spawn beyond libc's start-up",
                   beyond <= RUN_BAR_MS, f"{beyond:+.3f} ms")


def consume(commands, size):
    """GB/s of `size` bytes through a pipeline into a reader that throws them away."""
    buffer = bytearray(1 << 20)
    processes, source = [], subprocess.DEVNULL
    begin = time.monotonic()
    for command in commands:
        process = subprocess.Popen(command, stdin=source, stdout=subprocess.PIPE,
                                   pipesize=1 << 20)
        if source is not subprocess.DEVNULL:
            source.close()
        source = process.stdout
        processes.append(process)
    total = 0
    while count := os.readv(source.fileno(), [buffer]):
        total += count
    source.close()
    codes = [process.wait() for process in processes]
    elapsed = time.monotonic() - begin
    if total != size or any(codes):
        sys.exit(f"bench: {commands[-1][0]} passed {total} of {size} bytes on and ended with {codes}")
    return size / elapsed / 1e9


def measure_pipelines(options, first, second):
    size = options.gib * GIB
    producer = ["head", "-c", str(size), "/dev/zero"]
    for pipeline in (first, second):
        consume([producer, *pipeline], size)
    return [(consume([producer, *first], size), consume([producer, *second], size))
            for _ in range(options.pairs or 5)]


def throughput(options, _tools):
    muster = [options.muster, "run", "--isolation", "none", "-q"]
    direct = [[*muster, "--", "cat"]]
    plain = Pairs("muster run -- cat", "cat", "GB/s", measure_pipelines(options, direct, [["cat"]]))
    plain.show()
    # Linux schedules every session as a group of its own (sched(7), autogroup). What of a difference
    # is due to that, and not to muster, shows against `cat` in a session of its own.
    Pairs("muster run -- cat", "setsid cat", "GB/s",
          measure_pipelines(options, direct, [["setsid", "--wait", "cat"]])).show()
    relayed = Pairs("muster run --output-limit 1T -- cat", "cat | cat", "GB/s",
                    measure_pipelines(options, [[*muster, "--output-limit", "1T", "--", "cat"]],
                                      [["cat"], ["cat"]]))
    relayed.show()
    # Of medians, not of pairs: the noise of one long run is larger than the bar.
    ratio = statistics.median(plain.a) / statistics.median(plain.b)
    holds = verdict("direct within 2 % of cat", ratio >= DIRECT_BAR, f"{ratio:.3f} of it")
    speed = statistics.median(relayed.a)
    bar = min(RELAYED_BAR_GB_S, RELAYED_BAR_RATIO * statistics.median(relayed.b))
    return verdict(f"relayed at least {bar:.2f} GB/s", speed >= bar, f"{speed:.2f} GB/s") and holds


SUITES = {"start": start, "run": run, "throughput": throughput}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="+", choices=SUITES, metavar="SUITE",
                        help=", ".join(SUITES))
    parser.add_argument("--muster", default=os.path.join(ROOT, "build/release/muster"))
    parser.add_argument("--gib", type=int, default=4, help="amount for throughput")
    parser.add_argument("--pairs", type=int, help="how often (200, throughput 5)")
    parser.add_argument("--check", action="store_true", help="exit 1 when a bar is missed")
    options = parser.parse_args()
    options.muster = os.path.abspath(options.muster)
    if not os.access(options.muster, os.X_OK):
        sys.exit(f"bench: no binary {options.muster}")
    # No config of this user or of a folder above may be part of the figures.
    os.environ.update(XDG_CONFIG_HOME="/nonexistent")
    holds = True
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        tools = Tools(folder)
        for name in options.suites:
            print(f"{name}:", flush=True)
            holds = SUITES[name](options, tools) and holds
    sys.exit(1 if options.check and not holds else 0)


if __name__ == "__main__":
    main()
