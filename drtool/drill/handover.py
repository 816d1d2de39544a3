"""Where the process of a drill lays what it has so far, for the process that watches it."""

from __future__ import annotations

import hashlib
import os
import struct
import tempfile
import time
from dataclasses import dataclass, field

from drtool.record.model import DrillRecord, decode, encode

_HEAD = struct.Struct(">QQ?32s")  # the turn, the length of the record and its digest, whether it is the last one
_SHARE = 20.0
"""Of a drill's time at most a twentieth goes into records so far."""

_LONGEST_STEP = 1000


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the process of a drill gave last.

    Attributes:
        record: the record, or that of the drill so far.
        doing: the step that was going on then.
        final: whether the drill had come to its end.
    """

    record: DrillRecord = field(repr=False)
    doing: str
    final: bool


class Handover:
    """Two places in memory, written in turn: whenever its writer is ended, one of them is whole. Others have the step.

    Not a pipe: nobody has to read while a drill runs, and no drill waits for a reader.
    """

    def __init__(self) -> None:
        self._places = (_unnamed(), _unnamed())
        self._step = _unnamed()
        self._copys_step = _unnamed()
        self._turn = 0
        self._writer: int | None = None
        self._not_before = 0.0

    def enter(self, step: str) -> None:
        """Say which step is going on; none by nothing."""
        if self._writer == os.getpid():
            os.ftruncate(self._step, 0)
            os.pwrite(self._step, step[:_LONGEST_STEP].encode(errors="backslashreplace"), 0)

    def begin(self, step: str) -> None:
        """Say that a step begins, as `enter` does; where a copy of the writer's process begins it, that is kept."""
        if self._writer not in (None, os.getpid()):
            os.pwrite(self._copys_step, step[:_LONGEST_STEP].encode(errors="backslashreplace"), 0)
        self.enter(step)

    @property
    def begun_by_a_copy(self) -> str:
        """A step that a copy of the writer's process began, whose journal nobody has; none by nothing."""
        return _text(self._copys_step)

    def give(self, record: DrillRecord, *, final: bool = False) -> None:
        """Lay down what there is; the first process that does so is the only one that can."""
        self._writer = self._writer or os.getpid()
        if self._writer != os.getpid():  # a copy that the scenario has forked off
            return
        started = time.monotonic()
        document = encode(record)
        self._turn += 1
        content = _HEAD.pack(self._turn, len(document), final, hashlib.sha256(document).digest()) + document
        place = self._places[self._turn % 2]
        os.ftruncate(place, 0)
        written = 0
        while written < len(content):
            written += os.pwrite(place, content[written:], written)
        self._not_before = time.monotonic() + _SHARE * (time.monotonic() - started)

    def end_a_copy(self) -> None:
        """End this process where it is none that may give anything: a scenario has forked it off, and it came back."""
        if self._writer != os.getpid():
            os._exit(1)

    @property
    def is_due(self) -> bool:
        """Whether so much time has gone by that a record so far costs the drill next to nothing."""
        return time.monotonic() >= self._not_before

    def taken(self) -> Given | None:
        """Return the newest that is whole, or None when there is none.

        Raises:
            Unverifiable: it is no record.
        """
        if not (whole := [one for one in map(_read, self._places) if one]):
            return None
        _, document, final = max(whole)
        return Given(record=decode(document), doing=_text(self._step), final=final)

    def close(self) -> None:
        """Give the memory back."""
        for place in (*self._places, self._step, self._copys_step):
            os.close(place)


def _read(place: int) -> tuple[int, bytes, bool] | None:
    content = os.pread(place, os.fstat(place).st_size, 0)
    if len(content) < _HEAD.size:
        return None
    turn, length, final, digest = _HEAD.unpack_from(content)
    document = content[_HEAD.size :]
    is_whole = len(document) == length and hashlib.sha256(document).digest() == digest
    return (turn, document, final) if is_whole else None


def _text(place: int) -> str:
    return os.pread(place, os.fstat(place).st_size, 0).decode(errors="replace")


def _unnamed() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("drtool")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
