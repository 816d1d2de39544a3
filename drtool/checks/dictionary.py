"""Whether every table that InnoDB has is one of the server's: a physical backup may have lost a table's definition."""

from __future__ import annotations

import re
from typing import Any

from pymysql.connections import Connection

from drtool.checks.sql import Answer, counted
from drtool.mariadb.innodb import database_of, table_of
from drtool.mariadb.selection import Selection
from drtool.mariadb.sql import rows_of

# What begins with a # is half of an ALTER TABLE that was cut short, and gone with the next start; what has no slash is
# the dictionary's own.
_OF_INNODB = (
    f"SELECT DISTINCT {database_of('name')}, {table_of('name')} FROM information_schema.innodb_sys_tables "  # noqa: S608
    "WHERE name LIKE '%/%' AND name NOT LIKE '%/#%'"
)
_OF_SERVER = "SELECT table_schema, table_name FROM information_schema.tables"
# What a full-text index is kept in (storage/innobase/fts/fts0sql.cc).
_FULL_TEXT = re.compile(r"FTS_[0-9a-f]{16}_(?:[0-9a-f]{16}_)?[A-Z]+(?:_[A-Z0-9]+)*")


def check_dictionary(connection: Connection[Any], *, only: Selection | None = None) -> Answer:
    """Tell which tables InnoDB has that the server does not know, of those that were restored."""
    known = {(str(schema), str(table)) for schema, table in rows_of(connection, _OF_SERVER)}
    lost = [
        f"{schema}.{table}"
        for schema, table in sorted(rows_of(connection, _OF_INNODB))
        if (only is None or only.takes(str(schema), str(table)))
        and (str(schema), str(table)) not in known
        and not _FULL_TEXT.fullmatch(str(table))
    ]
    return counted(lost, "that the server does not know")
