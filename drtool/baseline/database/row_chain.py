"""Digests of rows in an order: each row is hashed together with the digest of all that came before it.

Two lists of rows have one digest only where SHA-256 collides, whoever chose the rows; a sum of digests that anybody can
reckon is met by choosing rows (of 64 bits in seconds). The order is that of the primary key, in which the rows lie; a
table without one is sorted by its rows' own digests, which takes three times as long.

The digest so far goes from row to row in a user variable. That the server sets it once a row, in order, holds since it
fills the derived table row by row, and the limit keeps it from dropping the order. It goes on from statement to
statement, so that where a part is cut into pieces makes no difference.

Texts sort by a collation, and the default of one character set changed between series: the baseline names it, and a
column that has another one now is sorted by that of the baseline. UUIDs sort as text, since their own order changed,
and a FLOAT by its six digits: of two that differ in more, a dump makes one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from drtool.baseline.database.model import KeyColumn, unreadable
from drtool.baseline.database.row_text import BUCKETS, Ask, Column, bucket_of, row_text
from drtool.mariadb.sql import quoted

START = "0" * 64
"""The digest of no row."""

_COLLATION = re.compile(r"[a-z0-9]+_[a-z0-9_]+")
_ALL = "LIMIT 18446744073709551615"


def ordering(columns: Sequence[Column], key: Sequence[KeyColumn], *, unique: bool) -> str:
    """Return the order of a table's rows as SQL.

    Args:
        columns: the table's; those of the key are among them.
        key: the key, as the baseline has it; empty where there is none.
        unique: whether no two rows have the same key.

    Raises:
        Unverifiable: the baseline names a collation as none can be called.
    """
    by_name = {column.name: column for column in columns}
    terms = [_term(by_name[one.name], one.collation) for one in key]
    return ",".join(terms if unique and terms else [*terms, f"UNHEX(SHA2({row_text(columns)},256))"])


def chain(
    ask: Ask, table: str, columns: Sequence[Column], *, order: str, where: str = "", state: str = START
) -> tuple[int, str]:
    """Return how many rows there are, and their digest.

    Args:
        ask: runs a statement on the server, always in the same session.
        table: what to read from, as it stands in a statement.
        columns: what the digest covers.
        order: the order of the rows.
        where: which rows, or nothing for all.
        state: the digest of the rows before them.
    """
    ask(f"SET @drtool = '{state}'")
    filtered = f" WHERE {where}" if where else ""
    ((rows,),) = ask(
        f"SELECT SQL_NO_CACHE COUNT(*) FROM (SELECT LENGTH(@drtool := {_hashed('@drtool', columns)}) "  # noqa: S608 (quoted)
        f"FROM {table}{filtered} ORDER BY {order} {_ALL}) AS d"
    )
    return int(rows), _result(ask)


def chain_buckets(
    ask: Ask, table: str, columns: Sequence[Column], key: Sequence[Column], *, order: str, where: str = ""
) -> list[tuple[int, str]]:
    """Return rows and digest of each bucket, by its number; one reading keeps the digests of all of them side by side.

    `key` is what the bucket of a row is told by; the other arguments are those of `chain`.
    """
    ask(f"SET @drtool = CAST('{START * BUCKETS}' AS BINARY)")
    filtered = f" WHERE {where}" if where else ""
    place = f"{bucket_of(key)} * {len(START)} + 1"
    at = quoted(max((column.name for column in columns), key=len) + "_")  # by a column of that name it would be sorted
    hashed = _hashed(f"SUBSTR(@drtool,@drtool_at,{len(START)})", columns)
    counted = ask(
        f"SELECT SQL_NO_CACHE {at}, COUNT(*) FROM (SELECT @drtool_at := {place} AS {at}, "  # noqa: S608 (quoted)
        f"LENGTH(@drtool := INSERT(@drtool,@drtool_at,{len(START)},{hashed})) "
        f"FROM {table}{filtered} ORDER BY {order} {_ALL}) AS d GROUP BY {at} ORDER BY NULL"
    )
    rows = {int(number) - 1: int(count) for number, count in counted}
    states = _result(ask)
    places = range(0, BUCKETS * len(START), len(START))
    return [(rows.get(one, 0), states[one : one + len(START)]) for one in places]


def _hashed(before: str, columns: Sequence[Column]) -> str:
    # Bytes have the last word: nothing is converted from one character set to another.
    return f"SHA2(CONCAT(CAST('' AS BINARY),{before},{row_text(columns)}),256)"


def _result(ask: Ask) -> str:
    ((state,),) = ask("SELECT @drtool")
    return state.decode("ascii") if isinstance(state, bytes) else str(state)


def _term(column: Column, collation: str | None) -> str:
    name = quoted(column.name)
    if column.type == "uuid":
        return f"CAST({name} AS CHAR)"
    if column.type == "float":
        return f"CONCAT({name})+0e0"
    if not collation or not column.collation or _plain(collation) == _plain(column.collation):
        return name
    if not _COLLATION.fullmatch(collation):
        raise unreadable("a collation in it is called as none can be")
    return f"CONVERT({name} USING {collation.partition('_')[0]}) COLLATE {collation}"


def _plain(collation: str) -> str:
    return re.sub(r"^utf8(?=_)", "utf8mb3", collation.lower())
