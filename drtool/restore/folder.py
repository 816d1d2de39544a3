"""From a folder of dumps to a running server with its data: definitions, rows, then what would have been in the way.

Triggers are set aside while rows are loaded, and put back: they must not fire at rows that come from a backup.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import pymysql
from pymysql.constants import ER

from drtool.amounts import count, listed
from drtool.backups.backup import Backup
from drtool.backups.folder_of_dumps import FOLDER_OF_DUMPS, not_restored
from drtool.backups.folder_plan import Folder, Load
from drtool.backups.mydumper import KIND
from drtool.backups.named_dumps import WITHOUT_NAME
from drtool.errors import DrtoolError, RestoreFailed
from drtool.mariadb.selection import Selection
from drtool.mariadb.sql import quoted, rows_of
from drtool.record.recovery_point import CONTRADICTION_SECONDS
from drtool.restore.character_set import unnamed_failure
from drtool.restore.checksums import judge_lists
from drtool.restore.context import RestoreContext, reading_of
from drtool.restore.diagnosis import sql_failure, stream_failure
from drtool.restore.dump import tables_in
from drtool.restore.endings import UNKNOWN_END
from drtool.restore.folder_ends import end_failure, is_end_known, tables_promised
from drtool.restore.folder_lacks import enter_what_it_lacks, names_charset
from drtool.restore.folder_load import FolderLoader
from drtool.restore.in_part import judge_part, needs_more
from drtool.restore.interface import DatabaseOptions, RestoredServer
from drtool.restore.load import note_accounts, raise_load_failure, settle
from drtool.restore.logs_beside import logs_among, what_is_not_replayed
from drtool.restore.pipeline import Outcome
from drtool.restore.promises import Named
from drtool.restore.provision import image_for, provision
from drtool.restore.system_tables import make_room, of_another_series
from drtool.restore.timestamps import judge_timestamps
from drtool.restore.triggers import put_back, set_aside
from drtool.sandbox.image import Image
from drtool.sandbox.loss import stop_failure
from drtool.sandbox.sandbox import MountedBackup
from drtool.sandbox.server import Server
from drtool.times import format_duration

_BETTER_TOLD = {"dump-truncated", "dump-trailing-garbage"}
_NO_SUCH_TABLE = re.compile(rf"MariaDB error {ER.NO_SUCH_TABLE} .*: (?P<table>.+)")


def folder_digest(digests: Mapping[str, str]) -> str:
    """Return the digest of a folder, in hex.

    It is the SHA-256 of one line `DIGEST  PATH` for each file, sorted by path as bytes, as
    `find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum` gives it in the folder.

    Args:
        digests: the SHA-256 of each file, in hex, by its path in the folder.
    """
    lines = (f"{digests[path]}  {path}\n" for path in sorted(digests, key=str.encode))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def restore_folder(context: RestoreContext, backup: Backup, name: str, options: DatabaseOptions) -> RestoredServer:
    """Restore a folder of dumps into a server of its own, of the series that it was made with.

    Raises:
        RestoreFailed: the folder does not restore.
        Unverifiable: the sandbox could not be made or was lost.
    """
    image = image_for(context, backup, options)
    [mounted] = context.within_reach([backup], name, image)
    sizes = {backup.found.path_of(member): member.size_bytes for member in backup.found.members}
    return restore_files_of(context, backup, name, options, image, mounted, sizes, is_backup=True)


def _enter_how_it_is_read(context: RestoreContext, name: str, folder: Folder) -> None:
    if logs := logs_among(folder.left_out):
        context.journal.warning("logs-not-replayed", what_is_not_replayed(name, logs), resource=name)
    if others := [path for path in folder.left_out if path not in logs]:
        context.journal.deviation(f"{name}: not restored, since they are no dumps: {listed(others)}")
    if folder.of_servers:
        which = listed([f"{path} ({database})" for path, database in folder.of_servers])
        context.journal.deviation(
            f"{name}: not restored, since a loop over SHOW DATABASES wrote them of what every server makes, or of its "
            f"heading, and no server takes them back: {which}; leave them out of the job (`mariadb -N`)"
        )
    for path, kind in folder.backups:
        context.journal.finding(not_restored(path, kind), resource=name)
    if folder.rows_format:
        context.journal.assumption(f"{name}: how its rows are written was told from them: {folder.rows_format}")
    if folder.kind == KIND and folder.databases:
        made = f"drtool made {listed(folder.databases)}, which mydumper wrote no definition of"
        context.journal.assumption(f"{name}: {made}, by the names of its files, and as the server makes a database")
    if folder.named_after:
        into = listed([f"{path} into {database}" for path, database in folder.named_after])
        context.journal.assumption(
            f"{name}: these dumps name no database, and each went into one that its file or folder is named after, or "
            f"that the dumps beside it name: {into}"
        )
    if folder.unnamed:
        context.journal.deviation(
            f"{name}: neither these dumps nor the names of their files and folders tell which database they are of, "
            f"and they went into `{WITHOUT_NAME}` together: {listed(folder.unnamed)}"
        )


def restore_files_of(
    context: RestoreContext,
    backup: Backup,
    name: str,
    options: DatabaseOptions,
    image: Image,
    mounted: MountedBackup,
    sizes: dict[str, int],
    *,
    is_backup: bool,
) -> RestoredServer:
    """Restore a folder that is within reach.

    Args:
        context: the drill.
        backup: recognised as a folder of dumps.
        name, options: what the drill calls the database, and what the scenario says of it.
        image: to restore into.
        mounted: where the folder is in the container.
        sizes: of all its files, by their paths.
        is_backup: whether the folder itself is the backup, whose digest is to be entered; else it came out of one.
    """
    whole_folder = backup.recognised.folder
    assert whole_folder is not None  # noqa: S101 (for the type checker: it is recognised as one)
    folder = whole_folder.part(options.only) if options.only else whole_folder
    _enter_how_it_is_read(context, name, folder)
    server = provision(context, backup, name, image, mounted, options)
    started = time.monotonic()
    with context.restoring(backup, name) as step:
        loader = FolderLoader(
            server,
            mounted,
            sizes,
            progress=step.progress if is_backup else lambda _: None,
            rows_in_utc=backup.recognised.says_zone,
            charset=options.charset,
            only=options.only,
        )
        try:
            failure, outcomes = _load(context, name, server, loader, folder, options)
        except pymysql.err.MySQLError as error:
            raise (stop_failure(server.container) or error) from error
        if is_backup and loader.cut_short is None and not options.only:
            loader.read_rest()
        whole = _whole(folder, outcomes, loader, sizes, elapsed_seconds=time.monotonic() - started)
        if not folder.finished and (oldest := _oldest(outcomes)):
            context.journal.assumption(f"{name}: {oldest}")
        if is_backup:
            context.note_read(backup, whole, step)
        failure = failure and (_undefined(folder, outcomes, failure) or failure)
        if options.only:
            there = _keep_wanted(whole_folder, outcomes, options.only)
            failure = failure and (_needs_more(outcomes, options.only, there) or failure)
        raise_load_failure(server, failure, finished=whole.finished, what="A dump")
    settle(context, name, server)
    note_accounts(context, name, server)
    broken = next((found for load in folder.loads if (found := end_failure(load, outcomes))), None)
    whole.end = "missing" if broken else "complete"
    context.came_back(
        backup,
        name,
        whole,
        question="every file of the folder ends as its tool ends it",
        failure=broken,
        unknown="" if is_end_known(folder, outcomes) else UNKNOWN_END,
        zone=options.zone,
    )
    if options.only:
        left = sum((Counter(outcome.passed_over) for outcome in outcomes.values()), Counter[str]())
        judge_part(context, name, server, options.only, there, left, whole_folder.unread(options.only))
        _note_unread(context, name, loader, sizes, is_backup=is_backup)
    enter_what_it_lacks(context, name, server, folder, outcomes, whole, options.charset)
    if not options.only:
        judge_lists(context, backup, name, folder, loader.digests, server.container, mounted)
    zoneless = judge_timestamps(context.journal, name, server, backup.recognised, options.zone)
    return RestoredServer(
        server=server,
        image=image,
        made_by=backup.recognised.server_version,
        **tables_promised(folder, outcomes),
        reading=reading_of(whole, snapshot=folder.started is not None),
        zoneless=zoneless,
        only=options.only,
    )


def _keep_wanted(folder: Folder, outcomes: Mapping[str, Outcome], only: Selection) -> set[Named]:
    """Reduce what files promise to what is wanted; return all tables and views that are known to be in the folder."""
    there = folder.there
    for load in folder.loads:
        if outcome := outcomes.get(load.path):
            there |= tables_in(outcome, load.database or "")
            outcome.promised = outcome.promised.of(only, load.database or "")
    return there


def _needs_more(outcomes: Mapping[str, Outcome], only: Selection, there: set[Named]) -> DrtoolError | None:
    return next((found for one in outcomes.values() if (found := needs_more(one, only, there))), None)


def _note_unread(
    context: RestoreContext, name: str, loader: FolderLoader, sizes: Mapping[str, int], *, is_backup: bool
) -> None:
    """Enter which files were not loaded, since what is wanted is in others, and that a folder has no digest then."""
    if unread := sorted(sizes.keys() - loader.digests.keys()):
        loaded = f"{len(sizes) - len(unread)} of {count(len(sizes), 'file')} of the backup were loaded"
        undone = "no digest of the folder was taken, and nothing was" if is_backup else "nothing was"
        why = "since the others hold nothing that is wanted"
        context.journal.deviation(f"{name}: {loaded}, {why}; {undone} proved of those: {listed(unread)}")


def _whole(
    folder: Folder,
    outcomes: Mapping[str, Outcome],
    loader: FolderLoader,
    sizes: Mapping[str, int],
    *,
    elapsed_seconds: float,
) -> Outcome:
    """Return how all files of a folder were restored, as one backup; of several ends the oldest counts."""
    first, last = _ends(outcomes)
    return Outcome(
        finished=loader.cut_short is None,
        sha256=folder_digest(loader.digests) if loader.digests.keys() >= sizes.keys() else None,
        elapsed_seconds=elapsed_seconds,
        started_wall=folder.started,
        finished_wall=folder.finished or min(first.values(), default=None),
        last_finished_wall=folder.finished or max(last, default=None),
    )


def _ends(outcomes: Mapping[str, Outcome]) -> tuple[dict[str, datetime], list[datetime]]:
    first = {path: one.completed_wall for path, one in outcomes.items() if one.completed_wall}
    return first, [one.last_completed_wall for one in outcomes.values() if one.last_completed_wall]


def _oldest(outcomes: Mapping[str, Outcome]) -> str | None:
    """Return which of the dumps of a folder is the oldest and by how much, where that is more than a minute."""
    first, last = _ends(outcomes)
    path = min(first, key=lambda one: first[one], default=None)
    if path is None or (behind := (max(last) - first[path]).total_seconds()) <= CONTRADICTION_SECONDS:
        return None
    return (
        f"the oldest of its files counts for the recovery point: {path}, which was completed "
        f"{format_duration(behind)} before the last one"
    )


def _load(
    context: RestoreContext, name: str, server: Server, loader: FolderLoader, folder: Folder, options: DatabaseOptions
) -> tuple[DrtoolError | None, dict[str, Outcome]]:
    """Load a folder as its plan says, up to what fails."""
    said = options.charset
    for database in folder.databases:
        rows_of(server.first, f"CREATE DATABASE IF NOT EXISTS {quoted(database)}")
    own = make_room(server.first, folder) if folder.kind == KIND else {}
    outcomes = loader.load_in_any_order(folder.definitions)
    failure = _first_failure(folder.definitions, outcomes, loader, said)
    if own and not loader.cut_short:
        context.journal.assumption(
            f"{name}: it brings the server's own tables; those it brings were dropped first, as myloader "
            "--overwrite-tables does"
        )
        failure = of_another_series(server.first, own, server.version, options.version) or failure
    if failure or loader.cut_short:
        return failure, outcomes
    if folder.rows:
        aside = set_aside(server.first)
        outcomes |= loader.load(folder.rows, session=folder.session)
        if (failure := _first_failure(folder.rows, outcomes, loader, said)) or loader.cut_short:
            return failure, outcomes
        if aside:
            with server.connect() as connection:
                put_back(connection, aside)
            context.journal.assumption(
                f"{name}: {len(aside)} triggers were set aside while the rows were loaded, and put back: they would "
                "have fired at each row, as they do where a client loads these files in their order"
            )
    outcomes |= loader.load_in_any_order(folder.last)
    failure = _first_failure(folder.last, outcomes, loader, said)
    if not failure and not loader.cut_short:
        outcomes |= loader.load_in_any_order(folder.invalid)
    return failure, outcomes


def _undefined(folder: Folder, outcomes: Mapping[str, Outcome], failure: DrtoolError) -> RestoreFailed | None:
    """Return that a table is missing which no dump of a folder makes, where that is why it does not load."""
    found = _NO_SUCH_TABLE.fullmatch(failure.why)
    if not found or folder.kind != FOLDER_OF_DUMPS:
        return None
    table = found["table"].rpartition(".")[2].lower()
    if any(table == made.lower() for one in outcomes.values() for _, made in one.promised.tables_made):
        return None
    what = f"No dump of this folder makes the table {found['table']}, which others of them need"
    mend = "Look for the dump with the definitions (--no-data) where the folder was copied from, or dump all in one run"
    return RestoreFailed("folder-incomplete", what, why=f"{failure.what}: {failure.why}", mend=mend)


def _first_failure(
    loads: tuple[Load, ...], outcomes: dict[str, Outcome], loader: FolderLoader, said: str | None
) -> DrtoolError | None:
    if loader.cut_short:
        return None  # only the container knows why
    for load in loads:
        outcome = outcomes.get(load.path)
        if outcome is None:
            continue
        unnamed = unnamed_failure(outcome, load.path, said=said, named=names_charset(load, outcome))
        if failure := stream_failure(outcome, "compressed") or unnamed or sql_failure(outcome):
            end = end_failure(load, outcomes)
            doubtful = failure.code in {"dump-does-not-load", "charset-not-named"}
            better = end if end and doubtful and end.code in _BETTER_TOLD else failure
            return type(better)(better.code, f"{load.path}: {better.what}", why=better.why, mend=better.mend)
    return None
