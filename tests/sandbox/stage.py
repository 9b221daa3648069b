# SPDX-License-Identifier: Apache-2.0
"""A host to attack: a home with secrets, folders to bind, listeners, and what must not change."""

import json
import os
import shutil
import signal
import socket
import stat
import struct
import subprocess
import tempfile
import threading
import time

import modes

SECRET = "muster-test-secret"
LEFT_WITHIN = 0.3


class Run:
    """What came of one command of muster's."""

    def __init__(self, code, out, err, seconds, record):
        self.code, self.out, self.err = code, out, err
        self.seconds, self.record = seconds, record

    def kind(self):
        return self.record.get("outcome", {}).get("kind") if self.record else None


class Stage:
    def __init__(self, surroundings, muster, attempts):
        self.surroundings = surroundings
        self.uid = surroundings.mode.uid if os.geteuid() == 0 else os.geteuid()
        self.folder = tempfile.mkdtemp(prefix="muster-attempts.", dir="/var/tmp")
        os.chmod(self.folder, 0o755)
        # Other stages stand beside this one, also in other pid namespaces: what is looked for on
        # the whole host bears the name of its stage.
        self.name = os.path.basename(self.folder)
        self.muster = self.reachable(muster, "muster")
        self.attempts = self.reachable(attempts, "attempts")
        self.home = self.make_folder("home")
        self.write("home/.ssh/id_ed25519", SECRET)
        self.write("home/.netrc", SECRET)
        self.write("secret", SECRET, 0o644)
        os.chmod(self.make_folder("records"), 0o777)  # one scenario is run by somebody else
        self.victim = self.make_folder("victim")
        self.make_bound()
        self.heard = []
        self.listen()
        self.before = self.host_state()

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def reachable(self, program, name):
        """A copy that whoever runs muster can execute, wherever the build tree is."""
        return shutil.copy(program, self.path(name))

    def give(self, path):
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.uid)

    def make_folder(self, *names):
        path = self.path(*names)
        os.makedirs(path, exist_ok=True)
        self.give(path)
        return path

    def write(self, name, text, mode=0o600):
        self.make_folder(os.path.dirname(name))
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        self.give(path)
        return path

    def make_bound(self):
        """What is bound: a file, a mount below, a device, a socket, programs with privileges."""
        self.bound = self.make_folder("bound")
        self.write("bound/file", "as it was\n", 0o644)
        below = self.make_folder("bound", "below")
        if os.geteuid() != 0:
            return
        modes.mount("-t", "tmpfs", "-o", "mode=777", "tmpfs", below)
        os.mknod(self.path("bound", "null"), stat.S_IFCHR | 0o666, os.makedev(1, 3))
        os.chmod(self.path("bound", "null"), 0o666)
        shutil.copy(self.attempts, self.path("bound", "setuid"))
        os.chmod(self.path("bound", "setuid"), 0o6755)
        shutil.copy(self.attempts, self.path("bound", "setcap"))
        # struct vfs_cap_data of linux/capability.h, revision 2, effective: CAP_NET_RAW.
        data = struct.pack("<IIIII", 0x02000001, 1 << 13, 0, 0, 0)
        os.setxattr(self.path("bound", "setcap"), "security.capability", data)

    def listen(self):
        self.sockets = []
        self.port = 0
        for family, kind, protocol, address in (
                (socket.AF_INET, socket.SOCK_STREAM, 0, "127.0.0.1"),
                (socket.AF_INET6, socket.SOCK_STREAM, 0, "::1"),
                (socket.AF_INET, socket.SOCK_DGRAM, 0, "127.0.0.1"),
                (socket.AF_INET, socket.SOCK_DGRAM, 136, "127.0.0.1")):
            try:
                listener = socket.socket(family, kind, protocol)
                listener.bind((address, self.port))
            except OSError:
                continue  # without IPv6 or UDP-Lite there is nothing to reach
            self.port = self.port or listener.getsockname()[1]
            self.hear(listener, kind)
        for name in (f"\0{self.name}", self.path("bound", "socket")):
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(name)
            self.hear(listener, socket.SOCK_STREAM)
        os.chmod(self.path("bound", "socket"), 0o777)
        # A mount that maps ids lets nobody write to a socket of somebody it does not know.
        self.give(self.path("bound", "socket"))

    def hear(self, listener, kind):
        if kind == socket.SOCK_STREAM:
            listener.listen(16)
        self.sockets.append(listener)

        def wait():
            while True:
                try:
                    if kind == socket.SOCK_STREAM:
                        listener.accept()[0].close()
                    else:
                        self.heard.append(listener.recv(100))
                except OSError:
                    return
        threading.Thread(target=wait, daemon=True).start()

    def workspace(self, name):
        """A folder for one attempt, with something beside it and a way out in it."""
        path = self.make_folder("work", name, "workspace")
        self.write(f"work/{name}/beside", SECRET, 0o644)
        self.write(f"work/{name}/workspace/there", "as it was\n", 0o644)
        link = os.path.join(path, "link")
        if not os.path.lexists(link):
            os.symlink(self.victim, link)
        return path

    def environment(self):
        return {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": self.home, "LANG": "C.UTF-8",
                "GITHUB_TOKEN": SECRET, "AWS_SECRET_ACCESS_KEY": SECRET, "DATABASE_URL": SECRET,
                "SSH_AUTH_SOCK": f"/{SECRET}", "MY_PASSWORD": SECRET, "UNKNOWN": SECRET,
                "TEST_PASSED": "yes", "TEST_NOT_PASSED": SECRET}

    def command(self, name, flags, arguments):
        record = self.path("records", name)
        return [*self.surroundings.wrap, self.muster, "run", "--env",
                f"ATTEMPT_MARK={self.name}.{name}", "--record", record, *flags, "--", *arguments]

    def run(self, name, flags, arguments, patience=20, **streams):
        """Runs it in the workspace `name` and waits; a muster that does not end is killed."""
        record = self.path("records", name)
        self.forget(record)
        streams.setdefault("stdin", subprocess.DEVNULL)
        streams.setdefault("stdout", subprocess.PIPE)
        streams.setdefault("stderr", subprocess.PIPE)
        start = time.monotonic()
        process = subprocess.Popen(self.command(name, flags, arguments), env=self.environment(),
                                   cwd=self.workspace(name), start_new_session=True,
                                   **streams)
        try:
            out, err = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            err = (err or b"") + f"\nmuster did not end within {patience} s".encode()
        seconds = time.monotonic() - start
        return Run(process.returncode, out or b"", err or b"", seconds, self.read_record(record))

    @staticmethod
    def forget(path):
        if os.path.exists(path):
            os.remove(path)

    @staticmethod
    def read_record(path):
        try:
            with open(path, encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError):
            return None

    def left(self, name):
        """Pids of processes that the attempt `name` left behind."""
        mark = f"ATTEMPT_MARK={self.name}.{name}".encode()
        found = []
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    with open(f"/proc/{entry}/environ", "rb") as file:
                        if mark in file.read().split(b"\0"):
                            found.append(int(entry))
                except OSError:
                    pass  # it has just ended, or is somebody else's
        return found

    def left_after_all(self, name, within=LEFT_WITHIN):
        """The pids that are still there when the time is over; they are ended."""
        until = time.monotonic() + within
        while pids := self.left(name):
            if time.monotonic() > until:
                for pid in pids:
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except OSError:
                        pass  # it ended by itself
                return pids
        return []

    def host_state(self):
        """What no attempt may change."""
        state = {}
        for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe",
                     "/proc/sys/kernel/hostname"):
            try:
                with open(path, encoding="utf-8") as file:
                    state[path] = file.read()
            except OSError:
                state[path] = None
        for folder in (self.victim, self.bound, self.home):
            state[folder] = sorted(os.listdir(folder))
        with open(self.path("bound", "file"), encoding="utf-8") as file:
            state["file"] = file.read(), os.stat(file.name).st_mode
        state["tmp"] = os.path.exists("/tmp/muster-attempt-in-tmp")
        return state

    def changes(self):
        """What of the host is not as it was, as sentences."""
        after = self.host_state()
        found = [f"{key} was {value!r} and is {after[key]!r}"
                 for key, value in self.before.items() if after[key] != value]
        return found + [f"the host received {data!r} by UDP" for data in self.heard]

    def remove(self):
        for listener in self.sockets:
            listener.close()
        if os.geteuid() == 0:
            subprocess.run(["umount", self.path("bound", "below")], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
