# SPDX-License-Identifier: Apache-2.0
"""clang-format would change no C++ file."""

import os

import source
import tools


def check(options):
    paths = source.files(options.root, ["src", "tests"], (".h", ".cc"))
    return tools.complaints("clang-format-19", "--dry-run", "-Werror", "--style=file",
                            *[os.path.join(options.root, path) for path in paths])
