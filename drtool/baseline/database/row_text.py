"""The SQL that turns a row into text, a text into a digest, and many digests into one sum.

**Text.** Numbers as the server writes them and a comma; times as the server writes them, which have a fixed length;
texts and bytes as their length, a comma and the bytes as stored, or their SHA-256 where they are longer than 65,535
bytes, since a text longer than `max_allowed_packet` would become NULL; NULL as `N`. No number, time or length begins
with `N`. BINARY(n) has a fixed length, and the last text needs none, since it goes on to the end: it is moved there,
and says first whether it is NULL. So no two different rows have the same text. Each length that is left out saves 30 ns
a row. A DOUBLE enters by its eight bytes (twice as fast as its digits, and exact; -0 as 0, as which a dump restores
it), a FLOAT by its six digits, which is what a dump keeps of it. Generated columns are left out: they are derived, and
a dump does not hold them.

**Digest.** 64 bits of SHA-256. To cut them out of the hexadecimal text that `SHA2` returns, `CONV` takes as long as
the hashing (170 ns a row); `CRC32` takes 10 ns and spreads what is uniform already, but needs the hash twice: from a
derived table where a part of a table is read, which is fastest, from a user variable elsewhere. SHA-256 cost 5 % more
than SHA-1 over all, MD5 60 % more, and CRC32 alone is linear: swapped values would pass.

**Sum.** Digests are added, not XORed: equal rows do not cancel, and the order of rows does not matter. The session
must be in UTC and have `latin1` as its connection's character set; nothing else about it matters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from drtool.mariadb.sql import quoted

BUCKETS = 64
"""Into how many buckets a table is divided whose key is neither a number nor a time."""

_NUMBERS = {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "year", "time"}
_MOMENTS = {"date", "datetime", "timestamp"}
_TEXTS = {"char", "varchar", "tinytext", "text", "binary", "varbinary", "tinyblob", "blob", "enum", "set"}
_HUGE = {"mediumtext", "longtext", "mediumblob", "longblob", "json"}
_LONGEST_BYTES = 65_535
# A text in one of these can stand beside digits without conversion: the bytes stay as they are stored.
_ASCII_COMPATIBLE = {"utf8mb4", "utf8mb3", "utf8", "latin1", "ascii"}
PART_ROWS = 2**21
"""From how many rows on sums of 32 bits may not be exact as DOUBLE: 2 ** 21 times 2 ** 32 are 2 ** 53."""


Ask = Callable[[str], "Sequence[tuple[Any, ...]]"]
"""Runs a statement and returns its rows."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column, as far as its values' text goes.

    Attributes:
        name: its name.
        type: `DATA_TYPE` of information_schema.
        nullable: whether NULL can be in it.
        charset: the character set of a text, None for the others.
        collation: the collation of a text.
    """

    name: str
    type: str
    nullable: bool
    charset: str | None = None
    collation: str | None = None


def row_text(columns: Sequence[Column]) -> str:
    """Return the SQL expression for a row's text; `columns` must not be empty."""
    # One text can do without its length, unless it may stand there by its digest.
    last = next((column for column in reversed(columns) if column.type in _TEXTS), None)
    parts = [part for column in columns if column is not last for part in _value(column)]
    if last is not None:
        name = quoted(last.name)
        parts += [f"{name} IS NULL", f"IFNULL({_stored(last)},'')"] if last.nullable else [_stored(last)]
    if parts[-1] == "','":
        parts.pop()  # nothing follows that it could be told apart from
    if len({column.charset for column in columns if column.charset}) > 1:
        # Bytes beside texts have the last word: nothing is converted from one character set to another. To cast
        # each text instead would cost 30 ns a value.
        parts.insert(0, "CAST('' AS BINARY)")
    return f"CONCAT({','.join(parts)})"


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


def bucket_of(key: Sequence[Column]) -> str:
    """Return the SQL expression for the bucket of a row, by its key."""
    return f"CRC32({row_text(key)}) % {BUCKETS}"


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


def _value(column: Column) -> list[str]:
    name = quoted(column.name)
    match column.type:
        case kind if kind in _NUMBERS:
            # The comma comes last, also after a NULL: one function fewer a value.
            return [f"IFNULL({name},'N')" if column.nullable else name, "','"]
        case kind if kind in _MOMENTS:
            return [f"IFNULL({name},'N')" if column.nullable else name]
        case "binary" if not column.nullable:
            return [name]
        case "double":
            # The cast gives the bytes the last word: a text beside them would have them converted to its charset.
            return _maybe_null(column, [f"CAST(COLUMN_CREATE(1,{name}+0e0) AS BINARY)"])
        case "float":
            return _maybe_null(column, [f"CASE WHEN {name}=0 THEN '0' ELSE CONCAT({name}) END", "','"])
        case "uuid" | "inet4" | "inet6":
            return _maybe_null(column, [name, "','"])
        case "bit":
            return _maybe_null(column, [f"CAST({name} AS UNSIGNED)", "','"])
        case _ if column.nullable:
            return [f"IFNULL(LENGTH({name}),'N')", "','", f"IFNULL({_stored(column)},'')"]
        case _:
            return [f"LENGTH({name})", "','", _stored(column)]


def _stored(column: Column) -> str:
    """Return the expression for a text's bytes as stored, or for their digest where there are very many."""
    name = quoted(column.name)
    plain = column.charset is None or column.charset in _ASCII_COMPATIBLE
    value = name if plain else f"CAST({name} AS BINARY)"
    return f"IF(LENGTH({name})>{_LONGEST_BYTES},SHA2({name},256),{value})" if column.type in _HUGE else value


def _maybe_null(column: Column, parts: list[str]) -> list[str]:
    if not column.nullable:
        return parts
    joined = ",".join(parts)
    return [f"IFNULL({joined if len(parts) == 1 else f'CONCAT({joined})'},'N')"]


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
