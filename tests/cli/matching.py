# SPDX-License-Identifier: Apache-2.0
"""How output is made readable, and how it is compared with what a .test file expects."""

import difflib
import re

TOKENS = {
    "[..]": r"[^\n]*",
    "[TIME]": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z",
    "[DURATION]": r"(?:\d+(?:\.\d+)?(?:ms|us|ns|d|h|m|s))+",
    "[NUMBER]": r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?",
    "[PID]": r"\d+",
}
TIME = re.compile(TOKENS["[TIME]"])


def readable(data, terminal=False):
    """Bytes as text: `^[` for control characters, `\\xff` for what is not UTF-8."""
    text = data.decode("utf-8", "backslashreplace")
    if terminal:
        text = text.replace("\r\n", "\n")
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", lambda c: "^" + chr(ord(c[0]) ^ 64), text)


def line_pattern(line, folders):
    for token, folder in folders.items():
        line = line.replace(token, folder)
    parts = re.split("(" + "|".join(map(re.escape, TOKENS)) + ")", line)
    return "".join(TOKENS.get(part) or re.escape(part) for part in parts)


def matches(expected, actual, folders):
    pattern = ""
    for line in expected.splitlines(keepends=True):
        if line.rstrip("\n") == "...":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += line_pattern(line, folders)
    return re.fullmatch(pattern, actual) is not None


def diff(name, expected, actual, folders):
    """A unified diff in which lines that match a pattern do not differ from it."""
    wanted = expected.splitlines()
    patterns = [(line, re.compile(line_pattern(line, folders))) for line in wanted]
    seen = []
    for line in actual.splitlines():
        seen.append(next((text for text, pattern in patterns if pattern.fullmatch(line)), line))
    if actual and not actual.endswith("\n"):
        seen.append("[no newline]")
    if expected and not expected.endswith("\n"):
        wanted.append("[no newline]")
    lines = difflib.unified_diff(wanted, seen, f"{name} as expected", f"{name} as it is",
                                 lineterm="")
    return "\n".join(lines)


def masked(text, folders):
    """What --update writes: times and folders as tokens."""
    for token, folder in folders.items():
        text = text.replace(folder, token)
    return TIME.sub("[TIME]", text)
