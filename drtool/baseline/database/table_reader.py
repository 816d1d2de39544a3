"""Reads the rows of many tables through several connections, piece by piece, at a pace the server can bear."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from drtool.baseline.database import key_space, row_sums
from drtool.baseline.database.live import server_failure
from drtool.baseline.database.model import KeyKind, Part
from drtool.baseline.database.reading_work import Bounds, Pace, Piece, Shape, TableRead, Work
from drtool.baseline.database.row_chain import START, chain, chain_buckets, ordering
from drtool.baseline.database.row_text import BUCKETS
from drtool.baseline.database.schema import TableInfo
from drtool.baseline.database.snapshot import SAVEPOINT, Connect
from drtool.errors import DrtoolError, Unverifiable
from drtool.mariadb.sql import describe_sql_error, quoted, rows_of

PIECE_ROWS = 100_000
"""About how many rows one statement digests: a tenth of a second to a second."""

_WAIT_SECONDS = 0.2


def read_tables(
    connections: Sequence[Connection[Any]],
    connect: Connect,
    tables: Sequence[tuple[TableInfo, Shape]],
    pace: Pace,
    *,
    quiet: bool,
    progress: Callable[[int, int, str], None] | None = None,
) -> list[TableRead]:
    """Read tables, each divided as its shape says.

    Args:
        connections: see the same data; each is used by one thread.
        connect: opens another one, to stop what runs on the server when this is interrupted.
        tables: what to read.
        pace: how hard the server may be worked.
        quiet: nothing else uses the server, so that no lock on a table's definition need be given back in between.
        progress: is told rows done, rows expected and the table's name.

    Returns:
        What was read, in the order of `tables`.

    Raises:
        Unverifiable: a table could not be read.
        KeyboardInterrupt: and anything else that interrupts; the statements on the server have been stopped.
    """
    work = Work(tables, progress)
    threads = [
        threading.Thread(target=_Reader(work, connection, pace, quiet=quiet).run, daemon=True)
        for connection in connections
    ]
    for thread in threads:
        thread.start()
    try:
        while any(thread.is_alive() for thread in threads):
            for thread in threads:
                thread.join(_WAIT_SECONDS)
    except BaseException as error:
        work.fail(error)
        _stop_statements(connect, connections)
        for thread in threads:
            thread.join(5)
        raise
    if work.failure is not None:
        raise work.failure
    return work.reads


class _Reader:
    """One thread's work on one connection."""

    def __init__(self, work: Work, connection: Connection[Any], pace: Pace, *, quiet: bool) -> None:
        self._work = work
        self._connection = connection
        self._pace = pace
        self._quiet = quiet

    def run(self) -> None:
        """Do what there is to do until nothing is left."""
        try:
            # The digests' own text is ASCII: in a charset of one byte a character it is cut faster.
            rows_of(self._connection, "SET character_set_connection = latin1")
            while (task := self._work.take()) is not None:
                if isinstance(task, int):
                    self._work.done(self._plan(task))
                else:
                    self._read(task)
                    self._work.done()
        except Exception as error:
            # Whatever it is, it must reach the thread that waits.
            self._work.fail(error)

    def _plan(self, number: int) -> list[Piece]:
        """Divide a table, or read it at once where it cannot be divided."""
        info, shape = self._work.tables[number]
        read = self._work.reads[number]
        if not info.columns:
            return []
        names = {column.name for column in info.columns}
        known = all(one.name in names for one in shape.order)
        if shape.kind.has_ranges and known and shape.column in names:
            return self._plan_ranges(number, info, shape)
        if shape.kind is KeyKind.HASHED and known and (shape.order or info.key):
            found = self._buckets(info, shape)
            read.parts += [Part(rows=0, digest=START, bucket=bucket) for bucket in range(BUCKETS)]
        else:
            read.kind = KeyKind.NONE
            found = [self._digest(info, replace(shape, order=()), "", START)]
            read.parts.append(Part(rows=0, digest=START))
        for part, (rows, digest) in enumerate(found):
            self._work.add(number, part, rows, digest)
        return []

    def _plan_ranges(self, number: int, info: TableInfo, shape: Shape) -> list[Piece]:
        assert shape.column is not None  # noqa: S101 (for the type checker: has_ranges)
        column = quoted(shape.column)
        span = self._span(info, column, shape.kind)
        if span is not None:
            # Right after a restore the server's own count of rows is out of date, its look into the index is not.
            seen = self._estimate(info, column, shape.kind, span[0], span[1] + 1)
            info = replace(info, rows=max(info.rows, seen))
        bounds = list(shape.bounds) if shape.bounds is not None else self._bounds(info, column, shape.kind, span)
        self._work.reads[number].parts += [Part(rows=0, digest=START, lower=low, upper=high) for low, high in bounds]
        pieces = []
        # Parts that were divided just now are even: only those of a baseline may have grown since.
        small = shape.bounds is None and info.rows <= len(bounds) * PIECE_ROWS // 2
        for part, (low, high) in enumerate(bounds):
            split = [(low, high)] if small else self._split(info, column, shape.kind, span, low, high)
            pieces.append(Piece(number, part, tuple(key_space.condition(column, *piece) for piece in split)))
        return pieces

    def _span(self, info: TableInfo, column: str, kind: KeyKind) -> tuple[int, int] | None:
        ((least, greatest),) = self._query(f"SELECT MIN({column}), MAX({column}) FROM {info.quoted}", info)  # noqa: S608
        low, high = key_space.to_number(least, kind), key_space.to_number(greatest, kind)
        return (low, high) if low is not None and high is not None else None

    def _bounds(self, info: TableInfo, column: str, kind: KeyKind, span: tuple[int, int] | None) -> list[Bounds]:
        """Return where to divide a table: evenly, and once more just beyond the greatest key that is there."""
        if span is None:
            return [(None, None)]
        wanted, estimate = key_space.parts_wanted(info.rows), partial(self._estimate, info, column, kind)
        ranges = key_space.divide(span[0], span[1] + 1, info.rows, wanted, estimate)
        edges: list[str | None] = [key_space.to_text(low, kind) for low, _ in ranges[1:]]
        with suppress(OverflowError):
            edges.append(key_space.to_text(span[1] + 1, kind))
        return list(zip([None, *edges], [*edges, None], strict=True))

    def _split(
        self,
        info: TableInfo,
        column: str,
        kind: KeyKind,
        span: tuple[int, int] | None,
        low: str | None,
        high: str | None,
    ) -> list[Bounds]:
        """Divide a part into pieces of a size that one statement can take."""
        if info.rows <= PIECE_ROWS or span is None:
            return [(low, high)]
        start = max(span[0], key_space.from_text(low, kind)) if low is not None else span[0]
        end = min(span[1] + 1, key_space.from_text(high, kind)) if high is not None else span[1] + 1
        if end - start < 2:
            return [(low, high)]
        rows = self._estimate(info, column, kind, start, end)
        if rows <= PIECE_ROWS:
            return [(low, high)]
        estimate = partial(self._estimate, info, column, kind)
        cuts = key_space.divide(start, end, rows, -(-rows // PIECE_ROWS), estimate)
        edges: list[str | None] = [key_space.to_text(first, kind) for first, _ in cuts[1:]]
        return list(zip([low, *edges], [*edges, high], strict=True))

    def _estimate(self, info: TableInfo, column: str, kind: KeyKind, low: int, high: int) -> int:
        upper = None
        with suppress(OverflowError):
            upper = key_space.to_text(high, kind)
        where = key_space.condition(column, key_space.to_text(low, kind), upper)
        index = " FORCE INDEX (PRIMARY)" if info.key else ""
        statement = f"EXPLAIN SELECT {column} FROM {info.quoted}{index} WHERE {where}"  # noqa: S608 (quoted)
        ((*_, rows, _),) = self._query(statement, info)
        return int(rows or 0)

    def _read(self, piece: Piece) -> None:
        info, shape = self._work.tables[piece.table]
        digest = START
        for where in piece.wheres:
            self._wait_for_room()
            if self._work.stopped:
                return
            started = time.monotonic()
            rows, digest = self._digest(info, shape, where, digest)
            elapsed = time.monotonic() - started
            self._work.add(piece.table, piece.part, rows, digest)
            if self._pace.share < 1.0:
                self._pause(elapsed * (1.0 - self._pace.share) / self._pace.share)

    def _digest(self, info: TableInfo, shape: Shape, where: str, before: str) -> tuple[int, str]:
        """Return how many rows there are, and their digest with that of the rows before them."""
        ask = partial(self._query, info=info)
        if shape.sums:
            force = bool(info.key)
            rows, total = row_sums.range_digest(ask, info.quoted, info.columns, where=where, force_primary=force)
            return rows, f"{int(before, 16) + total:x}"
        order = ordering(info.columns, shape.order, unique=info.unique)
        return chain(ask, info.indexed_by_key, info.columns, order=order, where=info.where(where), state=before)

    def _buckets(self, info: TableInfo, shape: Shape) -> list[tuple[int, str]]:
        ask = partial(self._query, info=info)
        if shape.sums:
            counted = ask(row_sums.bucket_query(info.quoted, info.columns, info.key))
            found = {int(bucket): (int(rows), f"{int(total):x}") for bucket, rows, total in counted}
            return [found.get(bucket, (0, "0")) for bucket in range(BUCKETS)]
        order = ordering(info.columns, shape.order, unique=info.unique)
        by_name = {column.name: column for column in info.columns}
        key = [by_name[one.name] for one in shape.order]
        return chain_buckets(ask, info.indexed_by_key, info.columns, key, order=order, where=info.where())

    def _query(self, statement: str, info: TableInfo) -> Sequence[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            try:
                cursor.execute(statement)
                rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
                if cursor.warning_count:
                    raise self._warned(cursor, info)
                if not self._quiet:
                    # Gives back the lock on the table's definition; an ALTER TABLE would wait for it, and everybody
                    # else for the ALTER TABLE.
                    cursor.execute(f"ROLLBACK TO SAVEPOINT {SAVEPOINT}")
            except pymysql.err.MySQLError as error:
                raise server_failure(error, f"{info.database}.{info.name}") from error
        return rows

    def _warned(self, cursor: Cursor, info: TableInfo) -> Unverifiable:
        cursor.execute("SHOW WARNINGS LIMIT 1")
        code = int((cursor.fetchone() or ("", 0, ""))[1])
        what = f"Rows of {info.database}.{info.name} could not be digested as they are"
        return Unverifiable("rows-unreadable", what, why=describe_sql_error(code))

    def _wait_for_room(self) -> None:
        if self._pace.max_running is None:
            return
        while not self._work.stopped:
            status = dict(rows_of(self._connection, "SHOW GLOBAL STATUS LIKE 'Threads\\_running'"))
            if int(status.get("Threads_running", 0)) <= self._pace.max_running:
                return
            self._pause(1.0)

    def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        with self._work.lock:
            while not self._work.stopped and (left := end - time.monotonic()) > 0:
                self._work.lock.wait(left)


def _stop_statements(connect: Connect, connections: Sequence[Connection[Any]]) -> None:
    """Stop what the connections run; an account may do so to its own."""
    with suppress(pymysql.err.MySQLError, DrtoolError, OSError):
        helper = connect()
        try:
            for connection in connections:
                with suppress(pymysql.err.MySQLError):
                    rows_of(helper, f"KILL QUERY {connection.thread_id()}")  # type: ignore[no-untyped-call]
        finally:
            helper._force_close()  # type: ignore[attr-defined]
