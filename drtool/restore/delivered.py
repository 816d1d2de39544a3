"""Holds what a dump promises against what the server has after it: its tables, their engines, and as many rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

import pymysql

from drtool.amounts import listed
from drtool.errors import RestoreFailed, Unverifiable
from drtool.mariadb.sql import quoted, rows_of, value_of
from drtool.record.steps import Phase
from drtool.restore.context import RestoreContext
from drtool.restore.promises import Named, PromisedTable
from drtool.sandbox.server import Server

_OF_SERVER = {"mysql", "information_schema", "performance_schema", "sys"}
_TABLES = "SELECT table_schema, table_name, engine, table_type FROM information_schema.tables"
_SAME = {
    "heap": "memory", "maria": "aria", "merge": "mrg_myisam", "innobase": "innodb", "xtradb": "innodb",
    "ndb": "ndbcluster",
}  # fmt: skip
"""Other names that the server takes for an engine."""
_KEEP_NO_ROWS = {"blackhole", "mrg_myisam", "federated", "connect", "spider", "s3", "sequence"}
"""Engines whose rows are nowhere, elsewhere, or in another table."""


@dataclass(frozen=True, kw_only=True)
class _There:
    database: str
    table: str
    engine: str
    is_table: bool

    @property
    def name(self) -> str:
        return f"{self.database}.{self.table}"


def judge_tables(
    context: RestoreContext,
    name: str,
    server: Server,
    tables: Mapping[Named, PromisedTable],
    *,
    uncounted: bool = False,
    fired: bool = False,
) -> bool:
    """Enter which tables that a dump makes are not there, or in another engine, or with another number of rows.

    Where that cannot be told, as of rows that were sent for the server to choose among, it is an assumption that they
    are all there, and entered as one.

    Args:
        context: the drill.
        name: what the drill calls the database.
        server: what the dump was loaded into.
        tables: what it promises, each with its database.
        uncounted: whether it has statements that may change any table, such as those that call routines.
        fired: whether triggers have fired, which may add and remove rows.

    Returns:
        Whether tables in another engine were told.
    """
    users = {named: table for named, table in tables.items() if named[0] and named[0].lower() not in _OF_SERVER}
    if not users:
        return False
    if uncounted:
        _note_uncounted(context, name, "the dump has statements that may change any table, such as CALL")
        return False
    with context.journal.step(Phase.VERIFY, f"hold {name} against what its dump sent", resource=name):
        try:
            there = _tables_of(server)
        except (pymysql.err.MySQLError, Unverifiable):
            return False  # it lets nobody in: the checks say so
        found = {named: there.get(named) or there.get((named[0].lower(), named[1].lower())) for named in users}
        replaced = [*_replaced(users, found)]
        for failure in (*_missing(users, found), *replaced):
            context.journal.finding(failure, resource=name)
        if fired:
            _note_uncounted(context, name, "triggers fired while it was loaded")
        else:
            _judge_rows(context, name, server, users, found)
    return bool(replaced)


def _note_uncounted(context: RestoreContext, name: str, why: str, tables: Iterable[str] = ()) -> None:
    of = f" of these tables ({listed(sorted(tables))})" if tables else ""
    context.journal.assumption(f"{name}: the rows{of} were not held against how many the dump has: {why}")


def _tables_of(server: Server) -> dict[Named, _There]:
    """Return all tables and views, by their names, and by those in small letters where no other is called so."""
    there: dict[Named, _There] = {}
    for database, table, engine, kind in rows_of(server.standing(), _TABLES):
        one = _There(database=database, table=table, engine=str(engine or "").lower(), is_table=kind != "VIEW")
        there.setdefault((database.lower(), table.lower()), one)
        there[database, table] = one
    return there


def _missing(tables: Mapping[Named, PromisedTable], found: Mapping[Named, _There | None]) -> Iterator[RestoreFailed]:
    if missing := [".".join(named) for named, table in tables.items() if table.stays and not found[named]]:
        what = f"Tables that the dump makes are not there after it: {listed(sorted(missing))}"
        yield RestoreFailed("tables-not-kept", what)


def _replaced(tables: Mapping[Named, PromisedTable], found: Mapping[Named, _There | None]) -> Iterator[RestoreFailed]:
    others = [
        f"{there.name} ({table.engine}, now {there.engine})"
        for named, table in tables.items()
        if table.stays and table.engine and (there := found[named]) and there.is_table
        if _engine(table.engine) != _engine(there.engine)
    ]
    if others:
        what = f"The server lacks engines of the dump and made these tables in others: {listed(sorted(others))}"
        yield RestoreFailed("engine-missing", what)


def _engine(name: str) -> str:
    return _SAME.get(name.lower(), name.lower())


def _judge_rows(
    context: RestoreContext,
    name: str,
    server: Server,
    tables: Mapping[Named, PromisedTable],
    found: Mapping[Named, _There | None],
) -> None:
    wrong, chosen, unread = [], [], []
    if moved := _renumbered(server, tables, found):
        context.journal.finding(moved, resource=name)
    for named, table in tables.items():
        there = found[named]
        if not table.filled or not there or not there.is_table or there.engine in _KEEP_NO_ROWS:
            continue
        if table.rows is None:
            chosen.append(there.name)
        elif (rows := _rows_in(server, there, versioned=table.versioned)) is None:
            unread.append(there.name)
        elif rows != table.rows:
            wrong.append(f"{there.name} ({rows} of {table.rows})")
    if wrong:
        what = f"Other numbers of rows are there than the dump has for these tables: {listed(sorted(wrong))}"
        context.journal.finding(RestoreFailed("rows-not-as-sent", what), resource=name)
    if chosen:
        why = "statements of the dump leave rows out, replace or remove them (INSERT IGNORE, REPLACE, DELETE)"
        _note_uncounted(context, name, why, chosen)
    if unread:
        _note_uncounted(context, name, "the server did not count them", unread)


def _renumbered(
    server: Server, tables: Mapping[Named, PromisedTable], found: Mapping[Named, _There | None]
) -> RestoreFailed | None:
    """Return of which tables the row with the key 0 came back under another number, as AUTO_INCREMENT has it."""
    asked = (
        "SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = %s "
        "AND ordinal_position = 1 AND extra LIKE '%%auto_increment%%'"
    )
    moved = []
    for named, table in tables.items():
        there = found[named]
        if not table.zero or not there or not there.is_table:
            continue
        with suppress(pymysql.err.MySQLError):
            for (column,) in rows_of(server.standing(), asked, (there.database, there.table)):
                of = f"FROM {quoted(there.database)}.{quoted(there.table)} WHERE {quoted(column)} = 0"
                if not value_of(server.standing(), f"SELECT COUNT(*) {of}"):
                    moved.append(there.name)
    if not moved:
        return None
    what = f"A row whose key is 0 in the dump has another number now, in these tables: {listed(sorted(moved))}"
    why = "the session of the dump lacks NO_AUTO_VALUE_ON_ZERO where it sends them, so that 0 means the next number"
    mend = 'Restore with settings={"sql_mode": "NO_AUTO_VALUE_ON_ZERO"}, and write that into the runbook'
    return RestoreFailed("rows-altered", what, why=why, mend=mend)


def _rows_in(server: Server, there: _There, *, versioned: bool) -> int | None:
    asked = f"SELECT COUNT(*) FROM {quoted(there.database)}.{quoted(there.table)}"  # noqa: S608 (quoted)
    with suppress(pymysql.err.MySQLError):
        return int(value_of(server.standing(), asked + (" FOR SYSTEM_TIME ALL" if versioned else "")))
    return None


def tables_with(server: Server, columns: set[str], tables: Mapping[Named, PromisedTable]) -> list[str]:
    """Return which of the tables that a dump fills have columns of some names."""
    if not columns:
        return []
    asked = "SELECT DISTINCT table_schema, table_name FROM information_schema.columns WHERE column_name IN %s"
    filled = {(database.lower(), name.lower()) for (database, name), table in tables.items() if table.filled}
    with suppress(pymysql.err.MySQLError, Unverifiable):
        found = rows_of(server.standing(), asked, (sorted(columns),))
        return sorted(f"{one}.{two}" for one, two in found if (str(one).lower(), str(two).lower()) in filled)
    return []
