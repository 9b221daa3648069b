# SPDX-License-Identifier: Apache-2.0
"""shellcheck is content with every script, and each shell can read its completions."""

import os

import source
import tools

COMPLETIONS = {"bash": "completions/muster.bash", "zsh": "completions/_muster",
               "fish": "completions/muster.fish"}


def is_script(root, path):
    """Told by its first line, as the kernel does."""
    with open(os.path.join(root, path), "rb") as file:
        first = file.readline(80)
    return first.startswith(b"#!") and first.split()[-1].split(b"/")[-1] in (b"sh", b"bash")


def check(options):
    root = options.root
    paths = source.files(root, [".ci", "packaging", "src", "tests"], "")
    scripts = [p for p in paths if p.endswith(".sh") or is_script(root, p)]
    if os.path.isfile(os.path.join(root, COMPLETIONS["bash"])):
        scripts.append(COMPLETIONS["bash"])
    problems = []
    if scripts:
        problems += tools.complaints("shellcheck", "--external-sources", "--source-path=SCRIPTDIR",
                                     "--format=gcc", *scripts, cwd=root)
    for shell, path in COMPLETIONS.items():
        if os.path.isfile(os.path.join(root, path)):
            problems += tools.complaints(shell, "-n", path, cwd=root)
    return problems
