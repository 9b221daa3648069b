# SPDX-License-Identifier: Apache-2.0
"""A virtual machine that lives as long as a `with` block and runs scripts one after the other.

QEMU interprets it, so that it needs neither /dev/kvm nor root; it has cgroup v2 with every
controller, no disk and no network. Everything in it runs ten to fifty times slower than outside."""

import base64
import collections
import glob
import json
import os
import pathlib
import selectors
import shutil
import subprocess
import tempfile
import time

import initramfs

HERE = os.path.dirname(os.path.abspath(__file__))
BOOT_SECONDS = 120
COMMAND_SECONDS = 90
# The kernel's terminal layer keeps this much of what nobody has read yet (tty(4), N_TTY_BUF_SIZE).
LONGEST_REQUEST = 4095
PASSWD = """root:x:0:0:root:/root:/bin/sh
user:x:1001:1001:a user:/home/user:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/bin/sh
"""
GROUP = "root:x:0:\nuser:x:1001:\nnogroup:x:65534:\n"

Ended = collections.namedtuple("Ended", "code out err")


class Missing(Exception):
    """What this host lacks to run a virtual machine."""


class Broken(Exception):
    """The machine did not boot or no longer answers; ends with what it printed last."""


def requirements(kernel):
    """(QEMU, busybox, kernel image, modules); raises Missing."""
    if os.uname().machine != "x86_64":
        raise Missing(f"the kernel that is fetched is for x86_64, not for {os.uname().machine}")
    found = [shutil.which(name) for name in ("qemu-system-x86_64", "busybox")]
    for name, path in zip(("qemu-system-x86_64", "busybox"), found):
        if path is None:
            raise Missing(f"{name} is not installed")
    image = os.path.join(kernel, "vmlinuz")
    if not os.path.exists(image):
        raise Missing(f"no kernel {image}; packaging/test.sh fetches it")
    return (*found, image, sorted(glob.glob(os.path.join(kernel, "*.ko"))))


def with_libraries(program):
    """`program` and the libraries it is linked with, as paths of the host by their path inside."""
    listed = subprocess.run(["ldd", program], check=True, stdout=subprocess.PIPE, text=True).stdout
    libraries = [word for line in listed.splitlines() for word in line.split()
                 if word.startswith("/")]
    return {path: os.path.realpath(path) for path in [program, *libraries]}


def write_root(path, busybox, modules, programs):
    """The machine's files; `programs` are paths of the host by their path inside."""
    files = {"/usr/bin/busybox": busybox, "/init": os.path.join(HERE, "guest", "init"),
             "/usr/sbin/agent": os.path.join(HERE, "guest", "agent"),
             "/usr/bin/await": os.path.join(HERE, "guest", "await")}
    files.update((f"/usr/lib/modules/{os.path.basename(module)}", module) for module in modules)
    # /bin and its like are links into /usr inside, as they are on the host.
    files.update((name if name.startswith("/usr/") else f"/usr{name}", source)
                 for name, source in programs.items())
    folders = {"/root", "/etc", "/home/user", "/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib64"}
    folders.update(os.path.dirname(name) for name in files)
    applets = subprocess.run([busybox, "--list"], check=True, stdout=subprocess.PIPE,
                             text=True).stdout.split()
    with initramfs.Archive(path) as archive:
        for name in sorted({str(parent) for folder in folders
                            for parent in (*pathlib.PurePath(folder).parents, folder)} - {"/"}):
            archive.folder(name)
        for name in ("bin", "sbin", "lib", "lib64"):
            archive.link(f"/{name}", f"usr/{name}")
        for name, source in files.items():
            archive.program(name, source)
        for name in (f"/usr/bin/{applet}" for applet in applets):
            if name not in files:
                archive.link(name, "busybox")
        archive.file("/etc/passwd", PASSWD.encode())
        archive.file("/etc/group", GROUP.encode())


class Machine:
    """Boots when the block is entered; is gone, however the block ends, when it is left."""

    def __init__(self, kernel, programs):
        self._qemu, self._busybox, self._image, self._modules = requirements(kernel)
        self._programs = programs
        self._folder = tempfile.TemporaryDirectory(prefix="muster-vm-")
        self._process = None
        self._received = b""

    def __enter__(self):
        root = self._path("root")
        write_root(root, self._busybox, self._modules, self._programs)
        command = [self._qemu, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                   "-machine", "pc", "-accel", "tcg,thread=multi", "-cpu", "max", "-m", "768",
                   "-smp", "2", "-kernel", self._image, "-initrd", root,
                   "-append", "console=ttyS0 quiet panic=-1 tsc=reliable mitigations=off",
                   "-serial", f"file:{self._path('console')}",
                   "-chardev", "stdio,id=agent,signal=off", "-serial", "chardev:agent"]
        # Whatever ends this process must not leave a machine running.
        command = ["setpriv", "--pdeathsig", "KILL", *command]
        with open(self._path("qemu"), "wb") as messages:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE,
                                             stdout=subprocess.PIPE, stderr=messages)
        os.set_blocking(self._process.stdout.fileno(), False)
        begin = time.monotonic()
        try:
            self._line(begin + BOOT_SECONDS, "the start of its agent")
        except BaseException:
            self.__exit__()
            raise
        self.boot_seconds = time.monotonic() - begin
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
        self._folder.cleanup()

    def sh(self, script, user="root", cgroup=None, folder=None):
        """Runs `script` with sh as `user` in `folder` (/work/USER), in `cgroup` (a path below the
        root cgroup) where one is given, and returns how it Ended."""
        script = f"cd {folder or f'/work/{user}'}\n{script}"
        if user != "root":
            script = f"exec su {user} -s /bin/sh -c {quoted(script)}"
        if cgroup is not None:
            script = f"echo 0 >/sys/fs/cgroup{cgroup}/cgroup.procs || exit 99\n{script}"
        request = base64.b64encode(script.encode()) + b"\n"
        if len(request) > LONGEST_REQUEST:
            raise ValueError(f"a script of {len(script)} bytes is too long")
        deadline = time.monotonic() + COMMAND_SECONDS
        self._process.stdin.write(request)
        self._process.stdin.flush()
        out = base64.b64decode(self._line(deadline, script)).decode("utf-8", "replace")
        err = base64.b64decode(self._line(deadline, script)).decode("utf-8", "replace")
        return Ended(int(self._line(deadline, script)), out, err)

    def _path(self, name):
        return os.path.join(self._folder.name, name)

    def _line(self, deadline, what):
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._received:
                if not selector.select(max(0, deadline - time.monotonic())):
                    raise Broken(f"the machine does not answer: {what}{self._last_words()}")
                data = self._process.stdout.read()
                if not data:
                    raise Broken(f"the machine is gone: {what}{self._last_words()}")
                self._received += data
        line, _, self._received = self._received.partition(b"\n")
        return line

    def _last_words(self):
        words = ""
        for name in ("qemu", "console"):
            if os.path.exists(self._path(name)):
                with open(self._path(name), encoding="utf-8", errors="replace") as file:
                    words += "".join(f"\n{name}: {line.rstrip()}" for line in file.readlines()[-30:])
        return words


def quoted(text):
    """`text` as one word of a shell."""
    return "'" + text.replace("'", "'\\''") + "'"


class Muster:
    """muster in a machine, and the plan of the attempts to make there."""

    def __init__(self, machine, plan):
        self.machine = machine
        self.plan = plan
        self._records = 0

    def run(self, flags, command, before="", **where):
        """`muster run FLAGS -- COMMAND` as one command of the shell, which it replaces, so that
        muster may be alone in its cgroup; returns how it Ended and its record, None without one.
        `before` is a line of shell, `where` as Machine.sh takes it."""
        self._records += 1
        record = f"/tmp/record-{self._records}"
        ended = self.machine.sh(f"{before}\nexec muster run --record {record} {flags} -- {command}", **where)
        text = self.machine.sh(f"cat {record}").out
        return ended, json.loads(text) if text else None

    def leftovers(self, below=""):
        """The processes of commands, and the cgroups of muster below the cgroup `below`."""
        return self.machine.sh(f"""pidof sleep tail
            find /sys/fs/cgroup{below} -type d -name 'muster-*'""").out
