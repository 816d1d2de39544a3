"""The file that holds the baseline of a folder: JSON Lines, a file, folder or link a line, compressed with zstd.

The first line says what it is, the last how many entries there are, so that a list that was cut short is seen.
Paths are ASCII: every byte that is not printable, and `%`, is written as `%` and two hexadecimal digits.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from itertools import chain
from typing import Any, BinaryIO

import msgspec
import zstandard

from drtool.baseline.database.model import unreadable
from drtool.errors import Unverifiable
from drtool.stores.stream import stream_of
from drtool.version import __version__

_SAFE = frozenset(range(0x21, 0x7F)) - {ord("%")}

FORMAT = "drtool-folder-baseline"
SCHEMA_VERSION = 2
_ZSTD = b"\x28\xb5\x2f\xfd"
_LEVEL = 3
# Labels of SELinux and the like are given by the system that files are on.
_KINDS = {
    b"user.": "user attributes", b"system.posix_acl_": "access control lists", b"security.capability": "capabilities",
}  # fmt: skip
_LONGEST_LINE_BYTES = 64 * 1024  # a path has 4096 bytes at most, a link says as much, each written as three


Attributes = tuple[tuple[str, str], ...]
"""Kind and digest of what a file has of extended attributes, by kind."""


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
        attributes: kind and digest of its extended attributes, by kind; None where they are not known.
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
    attributes: Attributes | None = ()

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


def attributes_of(values: Iterable[tuple[bytes, bytes]]) -> Attributes:
    """Return kind and digest of extended attributes: of names and values there is nothing else in a baseline."""
    kinds: dict[str, list[list[str]]] = {}
    for name, value in sorted(values):
        if kind := next((kind for start, kind in _KINDS.items() if name.startswith(start)), None):
            kinds.setdefault(kind, []).append([name.hex(), value.hex()])
    return tuple((kind, hashlib.sha256(msgspec.json.encode(of)).hexdigest()) for kind, of in sorted(kinds.items()))


@dataclass(frozen=True, kw_only=True)
class ListHeader:
    """The first line of the list.

    Attributes:
        root: the folder's own path, encoded like all paths.
        host: the name of its host.
        taken_at: when the capture began, UTC: what is changed later may be in it or not.
    """

    format: str = FORMAT
    schema_version: int = SCHEMA_VERSION
    drtool_version: str = __version__
    host: str
    root: str
    taken_at: datetime


@dataclass(frozen=True, kw_only=True)
class ListEnd:
    """The last line of the list: totals, and how many files vanished or kept changing while they were read."""

    entries: int
    files: int
    size_bytes: int
    vanished: int
    unsettled: int
    finished_at: datetime


def write_list(stream: BinaryIO, header: ListHeader, entries: Iterable[Entry], end: Any) -> ListEnd:
    """Write a baseline as it is captured.

    Args:
        stream: takes the compressed bytes.
        header: the first line.
        entries: in the order of their paths' bytes.
        end: called when all entries are written, returns the last line.
    """
    with zstandard.ZstdCompressor(level=_LEVEL).stream_writer(stream, closefd=False) as out:
        out.write(msgspec.json.encode(header) + b"\n")
        for entry in entries:
            out.write(msgspec.json.encode(_line(entry)) + b"\n")
        last: ListEnd = end()
        out.write(msgspec.json.encode(last) + b"\n")
    return last


def read_list(stream: BinaryIO) -> tuple[ListHeader, Iterator[Entry]]:
    """Read a baseline back, compressed or not; entries come as they are asked for.

    Returns:
        The first line, and the entries; the iterator raises when the list was cut short.

    Raises:
        Unverifiable: these bytes are no such list, or one of another version.
    """
    buffered = io.BufferedReader(stream, 1 << 16) if isinstance(stream, io.RawIOBase) else stream
    start = buffered.read(4)
    whole = stream_of(chain([start], iter(partial(buffered.read, 1 << 16), b"")))
    unpacked: Any = zstandard.ZstdDecompressor().stream_reader(whole) if start == _ZSTD else whole
    lines = io.BufferedReader(unpacked, 1 << 16)
    try:
        header = msgspec.json.decode(lines.readline(_LONGEST_LINE_BYTES), type=ListHeader)
        root = decode_path(header.root)
    except (msgspec.DecodeError, zstandard.ZstdError, ValueError) as error:
        raise unreadable("it is not in the format of one") from error
    if header.format != FORMAT or not 1 <= header.schema_version <= SCHEMA_VERSION:
        raise unreadable(f"it is a {header.format} of version {header.schema_version}")
    if b"\0" in root or b".." in root.split(b"/") or header.taken_at.tzinfo is None:
        raise unreadable("its first line is of no folder, or of no instant")
    return header, _entries(lines, attributes_known=header.schema_version > 1)


def _entries(lines: io.BufferedReader, *, attributes_known: bool) -> Iterator[Entry]:
    count, last = 0, b""
    try:
        while line := lines.readline(_LONGEST_LINE_BYTES):
            record = _record(line)
            if "path" not in record:
                if msgspec.convert(record, ListEnd).entries != count or lines.readline():
                    raise _cut_short()
                return
            count += 1
            entry = _entry(msgspec.convert(record, _Line), attributes_known=attributes_known)
            if entry.path <= last:
                raise _misplaced(count + 1)
            last = entry.path
            yield entry
    except zstandard.ZstdError as error:
        raise _cut_short() from error
    except ValueError as error:  # of which msgspec's are some
        raise _misplaced(count + 1) from error
    raise _cut_short()


def _record(line: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _cut_short() from error


def _misplaced(number: int) -> Unverifiable:
    return unreadable(f"its line {number} does not stand so in such a list")


def _cut_short() -> Unverifiable:
    return Unverifiable("baseline-cut-short", "The baseline of the folder is not whole")


class _Line(msgspec.Struct, kw_only=True, omit_defaults=True):
    path: str
    type: EntryType
    mode: str
    uid: int
    gid: int
    mtime: str
    size: int | None = None
    sha256: str | None = None
    target: str | None = None
    linked_to: str | None = None
    unsettled: bool = False
    attributes: dict[str, str] = {}


def _line(entry: Entry) -> _Line:
    seconds, nanoseconds = divmod(entry.modified_ns, 1_000_000_000)
    return _Line(
        path=encode_path(entry.path),
        type=entry.type,
        mode=f"{entry.mode:04o}",
        uid=entry.uid,
        gid=entry.gid,
        mtime=f"{seconds}.{nanoseconds:09d}",
        size=entry.size_bytes if entry.type is EntryType.FILE else None,
        sha256=entry.sha256,
        target=None if entry.target is None else encode_path(entry.target),
        linked_to=None if entry.linked_to is None else encode_path(entry.linked_to),
        unsettled=entry.unsettled,
        attributes=dict(entry.attributes or ()),
    )


def _entry(line: _Line, *, attributes_known: bool) -> Entry:
    seconds, _, nanoseconds = line.mtime.partition(".")
    return Entry(
        path=decode_path(line.path),
        type=line.type,
        size_bytes=line.size or 0,
        mode=int(line.mode, 8),
        uid=line.uid,
        gid=line.gid,
        modified_ns=int(seconds) * 1_000_000_000 + int(nanoseconds or 0),
        sha256=line.sha256,
        target=None if line.target is None else decode_path(line.target),
        linked_to=None if line.linked_to is None else decode_path(line.linked_to),
        unsettled=line.unsettled,
        attributes=tuple(sorted(line.attributes.items())) if attributes_known else None,
    )
