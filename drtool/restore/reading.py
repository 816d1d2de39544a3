"""How much older other tables may be than the one that a witness is in: a dump reads one after the other."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pymysql

from drtool.mariadb.sql import of_users, rows_of, tables_of

if TYPE_CHECKING:
    from drtool.sandbox.server import Server

_WORD = re.compile(r"[\w$]+")
_OTHERS = (
    "SELECT table_schema, table_name FROM information_schema.tables "  # noqa: S608 (columns)
    f"WHERE {of_users('table_schema')} AND engine NOT IN ('InnoDB', 'ROCKSDB', 'TokuDB')"
)


@dataclass(frozen=True, kw_only=True)
class TablesRead:
    """How the tables of a dump were read.

    Unless it was told otherwise, mariadb-dump locks the tables of one database after those of another; and the snapshot
    that `--single-transaction` gives holds for transactional tables alone. Nothing in a dump says which it was, but a
    position in the binary log, which is written only where all databases are of one instant.

    Attributes:
        lasted: from the first table to the last, at the most.
        several: whether it is of several dumps, one after the other, or otherwise of several instants.
        snapshot: whether all databases are known to be of one instant.
    """

    lasted: timedelta
    several: bool = False
    snapshot: bool = False

    def spread_of(self, query: str, server: Server) -> timedelta:
        """Return how much older other tables may be than those that a query asks."""
        if self.several:
            return self.lasted
        try:
            with closing(server.asking()) as connection:
                tables = set(tables_of(connection, "BASE TABLE", "SYSTEM VERSIONED"))
                others = tables & {(str(database), str(table)) for database, table in rows_of(connection, _OTHERS)}
        except pymysql.err.MySQLError:
            return self.lasted
        several = len({database for database, _ in tables}) > 1 and not self.snapshot
        asked = set(_WORD.findall(query.lower())) & {table.lower() for _, table in others}
        return self.lasted if several or (asked and others != tables) else timedelta()
