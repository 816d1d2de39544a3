"""The server's own tables where a folder of mydumper's brings them, as a run without a filter does.

What the folder brings is in the way then: every server has tables of these names already, and mydumper's files do not
drop them. `myloader --overwrite-tables` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pymysql
from pymysql.connections import Connection

from drtool.amounts import listed
from drtool.backups.folder_plan import Folder
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from drtool.mariadb.sql import quoted, rows_of

Columns = Mapping[str, frozenset[tuple[str, str]]]
"""Of tables of the database `mysql`, by their names: each column with its type."""

_OWN = {"mysql", "sys"}
_COLUMNS = (
    "SELECT table_name, column_name, column_type FROM information_schema.columns JOIN information_schema.tables "
    "USING (table_schema, table_name) WHERE table_schema = 'mysql' AND table_type = 'BASE TABLE'"
)


def make_room(connection: Connection[Any], folder: Folder) -> Columns:
    """Drop those of the server's own tables and views that a folder brings, and return what those were made of."""
    brought = {load.of for load in folder.definitions if load.of and load.of[0] in _OWN and load.of[1]}
    if not brought:
        return {}
    before = _columns(connection)
    asked = "SELECT table_schema, table_name, table_type FROM information_schema.tables"
    for database, table, kind in rows_of(connection, asked):
        if (database, table) in brought:
            what = "VIEW" if str(kind).endswith("VIEW") else "TABLE"
            with suppress(pymysql.err.MySQLError):  # the load says what was in the way
                rows_of(connection, f"DROP {what} {quoted(database)}.{quoted(table)}")
    return {table: columns for table, columns in before.items() if ("mysql", table) in brought}


def of_another_series(
    connection: Connection[Any], before: Columns, version: str, asked: str | None
) -> DrtoolError | None:
    """Return that the system tables that came are not made as those of this server were.

    Args:
        connection: to the server, with the tables that came.
        before: what its own were made of.
        version: of the server.
        asked: the series that the scenario asks for, if it does.
    """
    after = _columns(connection)
    differ = sorted(table for table, columns in before.items() if after.get(table, columns) != columns)
    if not differ:
        return None
    what = f"The folder brings system tables of another series than MariaDB {version}, and does not say of which"
    why = f"other columns than this server's have {listed([f'mysql.{table}' for table in differ])}"
    if asked:
        return RestoreFailed("system-tables-differ", what, why=why)
    mend = (
        "Say which series it was dumped from (version=, --into, --image), or dump without the databases mysql and sys"
    )
    return Unverifiable("system-tables-of-another-series", what, why=why, mend=mend)


def _columns(connection: Connection[Any]) -> dict[str, frozenset[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for table, column, kind in rows_of(connection, _COLUMNS):
        found.setdefault(str(table), set()).add((str(column), str(kind)))
    return {table: frozenset(columns) for table, columns in found.items()}
