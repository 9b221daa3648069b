# SPDX-License-Identifier: Apache-2.0
"""mandoc finds nothing to warn of in the manual pages."""

import os

import source
import tools


def check(options):
    pages = source.files(options.root, ["man"], tuple(f".{section}" for section in range(1, 9)))
    if not pages:
        return [f"{os.path.join(options.root, 'man')}: no pages"]
    return tools.complaints("mandoc", "-T", "lint", "-W", "warning", *pages, cwd=options.root)
