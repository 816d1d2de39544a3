"""The values of a leading key column as integers, and how their span is divided into ranges of about as many rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise

from drtool.baseline.database.model import KeyKind
from drtool.baseline.database.row_text import Column

MOST_PARTS = 256
"""How many parts a table has at most in a baseline."""

_INTEGERS = {"tinyint", "smallint", "mediumint", "int", "bigint", "year"}
_TIMES = {"date": KeyKind.DATE, "datetime": KeyKind.DATETIME, "timestamp": KeyKind.TIMESTAMP}
_MICROSECOND = timedelta(microseconds=1)
_YEAR_1 = datetime(1, 1, 1)  # noqa: DTZ001 (a DATETIME has no zone, a TIMESTAMP is UTC in our sessions)
_SECTIONS = 16
_UNEVEN = 3.0
_DEPTH = 16  # sixteenths of sixteenths: enough to find a cluster anywhere among 64 bits

Estimate = Callable[[int, int], int]
"""Tells about how many rows have a key from the first number (included) to the second (not included)."""


def key_kind(column: Column | None) -> KeyKind:
    """Return how a table is divided whose primary key begins with `column`; None where it has no primary key."""
    if column is None:
        return KeyKind.NONE
    return KeyKind.INTEGER if column.type in _INTEGERS else _TIMES.get(column.type, KeyKind.HASHED)


def to_number(value: object, kind: KeyKind) -> int | None:
    """Return a key's value as an integer, or None where it is no proper one (such as the date 0000-00-00).

    A DATE counts days, the other times count microseconds, both since the year 1.
    """
    match kind, value:
        case KeyKind.INTEGER, int():
            return value
        case KeyKind.DATE, date():
            return value.toordinal()
        case ((KeyKind.DATETIME | KeyKind.TIMESTAMP), datetime()):
            return (value - _YEAR_1) // _MICROSECOND
        case _:
            return None


def to_text(number: int, kind: KeyKind) -> str:
    """Return a bound as a person would write it, which is also how it stands in a statement.

    Raises:
        OverflowError: it lies beyond the times that there are.
    """
    if kind is KeyKind.INTEGER:
        return str(number)
    if kind is KeyKind.DATE:
        try:
            return date.fromordinal(number).isoformat()
        except ValueError as error:
            raise OverflowError from error
    return (_YEAR_1 + timedelta(microseconds=number)).isoformat(" ")


def from_text(text: str, kind: KeyKind) -> int:
    """Return a bound as an integer.

    Raises:
        ValueError: it is none.
    """
    if kind is KeyKind.INTEGER:
        return int(text)
    if kind is KeyKind.DATE:
        return date.fromisoformat(text).toordinal()
    return (datetime.fromisoformat(text) - _YEAR_1) // _MICROSECOND


def condition(column: str, low: str | None, high: str | None) -> str:
    """Return the condition of SQL that a column (quoted) lies between bounds, as `to_text` gives them; None is open."""
    bounds = [f"{column} >= {_literal(low)}"] if low is not None else []
    bounds += [f"{column} < {_literal(high)}"] if high is not None else []
    return " AND ".join(bounds)


def _literal(bound: str) -> str:
    return bound if bound.lstrip("-").isdigit() else f"'{bound}'"


def parts_wanted(rows: int) -> int:
    """Return into how many parts a table of about so many rows is best divided.

    Finer parts tell better where a difference is; each costs a statement of a millisecond or so.
    """
    return max(1, min(MOST_PARTS, max(rows // 50_000, min(16, rows // 2_000))))


def divide(lower: int, upper: int, rows: int, wanted: int, estimate: Estimate) -> list[tuple[int, int]]:
    """Divide the keys from `lower` (included) to `upper` (not included) into `MOST_PARTS` ranges or fewer.

    Keys that lie close together are divided more finely than those that are spread out, so that each range has
    about `rows / wanted` rows.
    """
    ranges = _cut(lower, upper, rows, max(1, rows // max(1, wanted)), estimate, _DEPTH)
    while len(ranges) > MOST_PARTS:
        joined = [(first[0], second[1]) for first, second in zip(ranges[::2], ranges[1::2], strict=False)]
        ranges = joined + (ranges[-1:] if len(ranges) % 2 else [])
    return ranges


def _cut(lower: int, upper: int, rows: int, target: int, estimate: Estimate, depth: int) -> list[tuple[int, int]]:
    if rows <= target or upper - lower < 2:
        return [(lower, upper)]
    sections = _evenly(lower, upper, _SECTIONS)
    counts = [estimate(*section) for section in sections]
    mean = max(1.0, sum(counts) / len(counts))
    if depth == 0 or max(counts) <= _UNEVEN * mean:
        return _evenly(lower, upper, -(-rows // target))
    ranges: list[tuple[int, int]] = []
    pending: tuple[int, int, int] | None = None
    for (start, end), count in zip(sections, counts, strict=True):
        # Sections that hold little are joined: a range of no rows would only lengthen the list.
        joined = (pending[0], end, pending[2] + count) if pending else (start, end, count)
        if joined[2] < target // 2:
            pending = joined
            continue
        if pending and count > target:
            ranges += [(pending[0], start), *_cut(start, end, count, target, estimate, depth - 1)]
        else:
            ranges += _cut(joined[0], end, joined[2], target, estimate, depth - 1)
        pending = None
    return [*ranges, (pending[0], upper)] if pending else ranges


def _evenly(lower: int, upper: int, count: int) -> list[tuple[int, int]]:
    edges = [lower + (upper - lower) * number // count for number in range(count + 1)]
    return [(start, end) for start, end in pairwise(edges) if end > start]
