"""Narrows a difference down to single rows, where both sides can still be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import SSCursor

from drtool.baseline.database import key_space, row_text
from drtool.baseline.database.compare_database import DifferingRows, TableDifference, difference_of
from drtool.baseline.database.compare_objects import Difference
from drtool.baseline.database.live import server_failure
from drtool.baseline.database.model import KeyColumn, KeyKind
from drtool.baseline.database.row_chain import chain, ordering
from drtool.baseline.database.row_text import Column
from drtool.mariadb.sql import quoted, rows_of

_ROWS_AT_ONCE = 2_000
_LEAVES_AT_MOST = 200
"""How many ranges of single rows are looked at in one table, so that a table of which all differs takes no longer."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two servers: a connection in a snapshot, and the table as it is called there (quoted)."""

    connection: Connection[Any]
    table: str


@dataclass(frozen=True)
class _Row:
    """A row by digests: of its key, and of all of it; `place` is its leading key, where that is a number or a time."""

    key: bytes
    digest: bytes
    place: int | None


def localise(
    before: Side,
    after: Side,
    found: TableDifference,
    *,
    kind: KeyKind,
    columns: Sequence[Column],
    key: Sequence[Column],
) -> TableDifference:
    """Narrow a table's difference down to rows, by halving ranges until both sides can be compared row by row.

    Args:
        before: the side that tells what should be there.
        after: the side that is looked at.
        found: the difference by ranges.
        kind: how the table is divided.
        columns: what the digests cover.
        key: the primary key.

    Returns:
        The difference with exact numbers and places; as it was where the table has no key, or too much differs.

    Raises:
        Unverifiable: one of the servers gave out.
    """
    if not key or kind is KeyKind.NONE:
        return found
    search = _Search(before, after, kind, columns, key)
    try:
        places = [place for one in found.places for place in search.within(one)]
    except pymysql.err.MySQLError as error:
        raise server_failure(error, found.table) from error
    return found if search.gave_up else difference_of(found.table, places, exact=True)


class _Search:
    def __init__(
        self, before: Side, after: Side, kind: KeyKind, columns: Sequence[Column], key: Sequence[Column]
    ) -> None:
        self._sides = (before, after)
        self._kind = kind
        self._columns = columns
        self._key = key
        order = [KeyColumn(name=one.name, collation=one.collation) for one in key]
        self._order = ordering(columns, order, unique=True)
        self._leaves = 0
        self.gave_up = False

    def within(self, place: DifferingRows) -> Iterator[DifferingRows]:
        """Yield the places of single rows inside a place."""
        if self._kind is KeyKind.HASHED:
            where = f"{row_text.bucket_of(self._key)} = {place.bucket}" if place.bucket is not None else ""
            one = DifferingRows(difference=place.difference, rows=1, bucket=place.bucket)
            yield from self._row_by_row(where, lambda _: one)
            return
        lower, upper = self._ends(place)
        if lower is not None and upper is not None:
            yield from self._halve(lower, upper)

    def _ends(self, place: DifferingRows) -> tuple[int | None, int | None]:
        column = quoted(self._key[0].name)
        known = []
        for side in self._sides:
            (span,) = rows_of(side.connection, f"SELECT MIN({column}), MAX({column}) FROM {side.table}")  # noqa: S608
            known += [one for value in span if (one := key_space.to_number(value, self._kind)) is not None]
        if not known:
            return None, None
        lower = key_space.from_text(place.lower, self._kind) if place.lower is not None else min(known)
        upper = key_space.from_text(place.upper, self._kind) if place.upper is not None else max(known) + 1
        return lower, upper

    def _halve(self, lower: int, upper: int) -> Iterator[DifferingRows]:
        if self.gave_up or upper <= lower:
            return
        where = self._range(lower, upper)
        was, now = (self._digest(side, where) for side in self._sides)
        if was == now:
            return
        if max(was[0], now[0]) <= _ROWS_AT_ONCE or upper - lower == 1:
            yield from self._row_by_row(where, self._at)
            return
        middle = (lower + upper) // 2
        yield from self._halve(lower, middle)
        yield from self._halve(middle, upper)

    def _at(self, number: int | None) -> DifferingRows:
        assert number is not None  # noqa: S101 (tables divided by ranges have one)
        return DifferingRows(
            difference=Difference.CHANGED,
            rows=1,
            column=self._key[0].name,
            lower=key_space.to_text(number, self._kind),
            upper=key_space.to_text(number + 1, self._kind),
        )

    def _row_by_row(self, where: str, place: Callable[[int | None], DifferingRows]) -> Iterator[DifferingRows]:
        self._leaves += 1
        if self._leaves > _LEAVES_AT_MOST:
            self.gave_up = True
            return
        was, now = ({row.key: row for row in self._rows(side, where)} for side in self._sides)
        for key in sorted(was.keys() | now.keys(), key=lambda one: ((was.get(one) or now[one]).place or 0, one)):
            old, new = was.get(key), now.get(key)
            if old is None or new is None or old.digest != new.digest:
                found = place((old or new).place)  # type: ignore[union-attr]
                how = Difference.EXTRA if old is None else Difference.MISSING if new is None else Difference.CHANGED
                yield replace(found, difference=how, rows=1)

    def _rows(self, side: Side, where: str) -> Iterator[_Row]:
        leading = quoted(self._key[0].name) if self._kind.has_ranges else "NULL"
        statement = (
            f"SELECT {_sha256(self._key)}, {_sha256(self._columns)}, {leading} "  # noqa: S608 (quoted)
            f"FROM {side.table}" + (f" WHERE {where}" if where else "")
        )
        with side.connection.cursor(SSCursor) as cursor:
            cursor.execute(statement)
            for key, digest, value in cursor:
                yield _Row(key, digest, key_space.to_number(value, self._kind))

    def _digest(self, side: Side, where: str) -> tuple[int, str]:
        ask = partial(rows_of, side.connection)
        table = f"{side.table} FORCE INDEX (PRIMARY)"
        return chain(ask, table, self._columns, order=self._order, where=where)

    def _range(self, lower: int, upper: int) -> str:
        low, high = key_space.to_text(lower, self._kind), key_space.to_text(upper, self._kind)
        return key_space.condition(quoted(self._key[0].name), low, high)


def _sha256(columns: Sequence[Column]) -> str:
    return f"UNHEX(SHA2({row_text.row_text(columns)},256))"
