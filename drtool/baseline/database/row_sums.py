"""Sums of digests, by which baselines of the first version are compared.

**Digest.** 64 bits of SHA-256. To cut them out of the hexadecimal text that `SHA2` returns, `CONV` takes as long as
the hashing (170 ns a row); `CRC32` takes 10 ns and spreads what is uniform already, but needs the hash twice: from a
derived table where a part of a table is read, which is fastest, from a user variable elsewhere. SHA-256 cost 5 % more
than SHA-1 over all, MD5 60 % more, and CRC32 alone is linear: swapped values would pass.

**Sum.** Digests are added, not XORed: equal rows do not cancel, and the order of rows does not matter. The session
must be in UTC and have `latin1` as its connection's character set; nothing else about it matters.
"""

from __future__ import annotations

from collections.abc import Sequence

from drtool.baseline.database.row_text import Ask, Column, bucket_of, row_text

PART_ROWS = 2**21
"""From how many rows on sums of 32 bits may not be exact as DOUBLE: 2 ** 21 times 2 ** 32 are 2 ** 53."""


def part_query(table: str, columns: Sequence[Column], *, where: str, force_primary: bool) -> str:
    """Return a query for the digests of a part of a table: count, sum of the upper and sum of the lower 32 bits.

    The derived table keeps the server from hashing each row twice. It is held in memory (a hundred thousand rows take
    8 MB), so it stops at `PART_ROWS`; up to there, sums of 32 bits are exact as DOUBLE, which the server adds in half
    the time that it takes for whole numbers (those it adds as DECIMAL).

    Args:
        table: the table's name, quoted and qualified.
        columns: what the digests cover.
        where: a condition, or nothing.
        force_primary: read along the primary key.
    """
    return (
        "SELECT SQL_NO_CACHE COUNT(*), COALESCE(SUM(CRC32(h) + 0e0), 0), COALESCE(SUM(CRC32(LEFT(h, 20)) + 0e0), 0) "  # noqa: S608 (quoted)
        f"FROM (SELECT SHA2({row_text(columns)}, 256) AS h {_rows(table, where, force_primary=force_primary)} "
        f"LIMIT {PART_ROWS}) AS d"
    )


def any_size_query(table: str, columns: Sequence[Column], *, where: str = "", force_primary: bool = False) -> str:
    """Return a query for count and sum of digests of however many rows; the arguments are those of `part_query`."""
    return (
        f"SELECT SQL_NO_CACHE COUNT(*), COALESCE(SUM({row_digest(columns)}), 0) "
        f"{_rows(table, where, force_primary=force_primary)}"
    )


def bucket_query(table: str, columns: Sequence[Column], key: Sequence[Column]) -> str:
    """Return a query for bucket, count and sum of digests, a row a bucket."""
    return (
        f"SELECT SQL_NO_CACHE {bucket_of(key)} AS b, COUNT(*), COALESCE(SUM({row_digest(columns)}), 0) "  # noqa: S608 (quoted)
        f"FROM {table} GROUP BY b ORDER BY NULL"
    )


def row_digest(columns: Sequence[Column]) -> str:
    """Return the SQL expression for one row's digest as a number.

    It sets a user variable and reads it. That this happens from left to right within one expression holds for all
    versions but is not promised (between two aggregates of a query it does not hold), so the tests hold it against
    `part_query` on each.
    """
    return f"CRC32(@drtool := SHA2({row_text(columns)}, 256)) << 32 | CRC32(LEFT(@drtool, 20))"


def _rows(table: str, where: str, *, force_primary: bool) -> str:
    index = " FORCE INDEX (PRIMARY)" if force_primary else ""
    return f"FROM {table}{index}{f' WHERE {where}' if where else ''}"


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
    ((rows, upper, lower),) = ask(part_query(table, columns, where=where, force_primary=force_primary))
    if int(rows) < PART_ROWS:
        return int(rows), (int(upper) << 32) + int(lower)
    # The estimate that divided the table was far off, or somebody put very many rows there.
    ((rows, total),) = ask(any_size_query(table, columns, where=where, force_primary=force_primary))
    return int(rows), int(total)
