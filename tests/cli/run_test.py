#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs .test files: run_test.py --muster PATH [--sandboxed] [--as-nobody] [--update] FILE..."""

import argparse
import os
import shutil
import sys

import matching
import stage as stages
import test_case

EXIT_SKIPPED = 77
LIMIT, SLOW_LIMIT = 20, 50


def missing(case, options):
    """What the test needs and this machine lacks; None when there is nothing."""
    if options.as_nobody and os.geteuid() != 0:
        return "only root can run it as nobody"
    as_root = os.geteuid() == 0 and not options.as_nobody
    for section in case.all("needs"):
        need, _, argument = section.argument.partition(" ")
        if need == "root" and not as_root:
            return "it needs root"
        if need == "user" and as_root:
            return "it needs a user who is not root"
        if need == "program" and not shutil.which(argument):
            return f"it needs {argument}"
        if need == "shell" and os.system(f"( {argument} ) >/dev/null 2>&1") != 0:
            return f"`{argument}` fails here"
    return None


class Play:
    """One performance of a test and what came of it."""

    def __init__(self, case, options):
        self.case, self.faults, self.seen = case, [], {}
        stage = stages.Stage(options.muster, options.sandboxed, options.as_nobody)
        self.folders = stage.folders
        try:
            stage.fill(case)
            self._play(stage)
        finally:
            stages.end_everything()
            stage.remove()

    def _play(self, stage):
        limit = SLOW_LIMIT if self.case.one("slow") else LIMIT
        if self.case.one("tty"):
            self.code, screen = stages.play_terminal(stage, self.case, limit)
            self.seen["screen"] = matching.readable(screen, terminal=True)
        else:
            self.code, out, err = stages.play_streams(stage, self.case, limit)
            self.seen["stdout"] = matching.readable(out)
            self.seen["stderr"] = matching.readable(err)
        left = stages.end_everything()
        if isinstance(self.code, str):
            self.faults.append(self.code)
        if left:
            self.faults.append("it left processes behind:\n  " + "\n  ".join(left))
        self.files = {}
        for section in self.case.all("file-after"):
            try:
                with open(stage.path(section.argument), "rb") as file:
                    self.files[section] = matching.readable(file.read())
            except OSError as error:
                self.faults.append(f"file {section.argument}: {error.strerror}")

    def wanted_code(self):
        section = self.case.one("exit")
        return int(section.argument) if section else 0

    def compare(self):
        faults = list(self.faults)
        if not isinstance(self.code, str) and self.code != self.wanted_code():
            faults.append(f"exit code {self.code} instead of {self.wanted_code()}")
        texts = [(name, self.case.one(name), seen) for name, seen in self.seen.items()]
        texts += [(f"file {section.argument}", section, seen)
                  for section, seen in self.files.items()]
        for name, section, seen in texts:
            expected = section.text if section else ""
            if section and section.any or matching.matches(expected, seen, self.folders):
                continue
            faults.append(matching.diff(name, expected, seen, self.folders))
        return faults

    def update(self):
        """Writes what was seen into the file wherever it does not match what is expected."""
        for name, seen in self.seen.items():
            section = self.case.one(name)
            expected = section.text if section else ""
            if section and section.any or matching.matches(expected, seen, self.folders):
                continue
            self.case.set(name, "", matching.masked(seen, self.folders))
        for section, seen in self.files.items():
            if not matching.matches(section.text, seen, self.folders):
                section.set_text(matching.masked(seen, self.folders))
        if self.code != self.wanted_code():
            self.case.set("exit", str(self.code), "")
        self.case.write()


def run(path, options):
    """Runs one file; returns "ok", "skipped" or "failed"."""
    case = test_case.read(path)
    if options.sandboxed and case.never_sandboxed:
        print(f"skipped {path}: not in a sandbox, {case.never_sandboxed}")
        return "skipped"
    if options.as_nobody and any(section.argument == "root" for section in case.all("needs")):
        print(f"skipped {path}: not as nobody, it needs root")
        return "skipped"
    lack = missing(case, options)
    if lack:
        must_work = bool(os.environ.get("MUSTER_TESTS_MUST_WORK"))
        print(f"{'FAILED' if must_work else 'skipped'} {path}: {lack}")
        return "failed" if must_work else "skipped"
    play = Play(case, options)
    if options.update and not play.faults:
        play.update()
        play = Play(test_case.read(path), options)
    faults = play.compare()
    if not faults:
        return "ok"
    print(f"FAILED {path}: {case.sentence}")
    print("\n".join(faults))
    return "failed"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--muster", required=True, help="the binary under test")
    parser.add_argument("--sandboxed", action="store_true",
                        help="run the commands of run-* and tty-* in the sandbox")
    parser.add_argument("--as-nobody", action="store_true",
                        help="as root: run the scripts as the user nobody")
    parser.add_argument("--update", action="store_true", help="rewrite what is expected")
    parser.add_argument("files", nargs="+", metavar="FILE")
    options = parser.parse_args()
    stages.adopt_orphans()
    results = []
    for path in options.files:
        try:
            results.append(run(path, options))
        except test_case.FormatError as error:
            print(f"FAILED {error}")
            results.append("failed")
    if len(results) > 1:
        print(", ".join(f"{results.count(word)} {word}" for word in ("ok", "skipped", "failed")))
    if "failed" in results:
        return 1
    return EXIT_SKIPPED if set(results) == {"skipped"} else 0


if __name__ == "__main__":
    sys.exit(main())
