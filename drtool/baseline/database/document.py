"""The file of a baseline of databases: JSON, in which each table and each object has a line of its own.

So it is read line by line, as often as it is asked for, and never held: of a hundred thousand tables it has a gigabyte.
Those of the first version are indented by one blank, which tells their tables apart as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar

import msgspec

from drtool.baseline.database.model import FORMAT, SCHEMA_VERSION, DatabaseBaseline, SchemaObject, Table, unreadable

_T = TypeVar("_T", Table, SchemaObject)
_LONGEST_BYTES = 16 << 20
_ARRAYS: dict[bytes, type[Table | SchemaObject]] = {b"tables": Table, b"objects": SchemaObject}
_START, _BETWEEN, _END = b',"tables":[\n', b'],"objects":[\n', b"]}\n"
_FIRST_VERSION = {b' "tables": [\n': b"tables", b' "objects": [\n': b"objects"}


def encode(baseline: DatabaseBaseline) -> bytes:
    """Return a baseline as the bytes of its file."""
    head = msgspec.to_builtins(replace(baseline, tables=(), objects=()))
    del head["tables"], head["objects"]
    tables, objects = (
        b",\n".join(map(msgspec.json.encode, of)) + b"\n" * bool(of) for of in (baseline.tables, baseline.objects)
    )
    return msgspec.json.encode(head)[:-1] + _START + tables + _BETWEEN + objects + _END


def read(path: Path) -> DatabaseBaseline:
    """Read a baseline from its file, which has to stay where it is: tables and objects are read as they are asked for.

    Raises:
        Unverifiable: it is no baseline of a version that this drtool knows.
    """
    head = bytearray()
    counts = dict.fromkeys(_ARRAYS, 0)
    try:
        with path.open("rb") as file:
            for array, piece in _pieces(file):
                if array:
                    msgspec.json.decode(piece, type=_ARRAYS[array])
                    counts[array] += 1
                else:
                    head += piece
                if len(head) > _LONGEST_BYTES:
                    raise unreadable("more of it than can be read at once is neither a table nor an object")
        baseline = msgspec.json.decode(head, type=DatabaseBaseline)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise unreadable("it is not in the format of one" if head else "it is empty") from error
    if baseline.format != FORMAT or not 1 <= baseline.schema_version <= SCHEMA_VERSION:
        raise unreadable(f"it is a {baseline.format} of version {baseline.schema_version}")
    if baseline.taken_at.tzinfo is None:
        raise unreadable("it does not say of which instant it is")
    if not any(counts.values()):  # there are none, or somebody has laid the file out anew
        return baseline
    return replace(
        baseline,
        tables=_Elements(path, b"tables", Table, counts[b"tables"]),
        objects=_Elements(path, b"objects", SchemaObject, counts[b"objects"]),
    )


@dataclass(frozen=True)
class _Elements(Collection[_T], Generic[_T]):
    """What is in an array of the file, read anew each time."""

    path: Path
    array: bytes
    type: type[_T]
    count: int

    def __iter__(self) -> Iterator[_T]:
        with self.path.open("rb") as file:
            for array, piece in _pieces(file):
                if array == self.array:
                    yield msgspec.json.decode(piece, type=self.type)

    def __len__(self) -> int:
        return self.count

    def __contains__(self, one: object) -> bool:
        return any(one == other for other in self)


def _pieces(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Yield each element with the array it is in, and all else in pieces of no array: JSON without those elements."""
    lines = iter(partial(file.readline, _LONGEST_BYTES), b"")
    first = next(lines, b"")
    yield b"", first
    yield from _one_a_line(lines) if first.endswith(_START) else _indented(lines)


def _one_a_line(lines: Iterator[bytes]) -> Iterator[tuple[bytes, bytes]]:
    array = b"tables"
    for line in lines:
        if line in {_BETWEEN, _END}:
            yield b"", line
            array = b"objects" if line == _BETWEEN else b""
        else:
            yield array, line.rstrip(b",\n") if array else line


def _indented(lines: Iterator[bytes]) -> Iterator[tuple[bytes, bytes]]:
    array, element = b"", bytearray()
    for line in lines:
        if array and line.startswith(b"  "):
            element += line
            if line in {b"  },\n", b"  }\n"} or len(element) > _LONGEST_BYTES:
                yield array, bytes(element).rstrip(b",\n")
                element.clear()
        else:
            yield b"", bytes(element) + line  # of an element that does not end nothing is left out
            element.clear()
            array = _FIRST_VERSION.get(line, b"")
