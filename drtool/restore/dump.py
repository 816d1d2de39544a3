"""From a MariaDB dump to a running server with its data: provision, load, look at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from drtool.amounts import count, listed
from drtool.backups.backup import Backup
from drtool.backups.recognise import Recognised
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from drtool.mariadb.selection import Named
from drtool.mariadb.sql import quoted, rows_of
from drtool.record.journal import Journal
from drtool.restore.calls import note_calls
from drtool.restore.character_set import (
    judge_changes,
    note_character_set,
    note_short_letters,
    of_client,
    unnamed_failure,
)
from drtool.restore.context import RestoreContext, reading_of
from drtool.restore.delivered import judge_tables
from drtool.restore.diagnosis import holes, mysql_failure, of_own_schema, sql_failure, stream_failure
from drtool.restore.endings import closed_at, end_of, trailer_failure
from drtool.restore.in_part import judge_part, needs_more
from drtool.restore.interface import DatabaseOptions, RestoredServer
from drtool.restore.load import (
    note_accounts,
    note_events,
    note_sql_mode,
    raise_load_failure,
    settle,
    triggers_that_fired,
)
from drtool.restore.pipeline import Outcome, run_pipeline
from drtool.restore.placeholders import names_not_filled_in
from drtool.restore.provision import image_for, provision
from drtool.restore.stand_ins import judge_views
from drtool.restore.timestamps import judge_timestamps
from drtool.sandbox.sandbox import MountedBackup
from drtool.sandbox.server import VOLUME_PATH, Server

DEFAULT_DATABASE = "restored"
"""Where a dump goes that neither selects a database nor names one."""

_LONGEST_NAME = 64
_OTHERWISE_IN_MARIADB = {
    "INVISIBLE": "invisible columns and indexes become visible",
    "NOT ENFORCED": "checks that are not enforced become so",
    "SRID": "columns take any reference system",
    "ENCRYPTION=Y": "encrypted tables become plain",
}
_DOUBTFUL = {"dump-does-not-load", "dump-end-swallowed", "dump-uncommitted"}
_OF_NAMES = {"collation-unknown", "engine-missing", "mysql-feature", "syntax-too-old", "table-options-refused"}


def target_database(dump: Recognised, named: str | None) -> str | None:
    """Return the database that must be made before the dump is loaded, or None when the dump does that itself."""
    if dump.selects_database:
        return dump.missing_database
    if named:
        return named
    # A header may hold anything: what cannot be a database's name is not taken for one.
    return dump.database if dump.database and len(dump.database) <= _LONGEST_NAME else DEFAULT_DATABASE


def dump_failure(outcome: Outcome, dump: Recognised, *, charset: str | None = None) -> DrtoolError | None:
    """Return what the pipe's statuses say went wrong; a damaged stream comes before what it made of the SQL.

    What does not parse may be no SQL at all but the place where the dump breaks off, or what follows it: its end
    tells, and makes the better diagnosis. So does a name that the server does not know: it may be the half of one.
    """
    if failure := stream_failure(outcome, dump.compression):
        return failure
    named = bool(outcome.promised.character_sets)
    unnamed = unnamed_failure(outcome, "the dump", said=charset, named=named)
    if unnamed and (outcome.end == "complete" or not dump.has_header):
        return unnamed
    failure = _of_mysql(outcome, dump) or sql_failure(outcome)
    if failure and failure.code == "dump-does-not-load" and (message := _message_inside(outcome, "the dump")):
        return RestoreFailed(message.code, message.what, why=_in_short(failure), mend=message.mend)
    if failure and failure.code == "dump-does-not-load" and (unfinished := _tables_unfinished(outcome, "the dump")):
        return RestoreFailed(unfinished.code, unfinished.what, why=_in_short(failure))
    if failure and failure.code == "dump-does-not-load" and (gone := _definitions_gone(outcome, "the dump")):
        return RestoreFailed(gone.code, gone.what, why=_in_short(failure))
    doubtful = _DOUBTFUL | (_OF_NAMES if outcome.end_detail == "inside-statement" else set())
    if failure and failure.code in doubtful and (of_end := trailer_failure(outcome, dump)):
        return RestoreFailed(of_end.code, of_end.what, why=_in_short(failure), mend=of_end.mend)
    return failure


def _in_short(failure: DrtoolError) -> str:
    return f"{failure.what} ({failure.why})" if failure.why else failure.what


def in_its_own_series(
    failure: DrtoolError | None, made_by: str | None, server_version: str, asked: str | None
) -> DrtoolError | None:
    """Return a failure as what was not tried, where system tables met another series for want of an image of theirs.

    Args:
        failure: of the load.
        made_by: the series of the server that the dump is of, if it was a MariaDB.
        server_version: of the one that it was loaded into.
        asked: the series that the scenario asks for: going over to it is what is tried then.
    """
    if not failure or failure.code != "system-tables-differ" or not made_by or asked:
        return failure
    if server_version.startswith(f"{made_by}."):
        return failure
    what = f"The dump brings system tables of MariaDB {made_by}, and there was no image of that series to try them in"
    return Unverifiable("system-tables-of-another-series", what, why=f"{failure.what} ({failure.why})")


def _of_mysql(outcome: Outcome, dump: Recognised) -> RestoreFailed | None:
    """Return the failure of a whole dump that needs what only MySQL has."""
    if outcome.end != "complete" or not dump.header.get("tool", "").startswith("MySQL dump") or dump.series:
        return None
    return mysql_failure(outcome, dump.server_version)


def _doubled(tables: list[str]) -> Unverifiable:
    what = "Tables are made and filled twice in this file, and no key of theirs refuses a row that is there already: "
    why = "where both dumps hold the same rows, they came back twice"
    mend = "Write each dump to a file of its own (> in place of >>), and have it drop its tables (--add-drop-table)"
    return Unverifiable("dumps-mixed", what + listed(tables), why=why, mend=mend)


def _mixed(databases: Iterable[str]) -> Unverifiable:
    what = "Dumps of several databases are in this file and go into one, since not each of them selects its own: "
    what += listed(sorted(databases))
    return Unverifiable("dumps-mixed", what, why="tables of the same name replace each other")


def _named(database: str, table: str) -> str:
    return f"{database}.{table}" if database else table


def made_by_several(made: Mapping[str, Iterable[tuple[str, str]]]) -> Unverifiable | None:
    """Return which tables several dumps make, by the tables of each; which of them counts nothing tells."""
    makers: dict[tuple[str, str], str] = {}
    shared: dict[tuple[str, str], str] = {}
    for dump, tables in made.items():
        for table in tables:
            if (first := makers.setdefault(table, dump)) != dump:
                shared.setdefault(table, f"{_named(*table)} ({first}, {dump})")
    if not shared:
        return None
    what = f"Several of these dumps make the same tables: {listed([shared[table] for table in sorted(shared)])}"
    return Unverifiable("dumps-mixed", what, why="the order in which they are loaded decides which rows there are")


def _tables_unfinished(outcome: Outcome, dump: str) -> RestoreFailed | None:
    """Return of which tables a dump that has its end lacks the end: its tool met an error there and went on."""
    if outcome.end != "complete" or not outcome.promised.unfinished:
        return None
    tables = listed([_named(*table) for table in sorted(outcome.promised.unfinished)])
    what = f"In {dump} the rows of tables are begun and not ended, so some or all of them are missing: {tables}"
    why = "behind a table's last row its tool unlocks the table and enables its keys, and that is not there (--force)"
    return RestoreFailed("dump-tool-failed", what, why=why)


def _definitions_gone(outcome: Outcome, dump: str) -> RestoreFailed | None:
    """Return that definitions were taken out of what a tool has written.

    Of one that does not load, what it goes on to make is not read.
    """
    promised, loads = outcome.promised, not outcome.statuses.get("sink")
    is_whole = outcome.end == "complete" or (not promised.dumps_begun and bool(promised.last))
    gone = sorted(promised.gone) if loads and is_whole else []
    hollow = promised.hollow if is_whole or not loads else 0
    if not (gone or hollow):
        return None
    parts = [f"it drops {listed(gone)} and makes none anew"] if gone else []
    if hollow:
        has = "has" if hollow == 1 else "have"
        parts.append(f"{count(hollow, 'place')} for a routine, a trigger or an event {has} no definition")
    what = f"Definitions were taken out of {dump}: {'; '.join(parts)}"
    return RestoreFailed("definitions-taken-out", what)


def note_how_it_is_written(journal: Journal, name: str, outcomes: Mapping[str, Outcome]) -> None:
    """Enter what is peculiar in how dumps are written, though all of it loads.

    Args:
        journal: of the drill.
        name: what the drill calls the database.
        outcomes: how the load of each dump ended, by what a sentence calls it.
    """
    bare = sorted(dump for dump, outcome in outcomes.items() if _is_without_options(outcome))
    if bare:
        what = (
            f"No table has an engine or other options in {listed(bare)}, nor with --skip-opt and --skip-create-options "
            "AUTO_INCREMENT and ON UPDATE, whatever they have in production"
        )
        journal.warning("table-options-not-dumped", what, resource=name)
    for part, otherwise in _OTHERWISE_IN_MARIADB.items():
        tables = {named for one in outcomes.values() for named in one.promised.passed_over.get(part, ())}
        if tables:
            of = listed([_named(*table) for table in sorted(tables)])
            what = f"MariaDB passes over what is for MySQL alone in these tables, so that {otherwise}: {of}"
            journal.warning("mysql-parts-passed-over", what, resource=name)
    nulls = sorted(dump for dump, one in outcomes.items() if one.promised.nulls and not one.promised.dumps_begun)
    if nulls:
        journal.deviation(
            f"Bytes that are zero stand in {listed(nulls)}: by hand such a dump is loaded by "
            "`mariadb --binary-mode` alone, as it was here"
        )


def _is_without_options(outcome: Outcome) -> bool:
    made = [table for table in outcome.promised.tables.values() if table.made]
    return bool(outcome.promised.dumps_begun and made) and not any(table.engine for table in made)


def _message_inside(outcome: Outcome, dump: str) -> RestoreFailed | None:
    """Return that messages of the tool to its user stand inside a dump, where `2>&1` has put them."""
    if not (outcome.promised.messages or (outcome.promised.in_between and outcome.promised.dumps_begun)):
        return None
    what = f"A message of the dump tool stands inside {dump}"
    mend = "Take `2>&1` out of the backup job, and look into that message: the tool may have gone on without a table"
    return RestoreFailed("dump-tool-failed", what, mend=mend)


def left_out(outcome: Outcome, dump: str) -> Iterator[DrtoolError]:
    """Yield what a dump lacks by its own words; what chose rows may be personal data."""
    if denied := outcome.promised.denied:
        what = f"By its own words {dump} lacks {count(denied, 'routine')} that its account was not allowed to read"
        yield RestoreFailed("dump-lacks-routines", what)
    if filtered := _definitions_gone(outcome, dump):
        yield filtered
    if errors := outcome.promised.complaints:
        what = f"In {dump} its tool tells of {count(errors, 'error')} that it met while it read tables, and went on"
        yield RestoreFailed("dump-tool-failed", what)
    if unfinished := _tables_unfinished(outcome, dump):
        yield unfinished
    if not outcome.statuses.get("sink") and (message := _message_inside(outcome, dump)):
        yield message
    if unfilled := names_not_filled_in(outcome.promised, dump):
        yield unfilled
    if tables := outcome.promised.filtered:
        of = f"the rows of {count(tables, 'table')} were chosen by a condition"
        yield Unverifiable("dump-of-some-rows", f"By its own words {dump} does not hold all rows: {of} (--where)")
    if outcome.promised.nulls and outcome.promised.dumps_begun and not outcome.statuses.get("sink"):
        yield holes(dump)
    if outcome.hides_warnings or outcome.promised.hides_warnings:
        what = f"While {dump} was loaded it set how many warnings the server keeps (max_error_count)"
        yield Unverifiable("warnings-hidden", what, why="rows that were changed or left out are told by warnings alone")


def _enter_what_it_lacks(
    context: RestoreContext,
    name: str,
    server: Server,
    outcome: Outcome,
    target: str | None,
    said: str | None,
    *,
    cut_short: bool,
) -> None:
    """Enter what a dump that loaded lacks, by its own words or by what became of it."""
    if outcome.promised.mixed:
        context.journal.finding(_mixed(outcome.promised.mixed), resource=name)
    if twice := sorted(named for named, table in outcome.promised.tables.items() if table.twice):
        context.journal.finding(_doubled([_named(*table) for table in twice]), resource=name)
    if again := sorted(table for table, times in outcome.promised.tables_made.items() if times > 1):
        context.journal.deviation(
            f"The dump of {name} makes tables more than once; as the last of them left them they were questioned: "
            f"{listed([_named(*table) for table in again])}"
        )
    for lacking in left_out(outcome, f"the dump of {name}"):
        context.journal.finding(lacking, resource=name)
    note_how_it_is_written(context.journal, name, {f"the dump of {name}": outcome})
    if not cut_short:  # else what it would have made of them is cut off, and that is said
        judge_views(context, name, server, outcome)
        note_calls(context, name, server)
    if fired := triggers_that_fired(server, f"the dump of {name}"):
        context.journal.finding(fired, resource=name)
    tables = outcome.promised.tables_in(target)
    told = judge_tables(context, name, server, tables, uncounted=outcome.promised.uncounted, fired=fired is not None)
    named, what = bool(outcome.promised.character_sets), f"the dump of {name}"
    judge_changes(
        context.journal, name, server, outcome, what, said=said, named=named, tables=tables, engines_told=told
    )
    note_character_set(context.journal, name, said=said, named=named, wide=outcome.promised.wide)
    note_short_letters(context.journal, name, server, outcome.promised)
    if not outcome.promised.sql_modes:
        note_sql_mode(context, name, server, "the dump sets")


def tables_in(outcome: Outcome, target: str) -> set[Named]:
    """Return the tables and views that a dump makes; those without a database are the target's."""
    named = {*outcome.promised.tables_made, *outcome.promised.views, *outcome.promised.announced}
    return {(database or target, table) for database, table in named}


def _load(
    context: RestoreContext,
    backup: Backup,
    name: str,
    options: DatabaseOptions,
    server: Server,
    mounted: MountedBackup,
    target: str,
) -> tuple[Outcome, set[Named]]:
    """Load a dump, or what is wanted of it; return how that ended, and all tables and views that it has."""
    with context.restoring(backup, name) as step:
        if target:
            rows_of(server.first, f"CREATE DATABASE IF NOT EXISTS {quoted(target)}")
        outcome = run_pipeline(
            server.container,
            compression=backup.recognised.compression,
            sink="sql",
            target=VOLUME_PATH,
            arguments=[target] if target else [],
            reader=mounted.reader,
            source=mounted.source,
            unlocking=backup.unlocking,
            charset=of_client(options.charset, backup.recognised.charset),
            progress=step.progress,
            only=options.only,
        )
        context.note_read(backup, outcome, step)
        there = tables_in(outcome, target)
        if options.only:
            outcome.promised = outcome.promised.of(options.only, target)
        failure = dump_failure(outcome, backup.recognised, charset=options.charset)
        failure = in_its_own_series(failure, backup.recognised.series, server.version, options.version)
        if failure and options.only:
            failure = needs_more(outcome, options.only, there) or failure
        if failure and (unfilled := names_not_filled_in(outcome.promised, f"the dump of {name}")):
            context.journal.finding(unfilled, resource=name)
        raise_load_failure(server, failure, finished=outcome.finished, what="The dump")
    return outcome, there


def restore_dump(context: RestoreContext, backup: Backup, name: str, options: DatabaseOptions) -> RestoredServer:
    """Restore a dump into a server of its own, of the series that the dump was made with.

    Raises:
        RestoreFailed: the dump does not restore.
        Unverifiable: the sandbox could not be made or was lost.
    """
    image = image_for(context, backup, options)
    [mounted] = context.within_reach([backup], name, image)
    target = target_database(backup.recognised, options.database)
    if own := of_own_schema(target):
        raise own
    server = provision(context, backup, name, image, mounted, options)
    if options.database and target != options.database:
        context.journal.deviation(
            f"The dump of {name} selects its databases itself, so database={options.database!r} was not used"
        )
    outcome, there = _load(context, backup, name, options, server, mounted, target or "")
    settle(context, name, server)
    note_accounts(context, name, server)
    note_events(context, name, server)
    end = end_of(outcome, backup.recognised)
    if end.assumption:
        context.journal.assumption(f"{name}: {end.assumption}")
    if end.deviation:
        context.journal.deviation(f"{name}: {end.deviation}")
    if closed := closed_at(outcome, backup.recognised):
        outcome.finished_wall, outcome.last_finished_wall = min(closed), max(closed)
    context.came_back(
        backup, name, outcome, question=end.question, failure=end.failure, unknown=end.unknown, zone=options.zone
    )
    if options.only:
        judge_part(context, name, server, options.only, there, outcome.passed_over)
    _enter_what_it_lacks(context, name, server, outcome, target, options.charset, cut_short=end.failure is not None)
    if backup.recognised.of_replica:
        context.journal.assumption(
            f"{name}: the dump is of a replica, taken to have been level with its primary when the dump began; "
            "a witness that the primary writes (check_freshness) tells how far it was behind"
        )
    zoneless = judge_timestamps(context.journal, name, server, backup.recognised, options.zone)
    start = backup.recognised.binlog_start
    if start and outcome.promised.gtid is not None:
        start = replace(start, gtid=outcome.promised.gtid)
    of_users, of_server = outcome.promised.tables_of_users(target)
    return RestoredServer(
        server=server,
        image=image,
        made_by=backup.recognised.server_version,
        binlog_start=start,
        tables_expected=of_users > 0,
        system_tables=of_server,
        reading=reading_of(outcome, snapshot=start is not None),
        zoneless=zoneless,
        only=options.only,
    )
