"""The part of a baseline that some tables and databases are, where they alone were restored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from drtool.baseline.database.model import DatabaseBaseline, ObjectKind, SchemaObject
from drtool.errors import Unverifiable
from drtool.mariadb.selection import Selection

_OF_SERVER = {ObjectKind.GRANT, ObjectKind.ACCOUNT, ObjectKind.ROUTINE_GRANT}
_OF_TABLES = {ObjectKind.TABLE, ObjectKind.VIEW, ObjectKind.SEQUENCE}


def part_of(baseline: DatabaseBaseline, only: Selection | None, renamed: Mapping[str, str]) -> DatabaseBaseline:
    """Return what a baseline says of the tables that were restored; all of it where that was all.

    Args:
        baseline: what it says.
        only: what was restored, by the names that it has now.
        renamed: what databases of the baseline are called now, where that is otherwise.
    """
    if only is None:
        return baseline

    def takes(qualified: str) -> bool:
        database, _, table = qualified.partition(".")
        return only.takes(renamed.get(database, database), table)

    def belongs(one: SchemaObject) -> bool:
        if one.kind in _OF_SERVER:
            return False
        if one.table is not None or one.kind in _OF_TABLES:
            return takes(one.table or one.name)
        database = one.name.partition(".")[0]
        of = renamed.get(database, database)
        return only.touches(of) if one.kind is ObjectKind.DATABASE else only.takes_all_of(of)

    return replace(
        baseline,
        databases=tuple(name for name in baseline.databases if only.touches(renamed.get(name, name))),
        tables=tuple(table for table in baseline.tables if takes(f"{table.database}.{table.name}")),
        objects=tuple(filter(belongs, baseline.objects)),
    )


def nothing_of(part: DatabaseBaseline, only: Selection | None, of: str) -> Unverifiable | None:
    """Return that nothing can be compared with a part of a baseline: there is at most the database itself."""
    if only is None or part.tables or any(one.kind is not ObjectKind.DATABASE for one in part.objects):
        return None
    return Unverifiable("nothing-to-compare", f"Only {only} was restored, and {of} has nothing of that")
