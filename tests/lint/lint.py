#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs one lint over a tree: prints each problem as path:line: what, and exits 1 if there is one.

Exits 77 with the reason when a program it needs is missing, unless MUSTER_TESTS_MUST_WORK=1.
"""

import argparse
import importlib
import os
import sys

sys.dont_write_bytecode = True
import tools

LINTS = ("layers", "bars", "format", "shell", "generated", "man", "tidy")
SKIPPED = 77


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=LINTS)
    parser.add_argument("--root", default=os.path.join(os.path.dirname(__file__), "..", ".."),
                        help="the tree to read (default: this one)")
    parser.add_argument("--muster", help="generated: the built binary")
    parser.add_argument("--write", action="store_true",
                        help="generated: bring the committed files up to date instead")
    parser.add_argument("--build", help="tidy: the build tree with compile_commands.json")
    options = parser.parse_args(arguments)
    options.root = os.path.realpath(options.root)
    return options


def main():
    options = parse(sys.argv[1:])
    module = importlib.import_module(f"lint_{options.name}")
    try:
        problems = module.check(options)
    except tools.Missing as missing:
        reason = f"{missing} is not installed"
        if os.environ.get("MUSTER_TESTS_MUST_WORK") == "1":
            sys.exit(f"{reason}, and MUSTER_TESTS_MUST_WORK=1 allows no skip")
        print(f"skipped: {reason}")
        sys.exit(SKIPPED)
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
