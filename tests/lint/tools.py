# SPDX-License-Identifier: Apache-2.0
"""Running the programs that lints ask."""

import shutil
import subprocess


class Missing(Exception):
    """A program that is not installed; its text is the name."""


def run(*command, cwd=None, env=None):
    """(exit code, standard output and error as one text) of the command."""
    if not shutil.which(command[0]):
        raise Missing(command[0])
    done = subprocess.run(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def complaints(*command, cwd=None):
    """The lines a command that is silent when content prints; one line when it fails silently."""
    code, output = run(*command, cwd=cwd)
    if code == 0 and not output:
        return []
    return output.splitlines() or [f"{' '.join(command)} exited {code}"]
