"""What a folder of mydumper's lacks, by what the tool wrote down and by what its files announce.

It ends its files with nothing, and a file that is missing leaves no trace among the others. But its metadata, or a
file beside those of each table, count the rows; and before a view it makes a table that stands in for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from pymysql.connections import Connection

from drtool.amounts import listed
from drtool.backups.folder_plan import Folder
from drtool.backups.mydumper import KIND
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from drtool.mariadb.sql import SYSTEM_DATABASES, quoted, rows_of
from drtool.record.steps import Phase
from drtool.restore.context import RestoreContext
from drtool.restore.pipeline import Outcome
from drtool.restore.promises import Named
from drtool.sandbox.server import Server

_WITH_ROWS = {"BASE TABLE", "SYSTEM VERSIONED"}

_ANY = {
    "triggers": "SELECT 1 FROM information_schema.triggers WHERE trigger_schema = %s LIMIT 1",
    "routines": "SELECT 1 FROM information_schema.routines WHERE routine_schema = %s LIMIT 1",
}


def views_announced(server: Server, folder: Folder, outcomes: Mapping[str, Outcome]) -> set[Named]:
    """Return the views that the files of a folder announce: by stand-ins, by comments or by mydumper's metadata.

    Where rows are in what stands in for one, the run was one of `--views-as-tables`, which makes no views.
    """
    announced = [
        (load.database if folder.kind == KIND else None, views)
        for load in folder.loads
        if load.path in outcomes and (views := outcomes[load.path].promised.announced)
    ]
    found = {(of or selected or "", view) for selected, views in announced for of, view in views}
    if folder.kind != KIND:
        return found
    counted = {(one.database, one.table) for one in folder.counted if one.kind == "view"}
    if not found and not counted:
        return found
    with server.connect() as asking:
        there = _tables(asking)
        tables = [named for named in found | counted if there.get(named) in _WITH_ROWS]
        if any(_count(asking, *named) for named in tables):
            return set()
    return found | {named for named in counted if named not in there}


def lacking(
    context: RestoreContext, name: str, server: Server, folder: Folder, outcomes: Mapping[str, Outcome]
) -> DrtoolError | None:
    """Return what of what mydumper wrote is not there, or may not be."""
    if folder.counted:
        with context.journal.step(Phase.VERIFY, f"count the rows of {name}", resource=name), server.connect() as asking:
            wrong = _other_than_counted(asking, folder)
            gone = _kinds_gone(asking, folder)
        if wrong:
            what = f"By its metadata mydumper wrote other rows than came back: {listed(wrong)}"
            return RestoreFailed("folder-incomplete", what)
        if gone:
            what = f"By its metadata mydumper wrote what is not there: {listed(gone)}"
            return RestoreFailed("folder-incomplete", what)
    files = Counter(load.table for load in folder.rows)
    empty = {
        load.table
        for load in folder.rows
        if load.how == "sql" and load.table and files[load.table] > 1
        if load.path in outcomes and outcomes[load.path].promised.is_empty
    }
    known = {f"{one.database}.{one.table}" for one in folder.counted}
    if doubtful := sorted({*folder.gaps, *empty} - known):
        what = f"Of these tables a file is empty, or missing by the numbers of the others: {listed(doubtful)}"
        return Unverifiable("chunk-missing", what)
    return None


def _other_than_counted(asking: Connection[Any], folder: Folder) -> list[str]:
    there = _tables(asking)
    wrong = []
    for one in folder.counted:
        if not one.table:
            continue
        kind = there.get((one.database, one.table))
        if kind is None and one.kind != "view" and not one.rows:
            wrong.append(f"{one.database}.{one.table} (not there)")
        elif one.database in SYSTEM_DATABASES:
            continue  # the server writes those itself, and drtool's accounts are in them
        elif one.kind == "table" and (kind in _WITH_ROWS or one.rows):  # older ones count views and sequences, as 0
            count = _count(asking, one.database, one.table) if kind else 0
            wrong += [f"{one.database}.{one.table} ({count} of {one.rows})"] if count != one.rows else []
    return wrong


def _kinds_gone(asking: Connection[Any], folder: Folder) -> list[str]:
    return [
        f"the {one.kind} of {one.database}"
        for one in folder.counted
        if one.kind in _ANY and not rows_of(asking, _ANY[one.kind], (one.database,))
    ]


def _tables(asking: Connection[Any]) -> dict[Named, str]:
    found = rows_of(asking, "SELECT table_schema, table_name, table_type FROM information_schema.tables")
    return {(str(database), str(table)): str(kind) for database, table, kind in found}


def _count(asking: Connection[Any], database: str, table: str) -> int:
    ((count,),) = rows_of(asking, f"SELECT COUNT(*) FROM {quoted(database)}.{quoted(table)}")  # noqa: S608 (quoted)
    return int(count)
