# SPDX-License-Identifier: Apache-2.0
"""Small servers on the loopback of the calling process, each ended with its `with` block."""

import contextlib
import os
import socket
import struct
import subprocess
import threading

TYPE_A = 1


@contextlib.contextmanager
def listener():
    """A TCP port that accepts connections; gives its number."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@contextlib.contextmanager
def dns(names):
    """Answers on 127.0.0.1:53 for IPv4 addresses of `names`; says of others that there are none."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))

    def serve():
        while True:
            query, client = server.recvfrom(512)
            if not query:
                return
            server.sendto(answer(query, names), client)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stop:
            stop.sendto(b"", ("127.0.0.1", 53))
        thread.join()
        server.close()


def answer(query, names):
    """The reply to one DNS query (RFC 1035, section 4)."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    question = query[12:at + 5]
    (kind,) = struct.unpack(">H", query[at + 1:at + 3])
    address = names.get(".".join(labels).lower())
    records = b""
    if address and kind == TYPE_A:
        # The name is the one at offset 12; class IN, one minute.
        records = struct.pack(">HHHLH", 0xC00C, TYPE_A, 1, 60, 4) + socket.inet_aton(address)
    flags = 0x8580 if address else 0x8583  # an authority's answer; without the name: NXDOMAIN
    return query[:2] + struct.pack(">HHHHH", flags, 1, 1 if records else 0, 0, 0) + question + records


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def make_certificates(folder):
    """A root and a certificate for `localhost` under it; gives (root, certificate, key) as paths."""
    root, root_key, cert, key, request, extensions = (
        os.path.join(folder, name)
        for name in ("root.pem", "root.key", "cert.pem", "key.pem", "request", "extensions"))
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *curve, "-keyout", root_key, "-out", root, "-days", "2",
            "-subj", "/CN=test root")
    openssl("req", *curve, "-keyout", key, "-out", request, "-subj", "/CN=localhost")
    with open(extensions, "w") as file:
        file.write("subjectAltName=DNS:localhost\n")
    openssl("x509", "-req", "-in", request, "-CA", root, "-CAkey", root_key, "-CAcreateserial",
            "-days", "2", "-extfile", extensions, "-out", cert)
    return root, cert, key


@contextlib.contextmanager
def tls(certificate, key):
    """An `openssl s_server`; gives its port."""
    process = subprocess.Popen(
        ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        # "ACCEPT 127.0.0.1:40123", once it listens.
        line = next(line for line in process.stdout if line.startswith("ACCEPT"))
        yield int(line.rsplit(":", 1)[1])
    finally:
        process.kill()
        process.communicate()
