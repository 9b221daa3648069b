# SPDX-License-Identifier: Apache-2.0
"""clang-tidy, with the checks of .clang-tidy, is content with every .cc of src.

A file that passed is not looked at again until it, a header of ours that it reaches, its command,
.clang-tidy or clang-tidy itself changes: one empty file in BUILD/tidy-cache stands for each pass.
"""

import concurrent.futures
import hashlib
import json
import os
import re

import source
import tools

JOBS = 2


def commands(options):
    """{path from the root: compile command} of every .cc of src that the build compiles."""
    with open(os.path.join(options.build, "compile_commands.json"), encoding="utf-8") as file:
        entries = json.load(file)
    found = {}
    for entry in entries:
        path = os.path.relpath(os.path.realpath(os.path.join(entry["directory"], entry["file"])),
                               options.root)
        if path.startswith("src" + os.sep):
            found[path] = entry["command"]
    return found


def reached(root, path, seen):
    """Adds path and every file of ours that it includes, however indirectly, to seen."""
    if path not in seen:
        seen.add(path)
        for _line, name, quoted in source.includes(source.read(root, path)):
            target = source.resolve(root, path, name) if quoted else None
            if target:
                reached(root, target, seen)
    return seen


def fingerprint(root, path, context):
    """The name of the pass of this file in this state."""
    digest = hashlib.sha256(context.encode())
    for other in sorted(reached(root, path, set())):
        digest.update(f"\0{other}\0{source.read(root, other)}".encode())
    return digest.hexdigest()


def tidy(options, path):
    """The complaints about one file and the headers it includes, each with its source lines."""
    code, output = tools.run("clang-tidy-19", "--quiet", "-p", options.build,
                             os.path.join(options.root, path))
    complaints = re.split(r"\n(?=\S[^\n]*: (?:error|warning): )", "\n" + output)[1:]
    return [] if code == 0 else [text.rstrip() for text in complaints] or [output]


def check(options):
    root = options.root
    compiled = commands(options)
    problems = [f"{path}:1: is not compiled, so nothing checks it"
                for path in source.files(root, ["src"], ".cc") if path not in compiled]
    _code, version = tools.run("clang-tidy-19", "--version")
    _code, config = tools.run("clang-tidy-19", "--dump-config", os.path.join(root, "src", "a.cc"),
                              "--")
    cache = os.path.join(options.build, "tidy-cache")
    os.makedirs(cache, exist_ok=True)
    marks = {path: os.path.join(cache, fingerprint(root, path, version + config + command))
             for path, command in compiled.items()}
    for name in os.listdir(cache):
        if os.path.join(cache, name) not in marks.values():
            os.remove(os.path.join(cache, name))
    stale = [path for path in sorted(marks) if not os.path.exists(marks[path])]
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for path, found in zip(stale, pool.map(lambda path: tidy(options, path), stale)):
            if not found:
                open(marks[path], "w", encoding="utf-8").close()
            problems += found
    return list(dict.fromkeys(problems))  # a header is complained of wherever it is included
