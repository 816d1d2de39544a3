"""What the files of a folder promise: whether each ends as its tool ends it, and which tables there have to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from drtool.amounts import count, listed
from drtool.backups.compression import Compression
from drtool.backups.folder_plan import Folder, Load
from drtool.backups.recognise import Format, Recognised
from drtool.errors import RestoreFailed
from drtool.restore.endings import end_of, trailer_failure
from drtool.restore.pipeline import Outcome


class TablesPromised(TypedDict):
    """What is promised of tables."""

    tables_expected: bool
    system_tables: int


def is_end_known(folder: Folder, outcomes: Mapping[str, Outcome]) -> bool:
    """Tell whether the folder, or each of its files that has tables or rows, says by its end that it is whole."""
    if folder.finished is not None or any(load.how in {"rows", "rows_by"} for load in folder.rows):
        return True
    told = {
        load.path
        for load in folder.loads
        if _has_triggers(load, outcomes.get(load.path, Outcome()))
        or not end_of(outcomes.get(load.path, Outcome()), _as_dump(load)).unknown
    }
    tables = [
        load.path
        for load in folder.loads
        if outcomes.get(load.path, Outcome()).promised.tables_made or load in folder.rows
    ]
    return bool(told) and told.issuperset(tables)


def end_failure(load: Load, outcomes: dict[str, Outcome]) -> RestoreFailed | None:
    """Return what the end of a file says, if its tool ends it in a way that tells."""
    if (outcome := outcomes.get(load.path)) is None:
        return None
    if load.how in {"rows", "rows_by"}:
        if outcome.end == "complete":
            return None
        return RestoreFailed("rows-truncated", f"{load.path} ends inside a line: it was cut short")
    if _has_triggers(load, outcome) and outcome.end == "followed":
        return None
    failure = trailer_failure(outcome, _as_dump(load))
    return RestoreFailed(failure.code, f"{load.path}: {failure.what}", mend=failure.mend) if failure else None


def statements_behind(folder: Folder, outcomes: Mapping[str, Outcome]) -> str:
    """Return behind the ends of which dumps statements follow, as a job appends them; nothing where none do."""
    changing, behind = [], []
    for load in folder.loads:
        outcome = outcomes.get(load.path)
        if load.how != "sql" or outcome is None or not end_of(outcome, _as_dump(load)).deviation:
            continue
        follow = outcome.promised.behind
        behind.append(f"{load.path} ({count(follow.statements, 'statement')})")
        if follow.change:
            changing.append(load.path)
    if not behind:
        return ""
    change = f"; some may add rows or remove some, in {listed(changing)}" if changing else ""
    of = "the end of this dump follow" if len(behind) == 1 else "the ends of these dumps follow"
    which = f"{listed(behind)}{change}"
    return f"behind {of} statements that were not written by its tool: {which}: what comes of all was questioned"


def _has_triggers(load: Load, outcome: Outcome) -> bool:
    """Tell whether a file may be the definition of a table alone: behind its closing comment stand its triggers."""
    filled = any(table.filled for table in outcome.promised.tables.values())
    return load.has_end and load.table is None and bool(load.database) and not filled


def tables_promised(folder: Folder, outcomes: Mapping[str, Outcome]) -> TablesPromised:
    """Return what the files of a folder promise of tables, by the names that the restored server has for it."""
    loaded = [(outcomes[load.path].promised, load.database) for load in folder.loads if load.path in outcomes]
    made = [promised.tables_of_users(database) for promised, database in loaded]
    expected = bool(folder.rows) or any(of_users for of_users, _ in made)
    return TablesPromised(tables_expected=expected, system_tables=sum(own for _, own in made))


def _as_dump(load: Load) -> Recognised:
    return Recognised(
        format=Format.DUMP, compression=Compression.NONE, has_header=load.has_end, written_by=load.written_by
    )
