# SPDX-License-Identifier: Apache-2.0
"""The committed completions and manual pages are those that the binary prints."""

import os

import tools


def ask(muster, *arguments):
    """What the binary prints, untouched by the configuration of whoever runs this."""
    env = {name: value for name, value in os.environ.items()
           if not name.startswith(("MUSTER_", "XDG_"))}
    code, output = tools.run(muster, *arguments, env={**env, "HOME": "/nonexistent"})
    if code != 0:
        raise SystemExit(f"{muster} {' '.join(arguments)} exited {code}: {output}")
    return output


def wanted(muster):
    """{path: text} of every generated file."""
    texts = {"completions/muster.bash": ask(muster, "completions", "bash"),
             "completions/_muster": ask(muster, "completions", "zsh"),
             "completions/muster.fish": ask(muster, "completions", "fish")}
    for page in ask(muster, "man", "--list").split():
        texts[f"man/{page}"] = ask(muster, "man", page)
    return texts


def present(root):
    """Paths of the files that stand where generated ones belong."""
    return {f"{folder}/{name}" for folder in ("completions", "man")
            if os.path.isdir(os.path.join(root, folder))
            for name in os.listdir(os.path.join(root, folder)) if name != "README.md"}


def compare(root, path, text):
    if not os.path.isfile(os.path.join(root, path)):
        return [f"{path}: missing"]
    with open(os.path.join(root, path), encoding="utf-8") as file:
        old, new = file.read().splitlines(keepends=True), text.splitlines(keepends=True)
    for line, (a, b) in enumerate(zip(old + [""], new + [""]), 1):
        if a != b:
            return [f"{path}:{line}: committed {a!r}, the binary prints {b!r}"]
    return []


def write(root, texts):
    for path in present(root) - set(texts):
        os.remove(os.path.join(root, path))
    for path, text in texts.items():
        os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
        with open(os.path.join(root, path), "w", encoding="utf-8") as file:
            file.write(text)


def check(options):
    texts = wanted(os.path.abspath(options.muster))
    if options.write:
        write(options.root, texts)
        return []
    problems = [f"{path}: nothing generates it"
                for path in sorted(present(options.root) - set(texts))]
    for path, text in sorted(texts.items()):
        problems += compare(options.root, path, text)
    if problems:
        problems.append("to bring them up to date: cmake --build --preset dev --target generated")
    return problems
