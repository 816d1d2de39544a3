"""Reads a binary log as its bytes come by, whatever is in it: events whole and unharmed, up to one that is not."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from drtool.binlogs.format import (
    CHECKSUM_BYTES,
    HEADER,
    HEADER_BYTES,
    MAGIC,
    MAGIC_ENCRYPTED,
    Description,
    Header,
    Kind,
    Malformed,
    cleared_of_use,
    description,
)

_KEPT_BYTES = 256 * 1024
"""How much of an event is held: all of those that tell where one is, the beginning of a long statement."""

_TOLD: frozenset[int] = frozenset(map(int, Kind))
_ABOUT_ROWS: frozenset[int] = frozenset({int(Kind.TABLE_MAP), int(Kind.ANNOTATE_ROWS)})


class FaultKind(StrEnum):
    """Why a log cannot be read any further."""

    NOT_A_LOG = "not a binary log"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    TRUNCATED = "truncated"
    PACKED_BADLY = "damaged where it is compressed"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong with a log, and the position of the event it begins with."""

    kind: FaultKind
    position: int


@dataclass(frozen=True, kw_only=True)
class Event:
    """An event that is whole and unharmed; `body` is the beginning of what follows its header, without its checksum."""

    header: Header
    position: int
    body: bytes

    @property
    def end(self) -> int:
        """The position of the event that follows."""
        return self.position + self.header.length


@dataclass(kw_only=True)
class _Partial:
    """An event of which not all bytes have come by yet."""

    header: Header
    left: int
    head: bytearray = field(default_factory=bytearray)
    tail: bytearray = field(default_factory=bytearray)
    checksum: int = 0


class LogReader:
    """Takes a log in pieces and gives its events; row events are verified and counted, and not given.

    Memory is bounded whatever the log holds. Nothing behind a fault is looked at.

    Args:
        size_bytes: of the log: an event that would end behind it is cut off. None where that is not known before its
            end, as of one that is compressed.
        about_rows: whether to give the events that say which statement changed rows, and of which tables.

    Attributes:
        description: what the log says of itself; None before that has come by.
        fault: why it cannot be read any further; None while it can.
        position: where the first event begins that has not been seen whole.
        events: how many were whole and unharmed.
        last_seconds: the time stamp of the last of them, in seconds since 1970.
    """

    def __init__(self, size_bytes: int | None, *, about_rows: bool = True) -> None:
        self.description: Description | None = None
        self.fault: Fault | None = None
        self.position = 0
        self.events = 0
        self.last_seconds = 0
        self._size_bytes = size_bytes
        self._told = _TOLD if about_rows else _TOLD - _ABOUT_ROWS
        self._fed_bytes = 0
        self._waiting = b""
        self._checksums = False
        self._partial: _Partial | None = None

    def feed(self, data: bytes) -> Iterator[Event]:
        """Take the next piece of the log and yield the events that are whole by now."""
        self._fed_bytes += len(data)
        if self.fault:
            return
        data = self._waiting + data
        view = memoryview(data)
        taken = 0
        if self.position == 0 and len(data) >= len(MAGIC) and self._begins_as_it_should(data):
            self.position = taken = len(MAGIC)
        while self.position and self.fault is None:
            if self._partial is None:
                if len(data) - taken < HEADER_BYTES:
                    break
                seconds, kind, server_id, length, next_position, flags = HEADER.unpack_from(data, taken)
                if not self._is_plausible(kind, length, next_position):
                    break
                # Most are: rows, whole, of which none is kept.
                if taken + length <= len(data) and kind not in self._told:
                    if self._is_unharmed(view[taken : taken + length]):
                        self._pass(length, seconds)
                        taken += length
                    continue
                header = Header(seconds=seconds, kind=kind, server_id=server_id, length=length, flags=flags)
                self._partial = _Partial(header=header, left=length)
            part = self._partial
            if part.left and taken == len(data):
                break
            piece = view[taken : taken + part.left]
            taken += len(piece)
            self._grow(part, piece)
            if part.left:
                break
            self._partial = None
            if event := self._finish(part):
                yield event
        self._waiting = data[taken:] if self.fault is None else b""

    def close(self, fault: FaultKind | None = None) -> None:
        """Say that the log has come by, to its end or up to a fault: what is still open then was cut off."""
        size_bytes = self._fed_bytes if self._size_bytes is None else self._size_bytes
        if self.fault:
            return
        if fault:
            self._fail(fault)
        elif self.position < size_bytes:
            self._fail(FaultKind.TRUNCATED)
        elif self.description is None:
            self._fail(FaultKind.NOT_A_LOG if size_bytes == 0 else FaultKind.TRUNCATED)

    def _begins_as_it_should(self, data: bytes) -> bool:
        if data.startswith(MAGIC_ENCRYPTED):
            self._fail(FaultKind.ENCRYPTED)
        elif not data.startswith(MAGIC):
            self._fail(FaultKind.NOT_A_LOG)
        return self.fault is None

    def _is_plausible(self, kind: int, length: int, next_position: int) -> bool:
        """Judge an event by its header: damage there would lead astray whoever goes on by its length."""
        end = self.position + length
        shortest = HEADER_BYTES + (CHECKSUM_BYTES if self._checksums else 0)
        if length < shortest or (next_position and next_position != end & 0xFFFFFFFF):
            self._fail(FaultKind.DAMAGED)
        elif self._size_bytes is not None and end > self._size_bytes:
            self._fail(FaultKind.TRUNCATED)
        elif self.description is None and kind != Kind.FORMAT_DESCRIPTION:
            self._fail(FaultKind.DAMAGED)
        return self.fault is None

    def _is_unharmed(self, event: memoryview) -> bool:
        if self._checksums and zlib.crc32(event[:-CHECKSUM_BYTES]) != int.from_bytes(event[-CHECKSUM_BYTES:], "little"):
            self._fail(FaultKind.DAMAGED)
        return self.fault is None

    def _grow(self, part: _Partial, piece: memoryview) -> None:
        covered = max(0, part.left - CHECKSUM_BYTES)
        if self._checksums:
            part.checksum = zlib.crc32(piece[:covered], part.checksum)
        part.tail += piece[covered:]
        part.head += piece[: max(0, _KEPT_BYTES - len(part.head))]
        part.left -= len(piece)

    def _finish(self, part: _Partial) -> Event | None:
        header, whole = part.header, bytes(part.head)
        if header.kind == Kind.FORMAT_DESCRIPTION:
            self._describe(whole)
        elif self._checksums and part.checksum != int.from_bytes(part.tail, "little"):
            self._fail(FaultKind.DAMAGED)
        elif header.kind == Kind.START_ENCRYPTION:
            self._fail(FaultKind.ENCRYPTED)
        if self.fault:
            return None
        position = self.position
        self._pass(header.length, header.seconds)
        if header.kind not in self._told:
            return None
        length = header.length - (CHECKSUM_BYTES if self._checksums else 0)
        return Event(header=header, position=position, body=whole[HEADER_BYTES:length])

    def _pass(self, length: int, seconds: int) -> None:
        self.position += length
        self.events += 1
        self.last_seconds = seconds or self.last_seconds

    def _describe(self, event: bytes) -> None:
        # Its checksum is there even where the log has none otherwise, and was made before the log was in use.
        expected = int.from_bytes(event[-CHECKSUM_BYTES:], "little")
        try:
            found = description(event[HEADER_BYTES:])
        except Malformed:
            found = None
        if found is None or zlib.crc32(cleared_of_use(event[:-CHECKSUM_BYTES])) != expected:
            self._fail(FaultKind.DAMAGED)
        else:
            self.description, self._checksums = found, found.checksums

    def _fail(self, kind: FaultKind) -> None:
        self.fault = Fault(kind=kind, position=self.position)
