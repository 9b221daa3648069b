#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a lint on fixtures/LINT/CASE and demands what the file `expect` there says.

Each line of `expect` must be in the output of a lint that fails; when it has none, the lint must
pass in silence. A case with a program `muster` lends it to the lint.
"""

import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def write_compile_commands(build, root):
    """Says how to compile each .cc of the tree: what the tidy lint reads."""
    paths = [os.path.join(folder, leaf) for folder, _, leaves in os.walk(os.path.join(root, "src"))
             for leaf in leaves if leaf.endswith(".cc")]
    entries = [{"directory": root, "file": path,
                "command": f"clang++-19 -std=c++20 -Isrc -c {path}"} for path in paths]
    with open(os.path.join(build, "compile_commands.json"), "w", encoding="utf-8") as file:
        json.dump(entries, file)


def run_lint(case):
    """(exit code, output) of the lint on the case."""
    root = os.path.join(HERE, "fixtures", case)
    with tempfile.TemporaryDirectory() as build:
        write_compile_commands(build, root)
        done = subprocess.run(
            [sys.executable, os.path.join(HERE, "lint.py"), case.split("/")[0], "--root", root,
             "--muster", os.path.join(root, "muster"), "--build", build],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        return done.returncode, done.stdout


def main():
    case = sys.argv[1]
    with open(os.path.join(HERE, "fixtures", case, "expect"), encoding="utf-8") as file:
        expected = file.read().splitlines()
    code, output = run_lint(case)
    if code == 77:
        print(output, end="")
        sys.exit(code)
    absent = [line for line in expected if line not in output]
    if code != (1 if expected else 0) or absent or (output and not expected):
        print(f"{case}: the lint exited {code} and printed:\n{output}")
        sys.exit("\n".join(["expected:"] + (expected or ["silence"])))


if __name__ == "__main__":
    main()
