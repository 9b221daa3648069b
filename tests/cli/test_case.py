# SPDX-License-Identifier: Apache-2.0
"""Reads and writes .test files; FORMAT.md describes them."""

import os
import re

# The sections there are, and what may stand behind their names.
HEADERS = {
    "file": r"\S+( 0[0-7]+)?", "env": r"[A-Za-z_][A-Za-z_0-9]*=.*", "stdin": "",
    "tty": r"(\d+x\d+)?", "keys": "", "run": "", "stdout": "(any)?", "stderr": "(any)?",
    "screen": "(any)?", "exit": r"\d+", "file-after": r"\S+", "needs": r".+", "slow": "",
    "sandbox": r"only|no, because \S.*",
}
REPEATED = {"file", "env", "file-after", "needs"}
NO_NEWLINE = "[no newline]"


class FormatError(Exception):
    """The .test file itself is wrong."""


class Section:
    def __init__(self, name, argument, lines, line):
        self.name, self.argument, self.lines, self.line = name, argument, lines, line

    @property
    def any(self):
        return self.argument == "any"

    @property
    def text(self):
        """The content, whose last line ends with a newline unless it says otherwise."""
        text = "".join(line + "\n" for line in self.lines)
        return text[:-len(NO_NEWLINE) - 1] if text.endswith(NO_NEWLINE + "\n") else text

    def set_text(self, text):
        if text and not text.endswith("\n"):
            text += NO_NEWLINE + "\n"
        self.lines = text.split("\n")[:-1]


class TestCase:
    def __init__(self, path, text):
        self.path = path
        lines = text.split("\n")
        if not re.match(r"# \S", lines[0]):
            raise FormatError(f"{path}:1: the first line is `# sentence`")
        self.sentence = lines[0][2:]
        self.sections = []
        for number, line in enumerate(lines[1:], 2):
            self._take(number, line)
        for section in self.sections:
            while section.lines and not section.lines[-1]:
                section.lines.pop()
        if not self.one("run"):
            raise FormatError(f"{path}: there is no section `== run`")
        if self.one("keys") and not self.one("tty"):
            raise FormatError(f"{path}: keys need a terminal: `== tty`")

    def _take(self, number, line):
        if line.startswith("== "):
            name, _, argument = line[3:].partition(" ")
            if name not in HEADERS or not re.fullmatch(HEADERS[name], argument):
                raise FormatError(f"{self.path}:{number}: there is no section {line!r}")
            if name not in REPEATED and self.one(name):
                raise FormatError(f"{self.path}:{number}: a second section {name!r}")
            self.sections.append(Section(name, argument, [], number))
        elif self.sections:
            self.sections[-1].lines.append(line[1:] if line.startswith("\\== ") else line)
        elif line:
            raise FormatError(f"{self.path}:{number}: this line stands before the first section")

    @property
    def only_sandboxed(self):
        section = self.one("sandbox")
        return section is not None and section.argument == "only"

    @property
    def never_sandboxed(self):
        """Why it is not run in a sandbox; None when it may be."""
        section = self.one("sandbox")
        if section is None or self.only_sandboxed:
            return None
        return section.argument.partition(", ")[2]

    @property
    def about_commands(self):
        """Whether it is about a command that runs, so that isolation makes a difference to it."""
        return os.path.basename(self.path).startswith(("run-", "tty-"))

    def all(self, name):
        return [section for section in self.sections if section.name == name]

    def one(self, name):
        return next(iter(self.all(name)), None)

    def set(self, name, argument, text):
        """Puts what was seen into the expected section; an empty one goes away."""
        section = self.one(name)
        if section is None:
            section = Section(name, argument, [], 0)
            self.sections.append(section)
        section.argument = argument
        section.set_text(text)
        if not argument and not section.lines:
            self.sections.remove(section)

    def write(self):
        out = [f"# {self.sentence}"]
        for section in self.sections:
            out.append(f"== {section.name} {section.argument}".rstrip())
            out += ["\\" + line if line.startswith("== ") else line for line in section.lines]
        with open(self.path, "w", encoding="utf-8") as file:
            file.write("\n".join(out) + "\n")


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return TestCase(path, file.read())
