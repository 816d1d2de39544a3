"""What the files of a folder lack or do to each other, by their own words or by what became of them once restored."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping

from drtool.amounts import listed
from drtool.backups.database_names import undated_name
from drtool.backups.folder_plan import Folder, Load
from drtool.backups.mydumper import KIND
from drtool.errors import DrtoolError, Unverifiable
from drtool.restore.calls import note_calls
from drtool.restore.character_set import judge_changes, note_character_set
from drtool.restore.context import RestoreContext
from drtool.restore.delivered import judge_tables
from drtool.restore.diagnosis import sql_failure, stream_failure
from drtool.restore.dump import left_out, made_by_several, note_how_it_is_written
from drtool.restore.folder_ends import statements_behind
from drtool.restore.load import note_sql_mode, triggers_that_fired
from drtool.restore.mydumper_lacks import lacking, views_announced
from drtool.restore.pipeline import Outcome
from drtool.restore.promises import Named, PromisedTable
from drtool.restore.stand_ins import judge_views
from drtool.sandbox.server import Server

_NUMBER_OF_PART = re.compile(r"(?:[-_.]|@{1,2})\d+$")


def enter_what_it_lacks(
    context: RestoreContext,
    name: str,
    server: Server,
    folder: Folder,
    outcomes: Mapping[str, Outcome],
    whole: Outcome,
    said: str | None,
) -> None:
    """Enter what the files of a folder lack or do to each other, by their own words or by what became of them."""
    fired = triggers_that_fired(server, f"the dumps of {name}")
    if fired:
        context.journal.finding(fired, resource=name)
    if behind := statements_behind(folder, outcomes):
        context.journal.deviation(f"{name}: {behind}")
    tables = _promised(folder, outcomes)
    uncounted = any(one.promised.uncounted for one in outcomes.values())
    told = judge_tables(context, name, server, tables, uncounted=uncounted, fired=fired is not None)
    note_how_it_is_written(context.journal, name, outcomes)
    all_named, any_wide = True, False
    for load in folder.loads:
        for left in left_out(outcomes.get(load.path, whole), load.path):
            context.journal.finding(left, resource=name)
        if outcome := outcomes.get(load.path):
            named = names_charset(load, outcome)
            judge_changes(
                context.journal,
                name,
                server,
                outcome,
                load.path,
                said=said,
                named=named,
                tables=tables,
                engines_told=told,
            )
            all_named, any_wide = all_named and named, any_wide or (outcome.promised.wide and not named)
    note_character_set(context.journal, name, said=said, named=all_named, wide=any_wide)
    if silent := _silent_of_sql_mode(folder, outcomes):
        note_sql_mode(context, name, server, f"{listed(silent)} {'set' if len(silent) > 1 else 'sets'}")
    for load in folder.invalid:
        if load.path in outcomes and (invalid := _invalid_views(load, outcomes[load.path])):
            context.journal.finding(invalid, resource=name)
    of_all = Outcome()
    for one in outcomes.values():
        of_all.promised.dumps_begun += one.promised.dumps_begun
        of_all.promised.views |= one.promised.views
    of_all.promised.announced |= views_announced(server, folder, outcomes)
    mend = "Look for the -schema-view.sql of each where the folder was copied from" if folder.kind == KIND else ""
    judge_views(context, name, server, of_all, mend=mend)
    note_calls(context, name, server)
    bare = _bare(folder, outcomes)
    made = dict(_made(folder, outcomes))
    whole_ones = {path: tables for path, tables in made.items() if path not in bare}
    if mixed := made_by_several(whole_ones) or made_by_several({path: made[path] for path in bare}):
        context.journal.finding(mixed, resource=name)
    if beside := _rows_beside(folder, tables):
        context.journal.finding(beside, resource=name)
    if lacks := lacking(context, name, server, folder, outcomes):
        context.journal.finding(lacks, resource=name)


def _rows_beside(folder: Folder, tables: Mapping[Named, PromisedTable]) -> DrtoolError | None:
    """Return that files are named after tables which no dump has rows for, as exports are."""
    empty = {table.lower() for (_, table), one in tables.items() if one.made and not one.filled}
    paths = []
    for path, stem in folder.named_as_rows:
        name = undated_name(stem.lower())
        parts = re.split(r"[.-]", name)
        names = {name, _NUMBER_OF_PART.sub("", name), stem.lower(), *(".".join(parts[at:]) for at in range(len(parts)))}
        if any(one in empty or _NUMBER_OF_PART.sub("", one) in empty for one in names):
            paths.append(path)
    if not paths:
        return None
    what = "No dump has rows for tables that files beside the dumps are named after, and those were not restored"
    mend = (
        "Load them by hand (LOAD DATA), and see that all come back; mariadb-dump --tab leaves definitions and rows of "
        "each table side by side (.sql and .txt), which drtool restores"
    )
    return Unverifiable("file-not-restored", f"{what}: {listed(paths)}", mend=mend)


def _silent_of_sql_mode(folder: Folder, outcomes: Mapping[str, Outcome]) -> list[str]:
    """Return the dumps that leave it to the server in which sql_mode they are read.

    Where rows are in files of their own, the others are the work of tools that quote names whatever the sql_mode is.
    """
    told = [(load.path, outcomes[load.path].promised) for load in folder.loads if load.path in outcomes]
    return [
        path
        for path, promised in told
        if not promised.sql_modes and any(one.filled or not folder.rows for one in promised.tables.values())
    ]


def _bare(folder: Folder, outcomes: Mapping[str, Outcome]) -> list[str]:
    """Return which dumps have no rows and were loaded before all that have some: those make their tables anew."""
    alone = {
        load.path
        for load in folder.definitions
        if load.is_bare
        and load.path in outcomes
        and not any(table.filled for table in outcomes[load.path].promised.tables.values())
    }
    return list(itertools.takewhile(alone.__contains__, outcomes))


def _made(folder: Folder, outcomes: Mapping[str, Outcome]) -> Iterator[tuple[str, list[Named]]]:
    for load in folder.loads:
        if load.path in outcomes:
            yield load.path, _made_by(load, outcomes)


def _made_by(load: Load, outcomes: Mapping[str, Outcome]) -> list[Named]:
    tables = outcomes[load.path].promised.tables_made if load.path in outcomes else ()
    return [(database or load.database or "", table) for database, table in tables]


def _promised(folder: Folder, outcomes: Mapping[str, Outcome]) -> dict[Named, PromisedTable]:
    """Return what all files of a folder say of each table together."""
    tables: dict[Named, PromisedTable] = {}
    bare = _bare(folder, outcomes)
    anew = {named for load in folder.loads if load.path not in bare for named in _made_by(load, outcomes)}
    for load in folder.loads:
        if load.path not in outcomes:
            continue
        told = outcomes[load.path].promised.tables_in(load.database)
        if load.table and load.how in {"rows", "rows_by"}:
            told[load.of or (load.database or "", load.table)] = PromisedTable(rows=None, filled=True)
        for named, table in told.items():
            if load.path in bare and named in anew:
                continue
            tables[named] = tables[named].joined(table) if named in tables else table
    return tables


def names_charset(load: Load, outcome: Outcome) -> bool:
    """Tell whether a file says itself what character set it is in."""
    return (
        load.charset is not None if load.how == "rows" else load.how != "sql" or bool(outcome.promised.character_sets)
    )


def _invalid_views(load: Load, outcome: Outcome) -> DrtoolError | None:
    """Return that views which the job itself set aside, since production cannot use them, do not load here either."""
    failure = stream_failure(outcome, "compressed") or sql_failure(outcome)
    if not failure:
        return None
    what = f"{load.path}: the backup job set these views aside as invalid, and here too they do not load"
    return Unverifiable("views-invalid", what, why=f"{failure.what} ({failure.why})")
