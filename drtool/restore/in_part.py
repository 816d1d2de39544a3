"""What was restored of a backup where only some of it was wanted: held against what the backup has, and said so."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress

import pymysql
from pymysql.constants import ER

from drtool.amounts import count, listed
from drtool.errors import RestoreFailed, Unverifiable
from drtool.mariadb.selection import Named, Selection
from drtool.mariadb.sql import SQL_ERROR, describe_sql_error, of_users, rows_of, tables_of
from drtool.restore.context import RestoreContext
from drtool.restore.pipeline import Outcome
from drtool.sandbox.server import Server

_PARENTS = (
    "SELECT DISTINCT constraint_schema, table_name, referenced_table_schema, referenced_table_name "  # noqa: S608
    "FROM information_schema.key_column_usage "
    f"WHERE referenced_table_name IS NOT NULL AND {of_users('constraint_schema')}"
)
_KINDS = ("BASE TABLE", "SYSTEM VERSIONED", "SEQUENCE", "VIEW")
_WORDS = {"procedure": "procedure", "function": "function", "package": "package", "event": "event"}


def needs_more(outcome: Outcome, only: Selection, there: Collection[Named]) -> Unverifiable | None:
    """Return why what was wanted did not load, where that is a table in the backup that was not, such as a view's."""
    found = SQL_ERROR.search(outcome.complaint("sink"))
    if found is None or int(found["code"]) not in {ER.NO_SUCH_TABLE, ER.BAD_DB_ERROR, ER.VIEW_INVALID}:
        return None
    missing = [f"{database}.{table}" for database, table in sorted(there) if not only.takes(database, table)]
    named = [table for table in missing if f"'{table}'" in found[0] or f"'{table.partition('.')[0]}'" in found[0]]
    if not named:
        return None
    what = f"What was wanted, {only}, needs what was left out: {listed(named)}"
    return Unverifiable("part-needs-more", what, why=describe_sql_error(int(found["code"]), found["text"] or ""))


def judge_part(
    context: RestoreContext,
    name: str,
    server: Server,
    only: Selection,
    there: Collection[Named],
    passed_over: Mapping[str, int],
    unread: Sequence[str] = (),
) -> None:
    """Enter what was restored and what was left out.

    Args:
        context: the drill.
        name: what it calls the database.
        server: it runs.
        only: what was wanted.
        there: all tables and views that the backup has.
        passed_over: what belongs to no table and was left out: how many, by their kind.
        unread: the databases whose files were not read, so that nobody knows their tables.
    """
    with suppress(pymysql.err.MySQLError, Unverifiable):
        there = {*there, *tables_of(server.standing(), *_KINDS)}  # views, of which not all tools say that they follow
    chosen = {one for one in there if only.takes(*one)}
    left = {database: 0 for database, _ in there}
    for database, _ in set(there) - chosen:
        left[database] += 1
    out = [f"{count(tables, 'table')} of {database}" for database, tables in sorted(left.items()) if tables]
    out += [count(passed_over[kind], word) for kind, word in _WORDS.items() if passed_over.get(kind)]
    if other := passed_over.get("other"):
        out.append(f"{count(other, 'statement')} that {'belongs' if other == 1 else 'belong'} to no table")
    of_what = "what was read of the backup" if unread else "the backup"
    scope = f"{only} ({len(chosen)} of {count(len(set(there)), 'table')} in {of_what})"
    out += [f"all of {database}, whose files were not read" for database in unread]
    context.journal.scope(name, scope)
    context.journal.deviation(
        f"Of the backup of {name} only {scope} was restored, and its time and verdict are of that alone; left out: "
        f"{listed(out) or 'nothing'}"
    )
    if unmet := only.unmet(there):
        context.journal.finding(_not_there(unmet, there, unread, name, only), resource=name)
    with suppress(pymysql.err.MySQLError, Unverifiable):  # the checks say what this does not
        without = [
            f"{schema}.{table} to {of}.{parent}"
            for schema, table, of, parent in rows_of(server.standing(), _PARENTS)
            if not only.takes(str(of), str(parent))
        ]
        if without:
            context.journal.deviation(
                f"{name}: these foreign keys lead to tables that were left out, so their parents were not looked for: "
                f"{listed(without)}"
            )


def _not_there(
    unmet: Collection[str], there: Collection[Named], unread: Sequence[str], name: str, only: Selection
) -> RestoreFailed:
    what = f"Nothing in the backup of {name} is called {listed(list(unmet))}"
    alike = sorted(there, key=lambda named: (not only.touches(named[0]), named))
    has = [f"there are {listed([f'{database}.{table}' for database, table in alike])}"] if there else []
    if unread:
        has.append(f"there are files of {listed(unread)}, which were not read, so that their tables are not known")
    return RestoreFailed("not-in-the-backup", what, why="; ".join(has) or "it has no tables")
