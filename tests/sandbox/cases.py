# SPDX-License-Identifier: Apache-2.0
"""What each attempt is run with and how it must end."""

import os
import stat
import subprocess
from dataclasses import dataclass, replace

LIMITS = ("--pids", "64", "--memory", "256M", "--disk", "64M", "--inodes", "16384", "--open-files",
          "256", "--file-size", "64M", "--output-limit", "1M", "--grace", "300ms")
INSIDE = "/attempts"
KEPT_OUTPUT = (2 << 20) + (64 << 10)  # the head, the tail and a sentence between them


@dataclass(frozen=True)
class Case:
    name: str
    group: str
    row: int
    expects: str
    flags: tuple = ()
    timeout: str = "10s"
    codes: tuple = (0,)
    kinds: tuple = ("exited",)
    patience: float = 20  # seconds in which muster must have ended
    arguments: object = None  # of the stage: what stands behind the name
    streams: object = None  # of the stage: what Popen gets
    check: object = None  # of stage and run: what is wrong, or None
    skip: str = ""  # the reason
    without: tuple = ()  # limits that are not set
    staged: bool = False  # needs what stage.py made

    def all_flags(self):
        limits = list(LIMITS)
        for flag in (*self.flags, *self.without):
            if flag in limits:
                at = limits.index(flag)
                del limits[at:at + 2]
        return [*limits, "--timeout", self.timeout, *self.flags]


def listed(attempts):
    """The cases of the program, as it lists them."""
    lines = subprocess.run([attempts, "--list"], check=True, capture_output=True, text=True).stdout
    for line in lines.splitlines():
        name, row, expects, group = line.split("\t")
        yield Case(name, group, int(row), expects)


def out_of_memory(controllers, **more):
    """Ended by a controller; without one, a process that asks for too much is refused it."""
    if controllers:
        return {"codes": (137,), "kinds": ("out_of_memory",), "check": names_memory, **more}
    return {"codes": (0, 137), "kinds": ("exited", "out_of_memory"), **more}


def only_with_memory_controller(controllers, **more):
    if controllers:
        return out_of_memory(True, **more)
    return {"skip": "without a memory controller nobody counts this"}


def names_memory(_stage, run):
    if b"memory" not in run.err:
        return "stderr does not tell why it ended"
    usage = run.record["usage"]
    return None if usage["peak_memory"] > 64 << 20 else f"peak memory {usage['peak_memory']}"


TIMED_OUT = {"timeout": "1s", "codes": (124,), "kinds": ("timed_out",), "patience": 4}


def kept_little(_stage, run):
    size = max(len(run.out), len(run.err))
    return None if size <= KEPT_OUTPUT else f"{size} bytes were passed on"


def was_processor_time(_stage, run):
    return None if run.record["outcome"].get("cpu_time") else "the record does not say which time"


def no_core(stage, _run):
    found = [name for name in os.listdir(stage.workspace("dump-core")) if "core" in name]
    return f"{found} in the workspace" if found else None


def nothing_privileged(name):
    def check(stage, _run):
        folder = stage.workspace(name)
        bad = [entry for entry in os.listdir(folder)
               if os.lstat(os.path.join(folder, entry)).st_mode & (stat.S_ISUID | stat.S_ISGID)]
        return f"{bad} is left setuid or setgid on the host" if bad else None
    return check


def workspace_is_as_it_was(name):
    def check(stage, _run):
        entries = sorted(os.listdir(stage.workspace(name)))
        return None if entries == ["link", "there"] else f"the workspace holds {entries}"
    return check


def reached_host(*names):
    def check(stage, _run):
        path = stage.path(*names)
        if not os.path.exists(path):
            return f"{path} is not there"
        return None if os.stat(path).st_uid == stage.uid else f"{path} belongs to somebody else"
    return check


def ending_cases(controllers):
    cases = dict.fromkeys(("spin-deaf-to-signals", "sleep-deaf-to-signals", "stop-self",
                           "stop-everything", "stop-init", "fork-bomb-and-wait"), TIMED_OUT)
    processor = {"flags": ("--cpu-time", "1s"), "codes": (124,), "kinds": ("timed_out",),
                 "patience": 8, "check": was_processor_time}
    nobody_counts = {"skip": "without a processor controller nobody counts this"}
    cases |= {
        "spin-past-processor-time": processor,
        "spin-in-short-lives": processor if controllers else nobody_counts,
        "more-than-half-a-processor":
            {"flags": ("--cpus", "0.5")} if controllers else nobody_counts,
        "flood-output": {"check": kept_little},
        "flood-errors": {"check": kept_little},
        "dump-core": {"check": no_core, "staged": True},
        "input-is-empty": {"flags": ("--no-stdin",)},
        "input-never-ends": {"streams": lambda stage: {"stdin": endless_input(stage)},
                             "patience": 4},
    }
    for name in ("daemon-stays", "daemon-keeps-the-output", "runaway-chain", "stopped-child-stays",
                 "fork-bomb-left-burning"):
        cases[name] = {"patience": 5}
    return cases


def endless_input(stage):
    """The reading end of a pipe that nobody writes to or closes before the stage ends."""
    stage.endless = os.pipe()
    return stage.endless[0]


def memory_cases(controllers):
    cases = {name: out_of_memory(controllers) for name in (
        "memory-bomb", "memory-bomb-in-a-child", "memory-in-page-tables")}
    cases |= {name: only_with_memory_controller(controllers) for name in (
        "memory-by-many-processes", "memory-in-memfds", "memory-in-shared-segments")}
    cases["memory-in-tmpfs"] = only_with_memory_controller(controllers, flags=("--disk", "2G"))
    cases["stack-bomb"] = {"flags": ("--stack", "8M")}
    cases["memory-locked"] = {"codes": (0, 137), "kinds": ("exited", "out_of_memory")}
    return cases


def network_cases():
    """A socket in a folder that is bound is reached through a read-only mount too: the kernel has
    no means against that yet, and the threat model says so. A change of that has to show here."""
    port = {"arguments": lambda stage: [str(stage.port)], "staged": True}
    return {
        "host-tcp": port, "host-tcp-over-ipv6": port, "host-udp": port, "host-udp-lite": port,
        "host-abstract-socket": {"arguments": lambda stage: [stage.name], "staged": True},
        "host-socket-in-a-bind": {
            "flags": ("--bind", "ro:{bound}:/bound"), "codes": (1,), "staged": True,
            "arguments": lambda _stage: ["/bound/socket"]},
        "host-socket-in-the-workspace": {
            "arguments": lambda stage: [linked_socket(stage)], "codes": (1,), "staged": True},
        "control-reach-host-when-allowed": port | {"flags": ("--net", "host")},
    }


def linked_socket(stage):
    """The host's socket by a second name in the workspace."""
    path = os.path.join(stage.workspace("host-socket-in-the-workspace"), "socket")
    if not os.path.exists(path):
        os.link(stage.path("bound", "socket"), path)
    return path


def bound_cases(all_cases):
    bound = {"flags": ("--bind", "ro:{bound}:/bound"), "staged": True}
    cases = {case.name: bound for case in all_cases if "read-only-bind" in case.name}
    cases |= {"reopen-through-proc": bound, "device-in-bind": bound}
    for name, program in (("run-setuid-program", "setuid"),
                          ("run-program-with-capabilities", "setcap")):
        cases[name] = bound | {"arguments": lambda _stage, p=program: [f"/bound/{p}"]}
        if os.geteuid() != 0:
            cases[name] = {"skip": "only root can make such a program"}
    return cases


def file_cases():
    cases = {
        "read-files-of-the-host": {"staged": True, "arguments": lambda stage: [
            stage.path("secret"), stage.path("home", ".netrc"), stage.path("bound", "file")]},
        "find-workspace-when-none": {
            "flags": ("--workspace", "none"), "staged": True, "arguments": lambda stage: [
                os.path.join(stage.workspace("find-workspace-when-none"), "there")]},
        "look-beside-workspace": {"staged": True},
        "read-keys-of-home": {"staged": True},
        "write-through-symlink": {"staged": True},
        "write-read-only-workspace": {"flags": ("--workspace", "ro"), "staged": True,
                                      "check": workspace_is_as_it_was("write-read-only-workspace")},
        "write-overlay-workspace": {"flags": ("--workspace", "overlay"), "staged": True,
                                    "check": workspace_is_as_it_was("write-overlay-workspace")},
    }
    for name in ("setuid-by-chmod", "setuid-by-fchmod", "setuid-by-fchmodat",
                 "setuid-by-fchmodat2", "setuid-by-open", "setuid-by-creat", "setuid-by-tmpfile",
                 "setuid-by-mknod", "setuid-by-openat2", "setgid-by-chmod", "setgid-by-mknodat"):
        name = f"leave-{name}"
        cases[name] = {"check": nothing_privileged(name), "staged": True}
    return cases


def descriptor_cases(as_owner):
    def input_file(stage):
        return {"stdin": open(stage.write("input/file", "as it was\n", 0o644), "rb")}

    def input_folder(stage):
        stage.write("input/secret", "secret\n", 0o644)
        return {"stdin": os.open(stage.path("input"), os.O_RDONLY | os.O_DIRECTORY)}

    def output_file(name):
        def streams(stage):
            path = stage.write(f"output/{name}", "earlier lines\n", 0o644)
            return {"stdout": open(path, "ab")}
        # With a limit on output the command would get a pipe instead of the file.
        return {"streams": streams, "staged": True, "check": kept_earlier_lines(name),
                "without": ("--output-limit",)}

    def inherited(stage):
        descriptors = [os.open(stage.path("secret"), os.O_RDWR),
                       os.open("/", os.O_RDONLY | os.O_DIRECTORY)]
        return {"pass_fds": descriptors}

    return {
        "use-inherited-descriptors": {"streams": inherited, "staged": True},
        "write-input-file": {"streams": input_file, "staged": True},
        # fchmod(2) asks who owns the file, not how it was opened: only another uid outside helps.
        "change-mode-of-input-file": {"streams": input_file, "staged": True,
                                      "codes": (1,) if as_owner else (0,)},
        "read-output-file": output_file("read"), "truncate-output-file": output_file("truncated"),
        **dict.fromkeys(("walk-out-of-input-folder", "enter-input-folder",
                         "look-beside-input-folder"),
                        {"streams": input_folder, "staged": True, "check": names_the_folder,
                         "codes": (125,), "kinds": ("not_started",)}),
    }


def names_the_folder(_stage, run):
    told = b"standard input is a folder" in run.err
    return None if told else f"the refusal does not say why: {run.err!r}"


def kept_earlier_lines(name):
    def check(stage, _run):
        with open(stage.path("output", name), encoding="utf-8") as file:
            return None if file.read().startswith("earlier lines\n") else "earlier output is lost"
    return check


def control_cases(user_namespace):
    cases = {
        "control-write-workspace": {"staged": True, "check": reached_host(
            "work", "control-write-workspace", "workspace", "written")},
        "control-write-bind": {
            "flags": ("--bind", "rw:{shared}:/bound"), "staged": True,
            "check": reached_host("shared", "written")},
        "control-trace-when-allowed": {"flags": ("--allow", "ptrace")},
        "ptrace-init-when-allowed": {"flags": ("--allow", "ptrace")},
        "control-be-root-when-mapped": {"flags": ("--map-root",)},
        "control-pass-variable": {"flags": ("--env-pass", "TEST_PASSED"), "staged": True},
        "control-keep-set-id-when-allowed": {"flags": ("--allow", "setid")},
        "control-extra-device": {"flags": ("--dev", "kmsg")},
        "control-extra-tmpfs": {"flags": ("--tmpfs", "/extra:2M")},
    }
    if not user_namespace:
        # Then the id inside is the one outside, and none is free to be called 0.
        cases["control-be-user"] = {"arguments": lambda _stage: ["any"]}
        cases["control-be-root-when-mapped"] |= {"codes": (125,), "kinds": ("not_started",)}
    return cases


def cases_for(mode, attempts):
    """Every case of a mode, in the order of the program's list."""
    cases = [case for case in listed(attempts) if case.name not in ("neighbour",
                                                                    "type-into-terminal")]
    known = (ending_cases(mode.controllers) | memory_cases(mode.controllers) | network_cases()
             | bound_cases(cases) | file_cases() | descriptor_cases(mode.as_owner)
             | control_cases(mode.user_namespace))
    unknown = set(known) - {case.name for case in cases}
    if unknown:
        raise ValueError(f"no such attempts: {sorted(unknown)}")
    return [replace(case, **known.get(case.name, {}),
                    **({"staged": True} if case.group == "neighbours" else {})) for case in cases]
