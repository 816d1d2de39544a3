"""Finds views of which a dump has brought only what its tool puts in their place at first.

mariadb-dump makes each view twice: before all views as something with the same columns, since views refer to each
other, and behind them as what it is. Its first form is a table of MyISAM whose columns are all TINYINT NOT NULL in
older releases, `CREATE VIEW ... AS SELECT NULL AS ...` in newer ones, and `SELECT 1 AS ...` in MySQL's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress

import pymysql

from drtool.amounts import listed
from drtool.errors import RestoreFailed, Unverifiable
from drtool.mariadb.sql import of_users, rows_of
from drtool.restore.context import RestoreContext
from drtool.restore.pipeline import Outcome
from drtool.sandbox.server import Server

Named = tuple[str, str]
"""A view's database, empty where the dump selects none, and its name."""

_VIEWS = "SELECT table_schema, table_name, view_definition FROM information_schema.views"
_STAND_IN = re.compile(r"\s*select (?:(?:NULL|1) AS `(?:[^`]|``)+`,?\s*)+", re.IGNORECASE)
_ONE_ALONE = re.compile(r"\s*select 1 AS `(?:[^`]|``)+`\s*", re.IGNORECASE)  # which people write, too
_EMPTY_TABLES = (
    "SELECT table_schema, table_name FROM information_schema.tables "  # noqa: S608 (columns)
    f"WHERE {of_users('table_schema')} AND table_type = 'BASE TABLE' AND engine = 'MyISAM' AND table_rows = 0"
)
_COLUMNS = (
    "SELECT COUNT(*) > 1 AND MIN(column_type LIKE 'tinyint%%' AND is_nullable = 'NO' AND column_default IS NULL "
    "AND column_key = '') FROM information_schema.columns WHERE table_schema = %s AND table_name = %s"
)


def judge_views(context: RestoreContext, name: str, server: Server, outcome: Outcome, *, mend: str = "") -> None:
    """Enter which views a dump announces and does not bring, and warn of what only looks like a stand-in.

    Args:
        context: the drill.
        name: what the drill calls the database.
        server: with what the dump has brought.
        outcome: of its load.
        mend: what to do about views that are missing; what the register says if not given.
    """
    with suppress(pymysql.err.MySQLError, Unverifiable):  # the checks say what this does not
        views = {
            (str(database), str(view)): str(definition)
            for database, view, definition in rows_of(server.standing(), _VIEWS)
        }
        unfinished = unfinished_views(outcome, views)
        if unfinished:
            what = f"Views are not in {name}, though its dump announces them: {listed(sorted(unfinished))}"
            why = "it has the stand-ins that its tool makes first, and not the views themselves"
            context.journal.finding(RestoreFailed("views-unfinished", what, why=why, mend=mend), resource=name)
        alike = {f"{database}.{view}" for (database, view), definition in views.items() if _is_alike(definition)}
        alike |= {
            f"{database}.{table}"
            for database, table in rows_of(server.standing(), _EMPTY_TABLES)
            if any(told for (told,) in rows_of(server.standing(), _COLUMNS, (database, table)))
        }
        told = {one.lower() for one in unfinished}
        if alike := {one for one in alike if not told & {one.lower(), one.partition(".")[2].lower()}}:
            what = f"These look like the stand-ins that mariadb-dump makes before views: {listed(sorted(alike))}"
            context.journal.warning("views-doubtful", what, resource=name)


def unfinished_views(outcome: Outcome, views: Mapping[Named, str]) -> set[str]:
    """Return the views that a dump announces and, by its own words, does not go on to make.

    Args:
        outcome: of its load: which views it announces, and which it says that it makes.
        views: all that are there after it, with their definitions.
    """
    found: set[str] = set()
    for database, view in outcome.promised.announced:
        there = {
            (of, name): definition
            for (of, name), definition in views.items()
            if name.lower() == view.lower() and (not database or of.lower() == database.lower())
        }
        if not there and outcome.promised.dumps_begun <= 1:  # a later dump may drop the database that it was in
            found.add(f"{database}.{view}" if database else view)
        elif there and all(map(_STAND_IN.fullmatch, there.values())) and (database, view) not in outcome.promised.views:
            found |= {f"{of}.{name}" for of, name in there}
    return found


def _is_alike(definition: str) -> bool:
    return bool(_STAND_IN.fullmatch(definition)) and not _ONE_ALONE.fullmatch(definition)
