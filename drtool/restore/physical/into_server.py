"""From a physical MariaDB backup, and increments to it, to a running server: unpack, prepare, check pages, start.

Everything is unpacked into what becomes the server's data folder and prepared there, as `--move-back` would leave it.
Which series made the backup stands in its last bytes, so any image unpacks it; the one of that series prepares it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from drtool.amounts import listed
from drtool.backups.backup import Backup
from drtool.backups.increments import Link, chain
from drtool.backups.naming import names_apart
from drtool.backups.physical import Physical, read_physical
from drtool.backups.recognise import Format
from drtool.backups.when_physical import when_physical_taken
from drtool.errors import RestoreFailed, Unverifiable
from drtool.mariadb.innodb import database_of, table_of
from drtool.mariadb.selection import Selection
from drtool.mariadb.series import numbers
from drtool.mariadb.sql import rows_of
from drtool.record.steps import Phase
from drtool.record.verdicts import Check, Verdict
from drtool.restore.context import RestoreContext, host_zone, stored_record
from drtool.restore.files import untar_failure
from drtool.restore.in_part import judge_part
from drtool.restore.interface import DatabaseOptions, RestoredServer
from drtool.restore.load import settle
from drtool.restore.physical.diagnosis import prepare_failure, unpack_failure
from drtool.restore.physical.files import PhysicalFiles, schema_of
from drtool.restore.pipeline import Outcome
from drtool.restore.provision import check_plugins, image_for, note_server, settings_for
from drtool.sandbox.container import Container
from drtool.sandbox.image import Image
from drtool.sandbox.loss import raise_if_cut_short
from drtool.sandbox.server import DATA_PATH, Server

# Of each full-text index the table too, by the number in its file's name; none where the index has lost it.
_OF_FULL_TEXT = (
    f"SELECT f.name, {database_of('t.name')}, {table_of('t.name')} "  # noqa: S608 (columns)
    "FROM information_schema.innodb_sys_tables f LEFT JOIN information_schema.innodb_sys_tables t "
    "ON t.table_id = CONV(SUBSTR(SUBSTRING_INDEX(f.name, '/FTS_', -1), 1, 16), 16, 10) "
    "WHERE f.name REGEXP '/FTS_[0-9a-f]{16}_' AND f.name NOT LIKE '%/#%' AND f.space <> 0"
)
_OF_INNODB = (
    f"SELECT DISTINCT {database_of('name')}, {table_of('name')} FROM information_schema.innodb_sys_tables "  # noqa: S608
    "WHERE name LIKE '%/%' AND name NOT LIKE '%/#%' AND name NOT REGEXP '^(mysql|sys)/|/FTS_[0-9a-f]{16}_'"
)
_FILES_OF_FULL_TEXT = (
    'cd "$1" && find . -mindepth 2 -maxdepth 2 -name "FTS_*.ibd" -size +0c -printf "file %P\\n"; echo done'
)
FORMATS = (Format.MBSTREAM, Format.PHYSICAL_FOLDER, Format.TAR)


def restore_physical(context: RestoreContext, backup: Backup, name: str, options: DatabaseOptions) -> RestoredServer:
    """Restore a physical backup, with the increments that the options give, into a server of its own.

    Raises:
        RestoreFailed: the backup, or the chain of increments, does not restore.
        Unverifiable: the sandbox could not be made or was lost, or has no server of the backup's series.
    """
    if options.only and not str(options.only).isascii():
        what = (
            f"In file names of a physical backup drtool knows letters of ASCII alone, and not all of {options.only} are"
        )
        raise Unverifiable("part-unsupported", what)
    backups = [backup, *options.increments]
    for increment in options.increments:
        context.claim_part(name, increment, FORMATS)
    any_image = context.image(None)
    mounted = context.within_reach(backups, name, any_image)
    volume = context.sandbox.volume(f"{name}-data")
    files = PhysicalFiles(context.sandbox, name, volume, mounted, limits=options.limits)
    with context.journal.step(Phase.PROVISION, f"make an empty data folder for {name}", resource=name):
        container = files.work_in(any_image)
    context.prove_isolated(name, container)
    unpacked = [_unpack(context, files, one, number, name, options.only) for number, one in enumerate(backups)]
    with context.journal.step(Phase.RESTORE, f"read what the backup of {name} says of itself", resource=name):
        links = _described(context, files, backups)
        increments = chain(links[0], links[1:])
    newest = (increments or links)[-1 if increments else 0]
    said = links[0].physical  # what is known of its server now that it is unpacked
    recognised = replace(backup.recognised, server_version=said.server_version, series=said.series)
    backup = replace(backup, recognised=recognised)
    own_image = context.image(links[0].physical.series, exact=True)  # no other prepares it
    if own_image.reference != any_image.reference:
        with context.journal.step(Phase.PROVISION, f"go on with MariaDB {newest.physical.series}", resource=name):
            container = files.work_in(own_image)
        context.prove_isolated(name, container)
    _prepare(context, files, container, links[0], increments, name)
    _note_unused(context, name, links[1:], increments)
    _check_pages(context, files, container, newest.physical, name)
    files.stop()
    image = own_image if options.version is None else image_for(context, backup, options)
    server = _start(context, backup, name, image, volume, newest.physical, options)
    _check_full_text(context, server, name, options.only)
    if options.only:
        _note_part(context, server, name, options.only)
    stored = stored_record(backups[newest.number])
    taken = when_physical_taken(newest.physical, stored, zone=options.zone, host_zone=host_zone())
    question = "the backup ends where its last file ends, and describes itself"
    context.came_back(backup, name, unpacked[-1], question=question, taken=taken)
    return RestoredServer(
        server=server,
        image=image,
        made_by=backup.recognised.server_version,
        binlog_start=newest.physical.binlog_start,
        keeps_counters=True,
        keeps_history=True,
        data_files=True,
        only=options.only,
    )


def _note_part(context: RestoreContext, server: Server, name: str, only: Selection) -> None:
    """Enter what was restored and what was left out, of which InnoDB's own dictionary knows the tables still."""
    there = {(str(database), str(table)) for database, table in rows_of(server.first, _OF_INNODB)}
    judge_part(context, name, server, only, there, {})
    context.journal.deviation(
        f"{name}: its system tables came whole, with accounts and routines; views and tables of other engines "
        "than InnoDB that were left out are not counted"
    )


def _unpack(
    context: RestoreContext, files: PhysicalFiles, backup: Backup, number: int, name: str, only: Selection | None
) -> Outcome:
    is_stream = backup.recognised.format is Format.MBSTREAM
    sink, failure = ("mbstream", unpack_failure) if is_stream else ("untar", untar_failure)
    outcome = files.unpack(context, number, backup, sink=sink, failure=failure, only=only)
    if backup.recognised.format is Format.PHYSICAL_FOLDER and backup.found.is_folder:
        if only:
            context.journal.backup_digest(backup.location, None)
            context.journal.deviation(f"{name}: a part of {backup.location} was unpacked, so it has no digest")
            return outcome
        with context.journal.step(Phase.VERIFY, f"digest the folder {backup.location}", resource=name):
            context.journal.backup_digest(backup.location, files.digest(number))
    return outcome


def _described(context: RestoreContext, files: PhysicalFiles, backups: Sequence[Backup]) -> list[Link]:
    """Read what each backup says of itself, and enter it."""
    links, names = [], names_apart(backup.location for backup in backups)
    for number, backup in enumerate(backups):
        facts = files.facts(number)
        if facts.links:
            what = "symbolic links, which the tool does not make; what lies behind them outside was not backed up"
            context.journal.deviation(f"{backup.location} holds {what}: {listed(facts.links)}")
        if facts.left_behind and not backup.recognised.left_behind:
            context.note_left_behind(backup.location, facts.left_behind)
        physical = read_physical(facts)
        context.journal.backup_says(backup.location, physical.header, server_version=physical.server_version)
        links.append(Link(number=number, name=names[backup.location], physical=physical))
    return links


def _prepare(
    context: RestoreContext,
    files: PhysicalFiles,
    container: Container,
    full: Link,
    increments: Sequence[Link],
    name: str,
) -> None:
    """Apply the backup's log and each increment, and give the files to the server's account."""
    with context.journal.step(Phase.RESTORE, f"prepare {name}", resource=name):
        _must_fit(files.tool_version(), full.physical)
        for link in (full, *increments):
            if link is full and full.physical.prepared and not increments:
                context.journal.assumption(f"{name}: the backup was prepared already when it was stored")
                continue
            prepared = files.prepare(link.physical.settings, increment=None if link is full else link.number)
            raise_if_cut_short(container, finished=prepared.finished)
            if failure := prepare_failure(prepared, what=link.name):
                raise failure
        if files.hand_over():
            context.journal.deviation(
                f"{name}: tables that lay outside production's data folder (DATA DIRECTORY) were restored into it"
            )
    context.journal.assumption(
        f"{name}: the backup was unpacked and prepared in the server's data folder itself, as --move-back leaves it; a "
        "runbook that copies it there (--copy-back) takes longer by that copy"
    )


def _must_fit(tool_version: str, physical: Physical) -> None:
    """Raise what speaks against preparing a backup with the server at hand: only its own series knows its files."""
    at_hand, made_by = numbers(tool_version)[:2], physical.numbers[:2]
    if at_hand == made_by:
        return
    relation = "older" if at_hand < made_by else "newer"
    raise Unverifiable(
        "server-older-than-backup" if at_hand < made_by else "server-newer-than-backup",
        f"The backup was made by MariaDB {physical.series} and the image has the {relation} "
        f"{'.'.join(map(str, at_hand)) or 'unknown'}, so it was not prepared",
        why="a physical backup is prepared by the series that made it, and by no other",
        mend=f"Name an image of MariaDB {physical.series} (--image), or none",
    )


def _note_unused(context: RestoreContext, name: str, given: Sequence[Link], used: Sequence[Link]) -> None:
    if unused := [link.name for link in given if link not in used]:
        context.journal.deviation(
            f"{name}: {len(unused)} of {len(given)} increments are not on the way to the newest and were not applied: "
            f"{listed(unused)}"
        )


def _check_pages(
    context: RestoreContext, files: PhysicalFiles, container: Container, physical: Physical, name: str
) -> None:
    """Check every page of the prepared data before a server touches it, and enter what that came to."""
    with context.journal.step(Phase.VERIFY, f"check the pages of {name}", resource=name):
        started = time.monotonic()
        pages, finished = files.pages(physical.settings)
        raise_if_cut_short(container, finished=finished)
        damaged = listed(pages.damaged)
        observed = f"{len(pages.damaged)} of {pages.files} files with a damaged page"
        context.journal.check(
            Check(
                resource=name,
                name="pages match their checksums",
                question="innochecksum over every file of InnoDB's, prepared and not yet started",
                expected="0 files with a damaged page",
                observed=f"{observed}: {damaged}" if damaged else observed,
                outcome=Verdict.FAILED if damaged else Verdict.PASSED if pages.files else Verdict.UNVERIFIED,
                builtin=True,
                elapsed_seconds=time.monotonic() - started,
            )
        )
        if pages.lost:
            what = f"Of these tables or triggers no definition is in the backup: {listed(pages.lost)}"
            lost = RestoreFailed("definition-missing", what)
            if any(table.startswith("mysql.") for table in pages.lost):
                raise lost  # without its own tables a server does this or that, and answers no question for certain
            context.journal.finding(lost, resource=name)


def _check_full_text(context: RestoreContext, server: Server, name: str, only: Selection | None) -> None:
    """Hold the files of full-text indexes against InnoDB's dictionary: the server misses none until it searches one."""
    with context.journal.step(Phase.VERIFY, f"look for the full-text indexes of {name}", resource=name):
        told = list(server.container.talk(_FILES_OF_FULL_TEXT, DATA_PATH, doing="listing the files of indexes"))
        raise_if_cut_short(server.container, finished=("done", "") in told)
        there = {path for kind, path in told if kind == "file"}
        gone = sorted(
            path
            for path, database, table in rows_of(server.first, _OF_FULL_TEXT)
            if f"{path}.ibd" not in there and (only is None or (database and only.takes(database, table)))
        )
        if gone:
            schemas = listed(
                [f"{count} in {schema}" for schema, count in sorted(Counter(map(schema_of, gone)).items())]
            )
            what = f"Files of full-text indexes are not in the backup: {schemas}"
            context.journal.finding(RestoreFailed("index-files-missing", what), resource=name)


def _start(
    context: RestoreContext,
    backup: Backup,
    name: str,
    image: Image,
    volume: str,
    physical: Physical,
    options: DatabaseOptions,
) -> Server:
    """Start a server over the prepared data and see that nothing gets out of it."""
    chosen = settings_for(context, backup, name, options)
    with context.journal.step(Phase.START, f"start MariaDB over the restored data of {name}", resource=name):
        try:
            server = Server.start(
                context.sandbox,
                name,
                image,
                None,
                profile=context.terms.profile,
                limits=options.limits,
                settings={**physical.settings, **chosen.applied},
                files=chosen.files,
                defaults=chosen.defaults,
                over=volume,
            )
        except Unverifiable as error:
            if error.code != "server-not-ready":
                raise
            what = "The server does not start over the restored data"
            raise RestoreFailed("server-does-not-start", what, why=error.why) from error
        check_plugins(context, name, server.first, chosen)
    note_server(context, backup, name, image, server, options)
    context.prove_isolated(name, server.container)
    context.journal.deviation(
        f"The restored {name} has production's accounts; drtool made one of its own there to put its questions"
    )
    settle(context, name, server)
    return server
