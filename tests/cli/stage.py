# SPDX-License-Identifier: Apache-2.0
"""The place a test runs in: its folders and environment, its terminal, and what it started."""

import ctypes
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time

HERE = os.path.dirname(os.path.realpath(__file__))
PR_SET_CHILD_SUBREAPER = 36
# Read by the run-time of instrumented binaries, not by muster.
NOBODY = 65534
PASSED_ON = ("LLVM_PROFILE_FILE", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")


class Stuck(Exception):
    """What the test waits for does not come."""


def adopt_orphans():
    """Makes every process that loses its parent a child of this one, where it is found."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def children_of(pid):
    """The living children of a process, as (pid, command line)."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                state, parent = file.read().rpartition(")")[2].split()[:2]
            with open(f"/proc/{name}/cmdline", "rb") as file:
                words = file.read().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            continue
        if int(parent) == pid and state not in "ZX":
            found.append((int(name), words))
    return found


def descendants():
    found, parents = [], [os.getpid()]
    while parents:
        children = children_of(parents.pop())
        found += children
        parents += [pid for pid, _ in children]
    return found


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def end_everything():
    """Kills what is left; returns the command lines of what was."""
    left = descendants()
    for _ in range(200):
        for pid, _ in descendants():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        reap()
        if not descendants():
            break
        time.sleep(0.01)
    return [words for _, words in left]


class Stage:
    """A test's own folders; DIR is its working directory, HOME its home."""

    def __init__(self, muster, sandboxed=False, as_nobody=False):
        self.sandboxed, self.as_nobody = sandboxed, as_nobody
        self.root = os.path.realpath(tempfile.mkdtemp(prefix="muster-test."))
        self.folders = {"[DIR]": self.root + "/work", "[HOME]": self.root + "/home"}
        for name in ("bin", "home", "tmp", "work"):
            os.mkdir(f"{self.root}/{name}")
        os.symlink(os.path.abspath(muster), f"{self.root}/bin/muster")

    def path(self, name):
        if name.startswith("~/"):
            return self.root + "/home" + name[1:]
        return os.path.join(self.folders["[DIR]"], name)

    def fill(self, case):
        if self.sandboxed or case.only_sandboxed:
            self.show_tools()
        for section in case.all("file"):
            name, _, mode = section.argument.partition(" ")
            path = self.path(name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(self.with_folders(section.text))
            os.chmod(path, int(mode or "0644", 8))
        if self.as_nobody:
            for folder, folders, files in os.walk(self.root):
                for name in [".", *folders, *files]:
                    os.chown(os.path.join(folder, name), NOBODY, NOBODY, follow_symlinks=False)

    def show_tools(self):
        """Makes `bin` visible to sandboxed commands, unless the test has a config of its own."""
        path = self.path("~/.config/muster/config.toml")
        os.makedirs(os.path.dirname(path))
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'[task]\nbind = ["ro:{HERE}/bin"]\n')

    def with_folders(self, text):
        for token, folder in self.folders.items():
            text = text.replace(token, folder)
        return text

    def environment(self, case):
        home = self.folders["[HOME]"]
        out = {"PATH": f"{self.root}/bin:{HERE}/bin:/usr/local/bin:/usr/bin:/bin",
               "HOME": home, "LANG": "C.UTF-8", "TMPDIR": f"{self.root}/tmp",
               "XDG_CONFIG_HOME": f"{home}/.config", "XDG_STATE_HOME": f"{home}/.local/state"}
        if case.about_commands and not (self.sandboxed or case.only_sandboxed):
            out["MUSTER_ISOLATION"] = "none"
        if case.one("tty"):
            out["TERM"] = "xterm"
        out.update({name: os.environ[name] for name in PASSED_ON if name in os.environ})
        for section in case.all("env"):
            name, _, value = section.argument.partition("=")
            out[name] = self.with_folders(value)
        return out

    def start(self, case, **streams):
        """Starts the script in a session of its own; `terminal` becomes that of the session."""
        terminal = streams.pop("terminal", None)

        def prepare():
            if terminal is not None:
                fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
            for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            os.umask(0o022)

        identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if self.as_nobody else {}
        script = f"{self.root}/script"
        with open(script, "w", encoding="utf-8") as file:
            file.write(case.one("run").text)
        return subprocess.Popen(["/bin/sh", script], cwd=self.folders["[DIR]"],
                                env=self.environment(case), start_new_session=True,
                                preexec_fn=prepare, **identity, **streams)

    def remove(self):
        # Root's rm needs no permission; for others a test must leave its folders writable.
        shutil.rmtree(self.root, ignore_errors=True)


def play_streams(stage, case, limit):
    """Runs the script with files for streams; returns exit code or fault, stdout and stderr."""
    given = case.one("stdin")
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as out, \
            tempfile.TemporaryFile() as err:
        source.write(given.text.encode() if given else b"")
        source.seek(0)
        child = stage.start(case, stdin=source if given else subprocess.DEVNULL,
                            stdout=out, stderr=err)
        try:
            code = child.wait(limit)
        except subprocess.TimeoutExpired:
            code = "it did not end in time"
        out.seek(0)
        err.seek(0)
        return code, out.read(), err.read()


class Terminal:
    """A terminal with somebody at the keys."""

    def __init__(self, stage, case, limit):
        self.until = time.monotonic() + limit
        self.screen, self.read_to = b"", 0
        self.master, slave = pty.openpty()
        columns, rows = (case.one("tty").argument or "80x24").split("x")
        self.resize(int(columns), int(rows))
        self.child = stage.start(case, stdin=slave, stdout=slave, stderr=slave, terminal=slave)
        os.close(slave)
        self.open = True

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self):
        """Takes in more of the screen; waits for it a little."""
        if time.monotonic() > self.until:
            raise Stuck("it did not end in time")
        ready, _, _ = select.select([self.master] if self.open else [], [], [], 0.02)
        if not ready:
            return False
        try:
            self.screen += os.read(self.master, 65536)
        except OSError:  # EIO: nobody holds the other side any more
            self.open = False
        return self.open

    def expect(self, text):
        """Waits until the text stands on the screen, behind what was waited for before."""
        while (at := self.screen.find(text.encode(), self.read_to)) < 0:
            if not self.open or self.child.poll() is not None and not self.read():
                raise Stuck(f"the script ended before {text!r} appeared")
            self.read()
        self.read_to = at + len(text.encode())

    def press(self, line):
        action, _, argument = line.partition(" ")
        if action == "expect":
            self.expect(argument)
        elif action == "type":
            keys = {"n": "\r", "e": "\x1b", "t": "\t", "\\": "\\"}
            text = re.sub(r"\\([net\\])", lambda found: keys[found[1]], argument)
            os.write(self.master, text.encode())
        elif action == "ctrl":
            os.write(self.master, bytes([ord(argument) ^ 64]))
        elif action == "resize":
            self.resize(*map(int, argument.split("x")))
        elif action == "hangup":
            os.close(self.master)
            self.open = False
        else:
            raise ValueError(f"there is no key {line!r}")

    def finish(self):
        while self.child.poll() is None:
            self.read()
            if not self.open:
                time.sleep(0.005)
        while self.read():
            pass
        return self.child.returncode


def play_terminal(stage, case, limit):
    """Runs the script on a terminal; returns exit code or fault, and all that was shown."""
    terminal = Terminal(stage, case, limit)
    try:
        for line in case.one("keys").lines if case.one("keys") else []:
            if line:
                terminal.press(line)
        return terminal.finish(), terminal.screen
    except Stuck as stuck:
        return str(stuck), terminal.screen
