# SPDX-License-Identifier: Apache-2.0
"""Includes follow the table in layers.txt, name files that exist, and make no cycle."""

import os

import source

TABLE = os.path.join("tests", "lint", "layers.txt")
OWN_ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def read_table(root):
    """({room: rooms it may include}, {header prefix: rooms and files that may include it}).

    A tree without a table of its own is held to this project's.
    """
    if not os.path.isfile(os.path.join(root, TABLE)):
        root = OWN_ROOT
    rooms, headers = {}, {}
    with open(os.path.join(root, TABLE), encoding="utf-8") as file:
        for line in file:
            line = line.split("#")[0].strip()
            if line:
                name, allowed = line.split(":")
                if name.startswith("<"):
                    headers[name[1:]] = set(allowed.split())
                else:
                    rooms[name] = set(allowed.split())
    return rooms, headers


def room_of(path, rooms):
    """The room of a file named from the root: tests, a folder of src, or None."""
    folder = os.path.dirname(path)
    if folder.split(os.sep)[0] == "tests":
        return "tests"
    folder = os.path.relpath(folder, "src")
    while folder and folder not in rooms:
        folder = os.path.dirname(folder)
    return folder or None


def edge_problem(room, target, rooms):
    """Why a file of the room may not include the file target, or None."""
    other = room_of(target, rooms)
    if room == "tests" or other in (room, None):
        return None
    if other == "tests":
        return "src may not include tests"
    allowed = rooms[room]
    return None if "*" in allowed or other in allowed else f"{room} may not include {other}"


def header_problem(path, room, name, headers):
    """Why the file at path may not include <name>, or None."""
    for prefix, allowed in headers.items():
        if name.startswith(prefix) and not {room, os.path.relpath(path, "src")} & allowed:
            return f"<{name}> belongs to {', '.join(sorted(allowed))} alone"
    return None


def cycles(graph):
    """One list of nodes, first = last, for each back edge of a depth-first walk."""
    found, done = [], set()

    def visit(node, trail):
        if node in trail:
            found.append(trail[trail.index(node):] + [node])
        elif node not in done:
            for other in sorted(graph.get(node, ())):
                visit(other, trail + [node])
            done.add(node)

    for start in sorted(graph):
        visit(start, [])
    return found


def check(options):
    rooms, headers = read_table(options.root)
    problems = [f"{TABLE}: rooms in a cycle: {' -> '.join(c)}" for c in cycles(rooms)]
    graph = {}
    for path in source.files(options.root, ["src", "tests"], (".h", ".cc")):
        room = room_of(path, rooms)
        if room is None:
            problems.append(f"{path}:1: its folder is no room of {TABLE}")
            continue
        graph[path] = []
        for line, name, quoted in source.includes(source.read(options.root, path)):
            if not quoted:
                problem = header_problem(path, room, name, headers)
            elif target := source.resolve(options.root, path, name):
                graph[path].append(target)
                problem = edge_problem(room, target, rooms)
            else:
                problem = f'"{name}" is no file'
            if problem:
                problems.append(f"{path}:{line}: {problem}")
    problems += [f"{c[0]}:1: include cycle: {' -> '.join(c)}" for c in cycles(graph)]
    return problems
