"""What is still to be read of many tables, shared by the threads that read them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from drtool.baseline.database.model import KeyColumn, KeyKind, Part
from drtool.baseline.database.schema import TableInfo

_WAIT_SECONDS = 0.2

Bounds = tuple["str | None", "str | None"]


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How hard the server may be worked.

    Attributes:
        share: which part of the time each connection may keep the server busy, above 0 and at most 1.
        max_running: wait while more statements than this run on the server; None not to look.
    """

    share: float = 1.0
    max_running: int | None = None


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How a table is to be read: divided by a kind of key, at given bounds if they are known, and in which order.

    With `sums` digests are added up as in baselines of the first version, in whatever order.
    """

    kind: KeyKind
    column: str | None
    bounds: tuple[Bounds, ...] | None
    order: tuple[KeyColumn, ...] = ()
    sums: bool = False


@dataclass(kw_only=True)
class TableRead:
    """What was read of a table so far; `kind` is how it was divided in the end."""

    kind: KeyKind
    parts: list[Part] = field(default_factory=list)


@dataclass(frozen=True)
class Piece:
    """A part of a table to read, by as many statements as it has pieces, one after the other."""

    table: int
    part: int
    wheres: tuple[str, ...]


class Work:
    """What is still to do, shared by the threads."""

    def __init__(self, tables: Sequence[tuple[TableInfo, Shape]], progress: Callable[[int, int, str], None] | None):
        self.tables = tables
        self.reads = [TableRead(kind=shape.kind) for _, shape in tables]
        # Those that cannot be divided first, and the largest first, so that no thread is left with one at the end.
        order = sorted(
            range(len(tables)), key=lambda number: (tables[number][1].kind.has_ranges, -tables[number][0].rows)
        )
        self.todo: deque[int | Piece] = deque(order)
        self.lock = threading.Condition()
        self.busy = 0
        self.failure: BaseException | None = None
        self.stopped = False
        self._progress = progress
        self._done = 0
        self._expected = sum(info.rows for info, _ in tables)

    def take(self) -> int | Piece | None:
        """Return what to do next, or None when all is done or failed."""
        with self.lock:
            while not self.todo and self.busy and not self.stopped:
                self.lock.wait(_WAIT_SECONDS)
            if self.stopped or not self.todo:
                return None
            self.busy += 1
            return self.todo.popleft()

    def done(self, more: Sequence[Piece] = ()) -> None:
        """Give back a piece of work, with what came of it."""
        with self.lock:
            self.busy -= 1
            self.todo.extendleft(reversed(more))
            self.lock.notify_all()

    def add(self, table: int, part: int, rows: int, digest: str) -> None:
        """Add so many rows to a part; the digest is that of all that were read of it so far."""
        with self.lock:
            parts = self.reads[table].parts
            old = parts[part]
            parts[part] = replace(old, rows=old.rows + rows, digest=digest)
            self._done += rows
            if self._progress is not None:
                self._progress(self._done, max(self._expected, self._done), self.tables[table][0].name)

    def fail(self, error: BaseException) -> None:
        """Stop everything; the first failure is the one that counts."""
        with self.lock:
            self.failure = self.failure or error
            self.stopped = True
            self.lock.notify_all()
