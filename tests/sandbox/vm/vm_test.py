#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Boots a virtual machine with cgroup v2 and tries muster in it: vm_test.py GROUP --muster FILE

A group is a module of `groups`; each of its functions whose name starts with `test_` is one test,
described by its first line."""

import argparse
import importlib
import inspect
import os
import shutil
import subprocess
import sys
import traceback

import vm

SKIPPED = 77
SYSTEMD = "/usr/lib/systemd/systemd"
SYSTEMD_UNITS = "/usr/lib/systemd/user"
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))


def skip(reason):
    if os.environ.get("MUSTER_TESTS_MUST_WORK") == "1":
        sys.exit(f"cannot run here: {reason}")
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def tests_of(group):
    module = importlib.import_module(f"groups.{group}")
    return [value for name, value in vars(module).items() if name.startswith("test_")]


def service_manager():
    """systemd and the units that a manager of a user's begins with, by their paths inside."""
    if not os.path.exists(SYSTEMD):
        skip("systemd is not installed")
    units = [os.path.join(SYSTEMD_UNITS, name) for name in ("basic.target", "default.target",
             "shutdown.target", "exit.target", "sockets.target", "timers.target", "paths.target",
             "app.slice", "session.slice", "background.slice", "systemd-exit.service")]
    return vm.with_libraries(SYSTEMD) | {unit: unit for unit in units if os.path.exists(unit)}


def attempt(test, muster):
    """Whether `test` passes; says so. A machine that broke ends them all."""
    sentence = inspect.getdoc(test).splitlines()[0]
    try:
        test(muster)
    except vm.Broken:
        raise
    except AssertionError as error:
        print(f"FAILED  {sentence}\n{error or traceback.format_exc()}", flush=True)
        return False
    except Exception:  # pylint: disable=broad-except
        print(f"FAILED  {sentence}\n{traceback.format_exc()}", flush=True)
        return False
    print(f"ok      {sentence}", flush=True)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("group", help="a module of groups")
    parser.add_argument("--muster", default=os.path.join(ROOT, "build/release/muster"),
                        help="a static binary")
    parser.add_argument("--attempts", help="the static program of the abuse suite")
    parser.add_argument("--plan", help="the script that prints their plan with --print-plan")
    parser.add_argument("--part", default="1/1", help="K/N: the K-th of N parts of the plan")
    parser.add_argument("--kernel", default=os.path.join(ROOT, "build/vm"),
                        help="the folder of the kernel")
    parser.add_argument("--only", default="", help="a part of the names of the tests to run")
    options = parser.parse_args()
    if not os.path.exists(options.muster):
        skip(f"no binary {options.muster}")
    # As /usr/bin/unshare: the shell of busybox prefers its own, which has no cgroup namespaces.
    unshare = shutil.which("unshare") or skip("unshare is not installed")
    programs = {"/usr/bin/muster": options.muster, **vm.with_libraries(unshare)}
    if options.attempts:
        if not os.path.exists(options.attempts):
            skip(f"no program {options.attempts}")
        programs["/usr/bin/attempts"] = options.attempts
    if options.group == "scope":
        programs.update(service_manager())
    plan = []
    if options.plan:
        plan = subprocess.run([sys.executable, options.plan, "--print-plan", "--attempts",
                               options.attempts], check=True,
                              stdout=subprocess.PIPE, text=True).stdout.splitlines()
        part, parts = map(int, options.part.split("/"))
        plan = plan[part - 1::parts]
    tests = [test for test in tests_of(options.group) if options.only in test.__name__]
    if not tests:
        sys.exit(f"vm_test: no test of {options.group} has '{options.only}' in its name")
    try:
        with vm.Machine(options.kernel, programs) as machine:
            print(f"booted in {machine.boot_seconds:.1f} s", flush=True)
            muster = vm.Muster(machine, plan)
            passed = [attempt(test, muster) for test in tests]
    except vm.Missing as missing:
        skip(missing)
    except vm.Broken as broken:
        sys.exit(f"FAILED: {broken}")
    sys.exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main()
