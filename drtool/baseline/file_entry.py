"""One file, folder or link as a baseline knows it, and how its name is written down."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_SAFE = frozenset(range(0x21, 0x7F)) - {ord("%")}


class EntryType(StrEnum):
    """What is at a path; the letters are those of `find -type`."""

    FILE = "f"
    FOLDER = "d"
    LINK = "l"
    PIPE = "p"
    SOCKET = "s"
    BLOCK_DEVICE = "b"
    CHARACTER_DEVICE = "c"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is at one path below a folder.

    Attributes:
        path: relative to the folder, as the bytes the file system holds.
        type: what it is.
        size_bytes: of a regular file; 0 for the others.
        mode: permission bits, with setuid, setgid and sticky.
        uid: the owner's number.
        gid: the group's number.
        modified_ns: nanoseconds since 1970, UTC.
        sha256: of a regular file's content; None for the others, and where `unsettled`.
        target: what a symbolic link says.
        linked_to: the first path of the same file, for a hard link after the first.
        unsettled: the file changed each time it was read, so its content is not known.
    """

    path: bytes
    type: EntryType
    size_bytes: int
    mode: int
    uid: int
    gid: int
    modified_ns: int
    sha256: str | None = None
    target: bytes | None = None
    linked_to: bytes | None = None
    unsettled: bool = False

    @property
    def folder(self) -> bytes:
        """The folder it lies in, relative; empty for the topmost."""
        return self.path.rpartition(b"/")[0]


def encode_path(path: bytes) -> str:
    """Return a path as ASCII: printable characters as they are, every other byte and `%` as `%` and two digits."""
    return "".join(chr(byte) if byte in _SAFE else f"%{byte:02X}" for byte in path)


def decode_path(text: str) -> bytes:
    """Return the path that `encode_path` wrote.

    Raises:
        ValueError: the text is none of its making.
    """
    head, *rest = text.split("%")
    parts = [head.encode("ascii")]
    for one in rest:
        parts += [bytes.fromhex(one[:2]), one[2:].encode("ascii")]
    return b"".join(parts)


def readable(path: bytes) -> str:
    """Return a path for people; the empty one is the folder itself."""
    text = path.decode("utf-8", "backslashreplace")
    return "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in text) or "."
