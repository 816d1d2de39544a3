"""Which columns the server's warnings may be of: they name a column, and not its table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import pymysql
from pymysql.constants import ER

from drtool.mariadb.sql import quoted, rows_of, value_of
from drtool.restore.promises import Named, PromisedTable
from drtool.sandbox.server import Server

Warned = tuple[int, str]
"""The number of a warning, and the column that it names."""

_COLUMNS = (
    "SELECT table_schema, table_name, column_name, data_type = 'enum', is_generated = 'ALWAYS', "
    "character_set_name IS NOT NULL, character_maximum_length IS NOT NULL "
    "FROM information_schema.columns WHERE column_name IN %s"
)


@dataclass(frozen=True, kw_only=True)
class _Column:
    database: str
    table: str
    name: str
    is_enum: bool
    is_generated: bool
    is_text: bool
    has_length: bool
    """Whether it holds texts or bytes, also those of an ENUM or a SET, which have a length and no range."""

    def warns(self, code: int) -> bool:
        """Tell whether the server may give this warning of what is written to it."""
        return code != ER.WARN_DATA_OUT_OF_RANGE or not self.has_length


def that_mean_nothing(
    server: Server, tables: Mapping[Named, PromisedTable], warnings: Mapping[Warned, int]
) -> set[Warned]:
    """Return the warnings that come though nothing changes.

    They come of columns that are generated, which the server reckons itself, and of an ENUM that holds the empty text
    for what it once could not hold. Where another column that the dump fills is called alike, it counts where it may
    give that warning at all: no text is out of range. Those that may be of either are taken for the ENUM's where there
    are no more of them than it has such rows.

    Args:
        server: what was loaded into.
        tables: that were filled there.
        warnings: how often each came.
    """
    nothing: set[Warned] = set()
    called = _by_name(server, tables, {name for _, name in warnings})
    for (code, name), times in warnings.items():
        alike = [one for one in called[name.lower()] if one.warns(code)]
        if alike and all(one.is_generated for one in alike):
            nothing.add((code, name))
        elif code == ER.WARN_DATA_TRUNCATED and (enums := [one for one in alike if one.is_enum]):
            alone = all(one.is_enum or one.is_generated for one in alike)
            if alone or times <= sum(_rows_of_nothing(server, one) for one in enums):
                nothing.add((code, name))
    return nothing


def of_texts(server: Server, tables: Mapping[Named, PromisedTable], names: Iterable[str]) -> set[str]:
    """Return which of these names are those of columns that have a character set, of tables that were filled."""
    asked = set(names)
    called = _by_name(server, tables, asked)
    return {name for name in asked if any(one.is_text for one in called[name.lower()])}


def _by_name(
    server: Server, tables: Mapping[Named, PromisedTable], names: Iterable[str]
) -> defaultdict[str, list[_Column]]:
    """Return the columns of filled tables that are called so, in small letters."""
    called: defaultdict[str, list[_Column]] = defaultdict(list)
    filled = {(database.lower(), table.lower()) for (database, table), one in tables.items() if one.filled}
    if not (asked := sorted(set(names) - {""})) or not filled:
        return called
    for database, table, name, is_enum, is_generated, is_text, has_length in rows_of(
        server.standing(), _COLUMNS, (asked,)
    ):
        if (str(database).lower(), str(table).lower()) in filled:
            called[str(name).lower()].append(
                _Column(
                    database=str(database),
                    table=str(table),
                    name=str(name),
                    is_enum=bool(is_enum),
                    is_generated=bool(is_generated),
                    is_text=bool(is_text),
                    has_length=bool(has_length),
                )
            )
    return called


def _rows_of_nothing(server: Server, column: _Column) -> int:
    """Return how many rows have the empty text in an ENUM, which stands there for what it could not hold."""
    asked = f"SELECT COUNT(*) FROM {quoted(column.database)}.{quoted(column.table)} WHERE {quoted(column.name)} = 0"  # noqa: S608
    with suppress(pymysql.err.MySQLError):
        return int(value_of(server.standing(), asked))
    return 0
