#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks one promise of the release binary: release_test.py CASE --muster FILE"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

import servers

HERE = os.path.dirname(os.path.abspath(__file__))
SKIPPED = 77
LARGEST = 12_000_000
UNKNOWN_UID = 54321


def skip(reason):
    if os.environ.get("MUSTER_TESTS_MUST_WORK") == "1":
        sys.exit(f"cannot run here: {reason}")
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def expect(holds, what):
    if not holds:
        sys.exit(f"FAILED: {what}")


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            skip(f"{program} is not installed")


def output_of(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout


class Room:
    """A folder that holds muster and is the root of the file system for what runs in it."""

    def __init__(self, muster):
        if os.geteuid() != 0:
            skip("chroot needs root")
        self.folder = tempfile.TemporaryDirectory()
        os.chmod(self.folder.name, 0o755)
        shutil.copy(muster, self.path("muster"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def put(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w") as file:
            file.write(text)

    def run(self, *command, uid=0, environment=None):
        def enter():
            os.chroot(self.folder.name)
            os.chdir("/")
            if uid:
                os.setgid(uid)
                os.setuid(uid)
        return subprocess.run(command, preexec_fn=enter, env=environment or {}, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)

    def steps(self, target, environment=None):
        """What `muster doctor --check-host` found of `target`: the steps by their first word."""
        ended = self.run("/muster", "doctor", "--json", "--check-host", target,
                         environment=environment)
        expect(ended.stdout, f"doctor printed nothing: {ended}")
        return {check["name"].split()[0]: check for check in json.loads(ended.stdout)["checks"]}


def static(muster):
    need("file", "ldd", "readelf")
    expect("INTERP" not in output_of("readelf", "-lW", muster), "it asks for a dynamic loader")
    expect("NEEDED" not in output_of("readelf", "-dW", muster), "it needs a shared library")
    expect("statically linked" in output_of("ldd", muster), "ldd finds libraries")
    words = output_of("file", "-b", muster)
    expect("static-pie linked" in words or "statically linked" in words, f"file says {words}")


def frames(muster):
    need("readelf")
    # Without it the first throw sorts every frame of the binary, some milliseconds long.
    expect("GNU_EH_FRAME" in output_of("readelf", "-lW", muster), "no index of exception frames")


def size(muster):
    need("readelf")
    found = os.path.getsize(muster)
    expect(found <= LARGEST, f"{found} bytes, more than {LARGEST}")
    expect(".symtab" not in output_of("readelf", "-SW", muster), "its symbols are not split off")
    print(f"{found} bytes")


def alone(muster):
    with Room(muster) as room:
        ended = room.run("/muster", "version")
        expect(ended.returncode == 0 and ended.stdout.startswith("muster "), ended)
        report = json.loads(room.run("/muster", "version", "--json").stdout)
        expect(report["build"] == "static-pie", report)
        ended = room.run("/muster", "no-such-command")
        expect(ended.returncode == 2 and "unknown command" in ended.stderr, ended)


def run(muster):
    busybox = shutil.which("busybox") or skip("busybox is not installed")
    if "INTERP" in output_of("readelf", "-lW", busybox):
        skip("busybox is not static")
    with Room(muster) as room:
        shutil.copy(busybox, room.path("busybox"))
        flags = ["--isolation", "none", "-q"]
        ended = room.run("/muster", "run", *flags, "--", "/busybox", "echo", "hello")
        expect((ended.returncode, ended.stdout, ended.stderr) == (0, "hello\n", ""), ended)
        ended = room.run("/muster", "run", *flags, "--timestamps", "--", "/busybox", "sh", "-c",
                         "echo relayed; exit 7")
        expect(ended.returncode == 7 and ended.stdout.endswith("Z relayed\n"), ended)
        ended = room.run("/muster", "run", *flags, "--timeout", "0.2", "--", "/busybox", "sleep", "60")
        expect(ended.returncode == 124, ended)
        ended = room.run("/muster", "run", *flags, "--", "/missing")
        expect(ended.returncode == 127, ended)


def unknown_user(muster):
    with Room(muster) as room:
        for command in (["/muster"], ["/muster", "config", "show"], ["/muster", "config", "path"]):
            ended = room.run(*command, uid=UNKNOWN_UID)
            expect(ended.returncode == 0 and ended.stdout, ended)
    # With the passwd and nsswitch.conf of this host, whose modules a static binary must not load.
    for command in ([muster], [muster, "config", "path"]):
        ended = subprocess.run(command, user=UNKNOWN_UID, env={}, cwd="/", stdout=subprocess.PIPE,
                               text=True)
        expect(ended.returncode == 0 and ended.stdout, ended)


def localhost(muster):
    with Room(muster) as room, servers.listener() as port:
        steps = room.steps(f"localhost:{port}")
        expect(steps["resolve"]["ok"] and steps["connect"]["ok"], steps)
        steps = room.steps(f"nobody.test:{port}")
        expect(not steps["resolve"]["ok"] and "connect" not in steps, steps)


def hosts(muster):
    with Room(muster) as room, servers.listener() as port:
        room.put("etc/hosts", "127.0.0.1 other.test named.test\n")
        steps = room.steps(f"named.test:{port}")
        expect(steps["resolve"]["ok"] and steps["connect"]["ok"], steps)
        expect(not room.steps(f"nobody.test:{port}")["resolve"]["ok"], "a name nobody gave resolves")


def dns(muster):
    if os.geteuid() != 0:
        skip("a network namespace needs root")
    need("unshare", "ip")
    # Port 53 and the loopback of a namespace of its own.
    command = f"ip link set lo up && exec {sys.executable} {__file__} dns_inside --muster {muster}"
    ended = subprocess.run(["unshare", "--net", "sh", "-c", command])
    expect(ended.returncode == 0, "see above")


def dns_inside(muster):
    names = {"named.test": "127.0.0.1"}
    with Room(muster) as room, servers.listener() as port, servers.dns(names):
        room.put("etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:5 attempts:1\n")
        steps = room.steps(f"named.test:{port}")
        expect(steps["resolve"]["ok"] and steps["connect"]["ok"], steps)
        expect(not room.steps(f"nobody.test:{port}")["resolve"]["ok"], "an unknown name resolves")


def check_tls(muster, name, environment):
    need("openssl")
    with Room(muster) as room, tempfile.TemporaryDirectory() as folder:
        root, certificate, key = servers.make_certificates(folder)
        with servers.tls(certificate, key) as port:
            target = f"https://localhost:{port}"
            steps = room.steps(target, environment)
            expect(steps["connect"]["ok"] and not steps["tls"]["ok"], f"trusted by nobody: {steps}")
            with open(root) as file:
                room.put(name, file.read())
            steps = room.steps(target, environment)
            expect(steps["tls"]["ok"], steps)
            # The certificate is another name's.
            steps = room.steps(f"https://127.0.0.1:{port}", environment)
            expect(steps["connect"]["ok"] and not steps["tls"]["ok"], steps)


def roots_variable(muster):
    check_tls(muster, "given/roots.pem", {"SSL_CERT_FILE": "/given/roots.pem"})


def roots_file(muster):
    check_tls(muster, "etc/ssl/certs/ca-certificates.crt", None)


def start(muster):
    bench = os.path.join(os.path.dirname(HERE), "bench", "bench.py")
    ended = subprocess.run([sys.executable, bench, "start", "--check", "--muster", muster])
    expect(ended.returncode == 0, "see above")


CASES = {case.__name__: case for case in (static, frames, size, alone, run, unknown_user, localhost,
                                          hosts, dns, dns_inside, roots_variable, roots_file, start)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", choices=CASES)
    parser.add_argument("--muster", required=True)
    options = parser.parse_args()
    if not os.path.isfile(options.muster):
        skip(f"no binary {options.muster}; build it: cmake --build --preset release")
    CASES[options.case](os.path.abspath(options.muster))


if __name__ == "__main__":
    main()
