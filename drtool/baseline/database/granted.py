"""What the account of a session may do with a database: by its own grants, its roles' and everybody's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.constants import ER

from drtool.mariadb.sql import error_code, rows_of

ALL = "ALL PRIVILEGES"
# Grants of roles name none, and those on single tables and routines are not on the database.
_GRANT = re.compile(
    r"GRANT (?P<what>[A-Z ,]+) ON (?P<where>\*|`(?:[^`]|``)*`)\.\* "
    r"TO (?P<all>PUBLIC\b)?(?:`(?:[^`]|``)*`(?P<account>@)?)?"
)


def privileges(connection: Connection[Any], database: str) -> frozenset[str]:
    """Return what the account may do with a database; information_schema would leave out what it has by its roles."""
    try:
        return on_database([str(line) for (line,) in rows_of(connection, "SHOW GRANTS")], database)
    except pymysql.err.OperationalError as error:
        if error_code(error) != ER.OPTION_PREVENTS_STATEMENT:
            raise
        return frozenset({ALL})  # with --skip-grant-tables everybody may do everything


def on_database(grants: Iterable[str], database: str) -> frozenset[str]:
    """Return the privileges that the lines of `SHOW GRANTS` give on a database, or `ALL` among them."""
    granted: set[str] = set()
    by_holder: dict[str, list[tuple[str, set[str]]]] = {}
    for line in filter(None, map(_GRANT.match, grants)):
        what = set(line["what"].split(", "))
        if line["where"] == "*":
            granted |= what
        elif (pattern := _pattern(line["where"][1:-1].replace("``", "`"))).fullmatch(database):
            holder = line["all"] or line["account"] or "role"  # what a role has of other roles counts as its own
            by_holder.setdefault(holder, []).append((pattern.pattern, what))
    for matching in by_holder.values():
        # Of an account's grants on names that fit, only those on one name count: on the database's own, else on the
        # first of the patterns in the server's order, in which it lists them (10.5 to 11.8, measured).
        first = min(matching, key=lambda one: one[0] != re.escape(database))[0]
        granted |= {privilege for name, what in matching if name == first for privilege in what}
    return frozenset(granted)


def _pattern(name: str) -> re.Pattern[str]:
    parts = re.findall(r"\\.|.", name, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    return re.compile("".join(wild.get(part) or re.escape(part[-1]) for part in parts), re.DOTALL)
