# SPDX-License-Identifier: Apache-2.0
"""What the lints know of the tree: which files there are, and C++ text without what misleads."""

import os
import re

# Trees that the lints must reject; they are no part of the project's own text.
FIXTURES = os.path.join("tests", "lint", "fixtures")


def files(root, folders, suffixes):
    """Paths relative to root of the files below the folders whose name ends in a suffix, sorted."""
    found = []
    for folder in folders:
        for here, names, leaves in os.walk(os.path.join(root, folder)):
            relative = os.path.relpath(here, root)
            names[:] = [n for n in names
                        if n != "__pycache__" and os.path.join(relative, n) != FIXTURES]
            found += [os.path.join(relative, leaf) for leaf in leaves if leaf.endswith(suffixes)]
    return sorted(found)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


# The order matters: a quote inside a comment opens no string, and a // inside a string no comment.
# A single quote right after a hexadecimal digit separates digits.
_TOKEN = re.compile(
    r'//[^\n]*(?:(?<=\\)\n[^\n]*)*'
    r'|/\*.*?\*/'
    r'|R"(?P<raw>[^()\\\s]{0,16})\(.*?\)(?P=raw)"'
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|(?<![0-9a-fA-F])'(?:[^'\\\n]|\\.)+'",
    re.DOTALL)


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    """The C++ text with comments blanked; lines and columns stay where they were."""
    return _TOKEN.sub(lambda m: _blank(m[0]) if m[0][0] == "/" else m[0], text)


def code_only(text):
    """The C++ text with comments, the insides of literals and preprocessor lines blanked."""
    def blank(match):
        token = match[0]
        if token[0] == "/":
            return _blank(token)
        start = token.index(token[-1])
        return _blank(token[:start]) + token[-1] + _blank(token[start + 1:-1]) + token[-1]
    text = _TOKEN.sub(blank, text)
    directive = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
    return directive.sub(lambda m: _blank(m[0]), text)


def includes(text):
    """(line, name, quoted) of every #include; quoted tells "name" from <name>."""
    pattern = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.MULTILINE)
    text = without_comments(text)
    return [(text.count("\n", 0, m.start(1 if m[1] else 2)) + 1, m[1] or m[2], bool(m[1]))
            for m in pattern.finditer(text)]


def resolve(root, path, name):
    """The file, relative to root, that #include "name" in the file at path means; None: no file.

    A header that CMake makes from NAME.in is found by that NAME.in.
    """
    folders = [os.path.dirname(path), "src"]
    if not path.startswith("src" + os.sep):
        folders += ["tests", "."]
    for folder in folders:
        found = os.path.normpath(os.path.join(folder, name))
        if os.path.isfile(os.path.join(root, found)):
            return found
        if os.path.isfile(os.path.join(root, found + ".in")):
            return found + ".in"
    return None
