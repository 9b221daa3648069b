#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the attempts of one mode and tells which were held.

Exits 0 when all were, 1 when one leaked, 77 when the mode cannot be had here.
"""

import argparse
import concurrent.futures
import contextlib
import os
import shlex
import sys
import threading

sys.dont_write_bytecode = True
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs"))
import cases
import modes
import programs
import proof
import scenarios
import stage as stages

SKIPPED = 77
MUST_WORK = os.environ.get("MUSTER_TESTS_MUST_WORK") == "1"


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--as", dest="mode", choices=modes.MODES, default="root")
    parser.add_argument("--muster", help="the binary")
    parser.add_argument("--attempts", required=True, help="the program that tries")
    parser.add_argument("--without-userns", help="the launcher of root-without-userns")
    parser.add_argument("--group", action="append",
                        help="only this group, 'scenarios' and 'programs' included")
    parser.add_argument("--only", action="append", help="only this attempt")
    parser.add_argument("--print-plan", action="store_true",
                        help="print NAME, exit codes and flags, for a machine with a shell alone")
    parser.add_argument("--no-controllers", action="store_true",
                        help="with --print-plan: nothing there counts a whole tree")
    parser.add_argument("--prove", action="store_true",
                        help="run without a sandbox what must leak there")
    parser.add_argument("-v", "--verbose", action="store_true", help="tell of what held too")
    options = parser.parse_args()
    for name in ("muster", "attempts", "without_userns"):
        path = getattr(options, name)
        setattr(options, name, path and os.path.abspath(path))
    return options


def print_plan(options):
    mode = modes.Mode("plan", not options.no_controllers)
    for case in cases.cases_for(mode, options.attempts):
        if case.staged or case.skip or case.streams:
            continue
        print(case.name, ",".join(map(str, case.codes)), shlex.join(case.all_flags()), sep="\t")


class Tally:
    """What came of all attempts; `wrong` is printed at once."""

    def __init__(self, verbose):
        self.verbose = verbose
        self.held = self.skipped = self.wrong = 0
        self.lock = threading.Lock()

    def say(self, line):
        with self.lock:
            print(line, flush=True)

    def hold(self, name):
        self.held += 1
        if self.verbose:
            self.say(f"held {name}")

    def skip(self, name, reason):
        self.skipped += 1
        if MUST_WORK and not reason.startswith(modes.ACCEPTED_SKIPS):
            self.fail(name, f"skipped, and MUSTER_TESTS_MUST_WORK=1 allows it not: {reason}")
        else:
            self.say(f"skipped {name}: {reason}")

    def fail(self, name, why):
        self.wrong += 1
        self.say(f"FAILED {name}: {why}")


def words_of(run):
    return " | ".join(part for part in (
        run.out[-300:].decode(errors="replace").strip(),
        run.err[-300:].decode(errors="replace").strip()) if part)


def problem_of(stage, case, run):
    """What is wrong with how an attempt ended, or None."""
    if run.code not in case.codes:
        return f"exit code {run.code}, not {' or '.join(map(str, case.codes))}: {words_of(run)}"
    if run.kind() not in case.kinds:
        return f"the record says {run.kind()}, not {' or '.join(case.kinds)}: {words_of(run)}"
    if run.seconds > case.patience:
        return f"it took {run.seconds:.1f} s"
    return case.check(stage, run) if case.check else None


def flags_of(stage, case):
    shared = stage.make_folder("shared")
    flags = ["--bind", f"ro:{stage.attempts}:{cases.INSIDE}", *case.all_flags()]
    return [flag.replace("{bound}", stage.bound).replace("{shared}", shared) for flag in flags]


def try_case(stage, case, tally):
    if case.skip:
        tally.skip(case.name, case.skip)
        return
    arguments = case.arguments(stage) if case.arguments else []
    streams = case.streams(stage) if case.streams else {}
    run = stage.run(case.name, flags_of(stage, case), [cases.INSIDE, case.name, *arguments],
                    case.patience + 10, **streams)
    left = stage.left_after_all(case.name)
    if run.code == SKIPPED and run.out.startswith(b"cannot be tried: "):
        tally.skip(case.name, run.out.decode().removeprefix("cannot be tried: ").strip())
    elif left:
        tally.fail(case.name, f"{len(left)} processes were left behind")
    elif wrong := problem_of(stage, case, run):
        tally.fail(case.name, f"{wrong} (row {case.row}: {case.expects})")
    else:
        tally.hold(case.name)


def play(stage, scenario, tally):
    name = scenario.__name__.replace("_", "-")
    try:
        wrong = scenario(stage)
    except programs.Skip as reason:
        tally.skip(name, str(reason))
        return
    except scenarios.Skip as reason:
        # A scenario of another mode is no gap of this one.
        tally.skipped += 1
        tally.say(f"skipped {name}: {reason}")
        return
    if wrong:
        tally.fail(name, wrong)
    else:
        tally.hold(name)


def chosen(options, name, group):
    return ((not options.only or name in options.only)
            and (not options.group or group in options.group))


def try_all(options, stage, tally):
    mode = stage.surroundings.mode
    todo = [case for case in cases.cases_for(mode, options.attempts)
            if chosen(options, case.name, case.group)
            and (not mode.groups or case.group in mode.groups)]
    visits = [case for case in todo if case.group == "neighbours"]
    others = [case for case in todo if case.group != "neighbours"]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda case: try_case(stage, case, tally), others))
    if visits:
        wrong = scenarios.neighbours(stage, lambda: [try_case(stage, c, tally) for c in visits])
        if wrong:
            tally.fail("neighbour", wrong)
    for group, module in (("scenarios", scenarios), ("programs", programs)):
        for story in module.COUNTED if mode.groups else module.ALL:
            if chosen(options, story.__name__.replace("_", "-"), group):
                play(stage, story, tally)
    for change in stage.changes():
        tally.fail("host", change)


def run_mode(options):
    mode = modes.MODES[options.mode]
    modes.enter(mode)
    tally = Tally(options.verbose)
    with contextlib.ExitStack() as stack:
        surroundings = modes.Surroundings(mode, options.without_userns)
        stack.callback(surroundings.remove)
        stage = stages.Stage(surroundings, options.muster, options.attempts)
        stack.callback(stage.remove)
        try_all(options, stage, tally)
    print(f"{mode.name}: {tally.held} held, {tally.skipped} skipped, {tally.wrong} failed")
    if tally.held + tally.wrong == 0:
        return SKIPPED
    return 1 if tally.wrong else 0


def main():
    options = parse()
    if options.print_plan:
        print_plan(options)
        return 0
    if options.prove:
        held = proof.prove(options.attempts)
        for line in held:
            print(f"FAILED to fail: {line}")
        return 1 if held else 0
    try:
        return run_mode(options)
    except modes.Unavailable as reason:
        print(f"skipped: {reason}")
        return 1 if MUST_WORK else SKIPPED


if __name__ == "__main__":
    sys.exit(main())
