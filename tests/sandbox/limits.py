#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether limits hold and what was used is told right: limits.py --as MODE --muster FILE

The modes are those of the attempts; here is measured what they only meet. Exits 77 where a mode
cannot be had."""

import argparse
import contextlib
import inspect
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import modes

SKIPPED = 77
MIB = 1 << 20
SPIN = "while :; do :; done"
HOLD = 'import time; x = b"x" * ({mib} << 20); print(flush=True); time.sleep(100)'
BOMB = ["python3", "-c", "x = []\nwhile True: x.append(b'x' * (1 << 20))"]
PATIENCE = 60


class Place:
    """A folder with the binary in it, owned by whoever runs muster."""

    def __init__(self, surroundings, muster):
        self.surroundings = surroundings
        self.controllers = surroundings.mode.controllers and os.geteuid() == 0
        self.folder = tempfile.mkdtemp(prefix="muster-limits.", dir="/var/tmp")
        os.chmod(self.folder, 0o755)
        self.muster = shutil.copy(muster, os.path.join(self.folder, "muster"))
        self.work = os.path.join(self.folder, "work")
        os.mkdir(self.work)
        if os.geteuid() == 0:
            os.chown(self.work, surroundings.mode.uid, surroundings.mode.uid)
        self.records = 0

    def start(self, flags, command, **more):
        """muster as a process, and where its record will be."""
        self.records += 1
        record = os.path.join(self.work, f"record-{self.records}")
        words = [*self.surroundings.wrap, self.muster, "run", "--record", record, *flags, "--",
                 *command]
        environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
        return subprocess.Popen(words, cwd=self.work, env=environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                **more), record

    def finish(self, process, record):
        """(exit code, record, standard error)"""
        _out, err = process.communicate(timeout=PATIENCE)
        assert os.path.exists(record), err
        with open(record, encoding="utf-8") as file:
            return process.returncode, json.load(file), err

    def run(self, flags, command):
        return self.finish(*self.start(flags, command))


def wait_until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.01)


def cgroups_of(pids):
    """The cgroups that bear the names of these musters."""
    mine = re.compile(rf"muster-({'|'.join(map(str, pids))})-\d+-\d+$")
    return [os.path.join(top, name) for mount in modes.cgroup_mounts()
            for top, names, _ in os.walk(mount) for name in names if mine.match(name)]


def processor_time(usage):
    return usage["user"] + usage["system"]


def test_cpu_time(place):
    """The limit on processor time ends two busy processes when both together have used it."""
    code, record, _ = place.run(["--cpu-time", "1"], ["sh", "-c", f"{SPIN} & {SPIN}"])
    outcome = record["outcome"]
    assert (code, outcome["kind"], outcome["cpu_time"]) == (124, "timed_out", True), outcome
    assert 0.95 <= processor_time(record["usage"]) <= 1.35, record["usage"]


def test_cpus(place):
    """A tenth of a processor is a tenth of the time of one, however many processes want it."""
    flags = ["--cpus", "0.1", "--timeout", "2", "--grace", "0"]
    code, record, err = place.run(flags, ["sh", "-c", f"{SPIN} & {SPIN}"])
    if not place.controllers:
        assert code == 125 and "cpus" in err and "cgroup" in err and "next:" in err, err
        assert record["outcome"]["step"] == "sandbox" and record["outcome"]["remedy"], record
        return
    usage = record["usage"]
    share = processor_time(usage) / usage["wall"]
    assert code == 124 and 0.03 <= share <= 0.15, usage
    assert usage["throttled"] > 0.5, usage


def test_cpus_best_effort(place):
    """Best effort goes on without a share of the processors, and says so."""
    code, record, err = place.run(["--isolation", "best-effort", "--cpus", "0.5"], ["true"])
    missing = record["attempts"][0]["enforced"]["missing"]
    assert code == 0 and any("cpus" in each for each in missing) != place.controllers, missing
    assert ("cpus" in err) != place.controllers, err


def test_peak_pids(place):
    """The most processes at a time are counted, without those that are muster's."""
    script = "for i in 1 2 3 4 5 6 7 8 9; do sleep 0.3 & done; wait"
    _, record, _ = place.run(["--pids", "50"], ["sh", "-c", script])
    peak = record["usage"]["peak_pids"]
    if place.controllers and peak is not None:
        assert peak == 10, record["usage"]
    held = record["attempts"][0]["enforced"]["pids"]
    assert held.startswith("cgroup" if place.controllers else "per-process"), held


def test_pids(place):
    """As many processes as the limit says can be, and not one more."""
    script = ("i=0; while [ $i -lt 40 ]; do sleep 5 & i=$((i+1)); echo $i > count; done")
    code, _, _ = place.run(["--pids", "20"], ["sh", "-c", script])
    with open(os.path.join(place.work, "count"), encoding="utf-8") as file:
        count = int(file.read())
    assert code not in (0, 125) and count == 19, (code, count)


def test_peak_memory(place):
    """The peak of memory is that of processes together, to a few MiB."""
    script = (f"python3 -c '{HOLD.format(mib=60)}' > one & python3 -c '{HOLD.format(mib=60)}' > two &"
              " until [ -s one ] && [ -s two ]; do sleep 0.05; done")
    code, record, err = place.run(["--memory", "300M"], ["sh", "-c", script])
    usage = record["usage"]
    if place.controllers:
        assert code == 0 and usage["peak_of_tree"], (code, usage, err)
        assert 120 * MIB <= usage["peak_memory"] <= 170 * MIB, usage
    else:
        assert not usage["peak_of_tree"], usage
        assert 60 * MIB <= usage["peak_memory"] <= 90 * MIB, usage


def test_memory(place):
    """A memory bomb is out of memory every time."""
    for _ in range(5):
        code, record, _ = place.run(["--memory", "64M"], BOMB)
        outcome = record["outcome"]
        assert (code, outcome["kind"]) == (137, "out_of_memory"), (code, outcome)
        assert outcome["limit"] == 64 * MIB and outcome["peak"] >= 60 * MIB, outcome


def test_forsaken(place):
    """Processor time counts also of processes that nobody waited for."""
    script = f"setsid sh -c '{SPIN}' & exec sleep 60"
    _, record, _ = place.run(["--timeout", "1", "--grace", "0"], ["sh", "-c", script])
    assert processor_time(record["usage"]) >= 0.1, record["usage"]


def test_side_by_side(place):
    """Of twenty at the same time those end that exceed their limit, and only those."""
    started = [place.start(["--memory", "48M"], BOMB if i % 4 == 0 else ["sleep", "1"])
               for i in range(20)]
    ended = [place.finish(*each) for each in started]
    kinds = [record["outcome"]["kind"] for _, record, _ in ended]
    assert kinds == ["out_of_memory" if i % 4 == 0 else "exited" for i in range(20)], kinds
    assert not cgroups_of(process.pid for process, _ in started)


def test_killed(place):
    """What musters leave that were killed at any moment is gone after the next start."""
    marks, pids = [], []
    for i in range(20):
        mark = str(100_000 + os.getpid() % 10_000 * 100 + i)
        process, _ = place.start(["-q", "--memory", "64M", "--cpu-time", "100"],
                                 ["sh", "-c", f"setsid sleep {mark} & exec sleep {mark}"])
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(random.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        marks.append(mark)
        pids.append(process.pid)
    wait_until(lambda: not any(subprocess.run(["pgrep", "-f", f"^sleep {mark}"], check=False,
                                              stdout=subprocess.DEVNULL).returncode == 0
                               for mark in marks), "nothing of the killed runs")
    code, _, err = place.run([], ["true"])
    assert code == 0 and not cgroups_of(pids), (code, err, cgroups_of(pids))


def attempt(test, place):
    sentence = inspect.getdoc(test)
    try:
        test(place)
    except AssertionError as error:
        print(f"FAILED  {sentence}\n{error}", flush=True)
        return False
    print(f"ok      {sentence}", flush=True)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--as", dest="mode", choices=modes.MODES, default="root")
    parser.add_argument("--muster", required=True, type=os.path.abspath, help="the binary")
    parser.add_argument("--only", default="", help="a part of the names of the tests to run")
    options = parser.parse_args()
    try:
        modes.enter(modes.MODES[options.mode])
        surroundings = modes.Surroundings(modes.MODES[options.mode], None)
    except modes.Unavailable as reason:
        if os.environ.get("MUSTER_TESTS_MUST_WORK") == "1":
            sys.exit(f"cannot run here: {reason}")
        print(f"skipped: {reason}")
        return SKIPPED
    place = Place(surroundings, options.muster)
    try:
        return 0 if all([attempt(test, place) for name, test in globals().items()
                         if name.startswith("test_") and options.only in name]) else 1
    finally:
        shutil.rmtree(place.folder)
        surroundings.remove()


if __name__ == "__main__":
    sys.exit(main())
