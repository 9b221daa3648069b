# SPDX-License-Identifier: Apache-2.0
"""Writes an archive that Linux unpacks as its first root (initramfs/buffer-format.rst of the kernel).

Nothing but bytes: no device is made and no root is needed."""

import stat


class Archive:
    """Folders, files and symbolic links, all owned by root, under absolute names; a parent comes
    before its children."""

    def __init__(self, path):
        self._file = open(path, "wb")
        self._inode = 0

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        if not failed:
            self._add("/TRAILER!!!", 0, b"")
        self._file.close()

    def folder(self, name, mode=0o755):
        self._add(name, stat.S_IFDIR | mode, b"")

    def file(self, name, content, mode=0o644):
        self._add(name, stat.S_IFREG | mode, content)

    def program(self, name, path):
        """A copy of the host's file `path`, executable."""
        with open(path, "rb") as file:
            self.file(name, file.read(), 0o755)

    def link(self, name, target):
        self._add(name, stat.S_IFLNK | 0o777, target.encode())

    def _add(self, name, mode, content):
        self._inode += 1
        path = name.encode()[1:] + b"\0"
        links = 2 if stat.S_ISDIR(mode) else 1
        # inode, mode, uid, gid, links, time, size, device and special device, name size, checksum
        fields = (self._inode, mode, 0, 0, links, 0, len(content), 0, 0, 0, 0, len(path), 0)
        self._padded(b"070701" + b"".join(b"%08X" % field for field in fields) + path)
        self._padded(content)

    def _padded(self, data):
        self._file.write(data + b"\0" * (-len(data) % 4))
