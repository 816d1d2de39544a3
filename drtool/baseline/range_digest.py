"""The digests of a table's rows, all or a range of them, whichever server it is on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from drtool.baseline import row_text
from drtool.baseline.row_text import Column

Ask = Callable[[str], "Sequence[tuple[Any, ...]]"]
"""Runs a statement and returns its rows."""


def range_digest(
    ask: Ask, table: str, columns: Sequence[Column], *, where: str, force_primary: bool
) -> tuple[int, int]:
    """Return how many rows a range has, and the sum of their digests.

    Args:
        ask: runs a statement on the server.
        table: the table's name, quoted and qualified.
        columns: what the digests cover.
        where: the range, or nothing for all rows.
        force_primary: read along the primary key.
    """
    (found,) = ask(row_text.part_query(table, columns, where=where, force_primary=force_primary))
    if int(found[0]) >= row_text.PART_ROWS:
        # The estimate that divided the table was far off, or somebody put very many rows there.
        (found,) = ask(row_text.any_size_query(table, columns, where=where, force_primary=force_primary, exact=True))
    return _joined(*found)


def whole_digest(ask: Ask, table: str, columns: Sequence[Column], *, rows: int) -> tuple[int, int]:
    """Return the same of a whole table that cannot be divided; `rows` is about how many it has."""
    exact = rows > row_text.PART_ROWS
    (found,) = ask(row_text.any_size_query(table, columns, exact=exact))
    if not exact and int(found[0]) >= row_text.PART_ROWS:
        (found,) = ask(row_text.any_size_query(table, columns, exact=True))
    return _joined(*found)


def bucket_digests(
    ask: Ask, table: str, columns: Sequence[Column], key: Sequence[Column]
) -> Iterator[tuple[int, int, int]]:
    """Yield bucket, number of rows and sum of digests of a table that is divided by the digests of its keys."""
    found = ask(row_text.bucket_query(table, columns, key, exact=False))
    if any(int(rows) >= row_text.PART_ROWS for _, rows, _, _ in found):
        found = ask(row_text.bucket_query(table, columns, key, exact=True))
    for bucket, *sums in found:
        yield (int(bucket), *_joined(*sums))


def _joined(rows: Any, upper: Any, lower: Any) -> tuple[int, int]:
    return int(rows), (int(upper) << 32) + int(lower)
