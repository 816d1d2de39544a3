"""The file that holds the baseline of a folder: JSON Lines, a file, folder or link a line, compressed with zstd.

The first line says what it is, the last how many entries there are, so that a list that was cut short is seen.
Paths are ASCII: every byte that is not printable, and `%`, is written as `%` and two hexadecimal digits.
"""

from __future__ import annotations

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
SCHEMA_VERSION = 1
_ZSTD = b"\x28\xb5\x2f\xfd"
_LEVEL = 3
_LONGEST_LINE_BYTES = 64 * 1024  # a path has 4096 bytes at most, a link says as much, each written as three


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
    except (msgspec.DecodeError, zstandard.ZstdError, UnicodeDecodeError) as error:
        raise unreadable("it is not in the format of one") from error
    if header.format != FORMAT or header.schema_version != SCHEMA_VERSION:
        raise unreadable(f"it is a {header.format} of version {header.schema_version}")
    return header, _entries(lines)


def _entries(lines: io.BufferedReader) -> Iterator[Entry]:
    count = 0
    try:
        while line := lines.readline(_LONGEST_LINE_BYTES):
            record = msgspec.json.decode(line)
            if "path" not in record:
                if msgspec.convert(record, ListEnd).entries != count or lines.readline():
                    raise _cut_short()
                return
            count += 1
            yield _entry(record)
    except (msgspec.DecodeError, msgspec.ValidationError, zstandard.ZstdError, ValueError, KeyError) as error:
        raise _cut_short() from error
    raise _cut_short()


def _cut_short() -> Unverifiable:
    return Unverifiable("baseline-cut-short", "The baseline of the folder is not whole")


def _line(entry: Entry) -> dict[str, object]:
    seconds, nanoseconds = divmod(entry.modified_ns, 1_000_000_000)
    line: dict[str, object] = {
        "path": encode_path(entry.path),
        "type": entry.type.value,
        "mode": f"{entry.mode:04o}",
        "uid": entry.uid,
        "gid": entry.gid,
        "mtime": f"{seconds}.{nanoseconds:09d}",
    }
    if entry.type is EntryType.FILE:
        line |= {"size": entry.size_bytes, "sha256": entry.sha256}
    if entry.target is not None:
        line["target"] = encode_path(entry.target)
    if entry.linked_to is not None:
        line["linked_to"] = encode_path(entry.linked_to)
    if entry.unsettled:
        line["unsettled"] = True
    return line


def _entry(record: dict[str, Any]) -> Entry:
    seconds, _, nanoseconds = str(record["mtime"]).partition(".")
    return Entry(
        path=decode_path(record["path"]),
        type=EntryType(record["type"]),
        size_bytes=int(record.get("size", 0)),
        mode=int(record["mode"], 8),
        uid=int(record["uid"]),
        gid=int(record["gid"]),
        modified_ns=int(seconds) * 1_000_000_000 + int(nanoseconds or 0),
        sha256=record.get("sha256"),
        target=decode_path(record["target"]) if "target" in record else None,
        linked_to=decode_path(record["linked_to"]) if "linked_to" in record else None,
        unsettled=bool(record.get("unsettled", False)),
    )
