# SPDX-License-Identifier: Apache-2.0
"""The bars of size and form that every file, function and folder of src and tests keeps."""

import ast
import os
import re
import statistics

import cpp
import source

FILE_LINES = 500
MEDIAN_LINES = 150
FUNCTION_LINES = 60
COROUTINE_LINES = 40
PARAMETERS = 5
README_LINES = 25
DOCUMENTED = 0.9

EXEMPT = "tests/lint/exempt.txt"
CODE = (".h", ".cc", ".py", ".sh", ".cmake", "CMakeLists.txt")
# Split, so that this file does not hold the words it looks for.
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK")) + r")\b")
FORBIDDEN = re.compile(
    r"\bnew\b|(?<!=)(?<!= )\bdelete\b|\bdetached\b|\bfriend\b|\busing\s+namespace\b")


def check(options):
    root = options.root
    paths = source.files(root, ["src", "tests", "packaging"], CODE)
    texts = {path: source.read(root, path) for path in paths}
    exempt = read_exempt(root)
    used, problems, types = set(), [], []
    for path, text in texts.items():
        problems += form_problems(path, text)
        if text.count("\n") > FILE_LINES:
            if path in exempt:
                used.add(path)
            else:
                problems.append(f"{path}:1: {text.count(chr(10))} lines, more than {FILE_LINES}")
        if path.endswith(".py"):
            problems += python_problems(path, text)
        if path.endswith((".h", ".cc")):
            problems += cpp_problems(path, text, types)
    problems += [f"{EXEMPT}: {path} needs no exemption" for path in sorted(exempt - used)]
    return (problems + median_problems(texts) + documentation_problems(types)
            + readme_problems(root, paths))


def read_exempt(root):
    """The files that may be long; each line of the list is a path and the reason."""
    if not os.path.isfile(os.path.join(root, EXEMPT)):
        return set()
    lines = [line.split(maxsplit=1) for line in source.read(root, EXEMPT).splitlines()
             if not line.startswith("#")]
    return {path for path, _reason in lines}


def form_problems(path, text):
    lines = text.splitlines()
    found = [f"{path}:{i}: unfinished: {UNFINISHED.search(line)[0]}"
             for i, line in enumerate(lines, 1) if UNFINISHED.search(line)]
    head = lines[:2] if text.startswith("#!") else lines[:1]
    if not any("SPDX-License-Identifier: Apache-2.0" in line for line in head):
        found.append(f"{path}:1: no SPDX line first")
    if path.endswith(".h"):
        if "#pragma once" not in lines:
            found.append(f"{path}:1: no #pragma once")
        if not opens_with_words(lines):
            found.append(f"{path}:1: neither an opening paragraph nor words on its first type")
    return found


def opens_with_words(lines):
    """Whether a comment is the first thing of a header besides directives and outer scopes."""
    skipped = re.compile(
        r"\s*$|\s*#|// SPDX|namespace\b|extern \"C\" \{|(class|struct|enum)\b[^{]*;$")
    first = next((line for line in lines if not skipped.match(line)), "")
    return first.lstrip().startswith("//")


def python_problems(path, text):
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = node.end_lineno - node.lineno + 1
            count = len(node.args.posonlyargs + node.args.args + node.args.kwonlyargs)
            if node.args.args[:1] and node.args.args[0].arg in ("self", "cls"):
                count -= 1
            found += function_problems(path, cpp.Function(node.name, node.lineno, lines, count, ""))
    return found


def cpp_problems(path, text, types):
    """The problems of one file; adds (documented, place) of its public types to types."""
    code = source.code_only(text)
    try:
        functions, file_types = cpp.scan(code)
    except cpp.Unbalanced as error:
        return [f"{path}:{error}: a bracket without its partner"]
    found = [problem for function in functions for problem in function_problems(path, function)]
    if path.startswith("src"):
        found += [f"{path}:{i}: forbidden in src: {match[0]}"
                  for i, line in enumerate(code.splitlines(), 1)
                  for match in FORBIDDEN.finditer(line)]
    if path.startswith("src") and path.endswith(".h"):
        types += [(is_documented(path, text, t), f"{path}:{t.line}: {t.name}")
                  for t in file_types if t.public]
    return found


def is_documented(path, text, type_):
    """A comment stands above it, or it is the type the header opens by explaining: its namesake."""
    lines = [""] + text.splitlines()
    stem = os.path.basename(path).removesuffix(".h").replace("_", "")
    return (lines[type_.line - 1].lstrip().startswith("//")
            or stem == type_.name.lower() and any(re.match("// (?!SPDX)", l) for l in lines[:5]))


def function_problems(path, function):
    found = []
    place = f"{path}:{function.line}: {function.name}"
    coroutine = re.search(r"\bco_(await|return|yield)\b", function.body)
    if function.lines > FUNCTION_LINES:
        found.append(f"{place} has {function.lines} lines, more than {FUNCTION_LINES}")
    elif coroutine and function.lines > COROUTINE_LINES:
        found.append(f"{place} is a coroutine of {function.lines} lines, more than "
                     f"{COROUTINE_LINES}")
    if function.parameters > PARAMETERS:
        found.append(f"{place} takes {function.parameters} parameters, more than {PARAMETERS}")
    return found


def median_problems(texts):
    found = []
    for folder in ("src", "tests"):
        sizes = [text.count("\n") for path, text in texts.items()
                 if path.startswith(folder + os.sep) and path.endswith((".h", ".cc"))]
        if sizes and statistics.median(sizes) > MEDIAN_LINES:
            found.append(f"{folder}: the median file has {statistics.median(sizes):g} lines, "
                         f"more than {MEDIAN_LINES}")
    return found


def documentation_problems(types):
    bare = [place for documented, place in types if not documented]
    if len(bare) <= (1 - DOCUMENTED) * len(types):
        return []
    return [f"{len(bare)} of {len(types)} public types have no comment above them, "
            f"more than {1 - DOCUMENTED:.0%}"] + [f"{place} has none" for place in bare]


def readme_problems(root, paths):
    """Each folder of src, and of tests when it holds code, says in a README what it is for."""
    folders = set()
    for path in paths + source.files(root, ["src"], ""):
        while (path := os.path.dirname(path)).startswith(("src", "tests")):
            folders.add(path)
    found = []
    for folder in sorted(folders):
        readme = os.path.join(folder, "README.md")
        if not os.path.isfile(os.path.join(root, readme)):
            found.append(f"{folder}: no README.md")
        elif (lines := source.read(root, readme).count("\n")) > README_LINES:
            found.append(f"{readme}:1: {lines} lines, more than {README_LINES}")
    return found
