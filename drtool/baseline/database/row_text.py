"""The SQL that turns a row into text.

Numbers as the server writes them and a comma; times as the server writes them, which have a fixed length;
texts and bytes as their length, a comma and the bytes as stored, or their SHA-256 where they are longer than 65,535
bytes, since a text longer than `max_allowed_packet` would become NULL; NULL as `N`. No number, time or length begins
with `N`. BINARY(n) has a fixed length, and the last text needs none, since it goes on to the end: it is moved there,
and says first whether it is NULL. So no two different rows have the same text. Each length that is left out saves 30 ns
a row. A DOUBLE enters by its eight bytes (twice as fast as its digits, and exact; -0 as 0, as which a dump restores
it), a FLOAT by its six digits, which is what a dump keeps of it. Generated columns are left out: they are derived, and
a dump does not hold them.

The session must be in UTC and have `latin1` as its connection's character set; nothing else about it matters.
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


def bucket_of(key: Sequence[Column]) -> str:
    """Return the SQL expression for the bucket of a row, by its key."""
    return f"CRC32({row_text(key)}) % {BUCKETS}"


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
