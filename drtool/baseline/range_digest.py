"""The digest of a range of a table's rows, whichever server it is on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    ((rows, upper, lower),) = ask(row_text.part_query(table, columns, where=where, force_primary=force_primary))
    if int(rows) < row_text.PART_ROWS:
        return int(rows), (int(upper) << 32) + int(lower)
    # The estimate that divided the table was far off, or somebody put very many rows there.
    ((rows, total),) = ask(row_text.any_size_query(table, columns, where=where, force_primary=force_primary))
    return int(rows), int(total)
