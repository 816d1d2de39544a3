"""From a MariaDB dump to a running server with its data: provision, prove the isolation, load, look at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

import pymysql

from drtool.backups.backup import Backup
from drtool.backups.recognise import Format
from drtool.errors import RestoreFailed, Unverifiable
from drtool.record import Phase
from drtool.restore import dump
from drtool.restore.context import RestoreContext
from drtool.restore.cut_short import raise_if_cut_short, stop_failure
from drtool.sandbox.sandbox import Limits
from drtool.sandbox.server import Server


@dataclass(frozen=True, kw_only=True)
class DatabaseOptions:
    """What a scenario may say of a database's restore; see `Drill.restore_mariadb`."""

    database: str | None
    settings: Mapping[str, str]
    limits: Limits
    zone: tzinfo | None


def restore_dump(context: RestoreContext, backup: Backup, name: str, options: DatabaseOptions) -> Server:
    """Restore a dump into a server of its own, of the series that the dump was made with.

    Raises:
        RestoreFailed: the dump does not restore.
        Unverifiable: the sandbox could not be made or was lost.
    """
    context.claim(name, backup, Format.DUMP)
    image = context.image(backup.recognised.series)
    mounted = context.within_reach(backup, name, image)
    with context.journal.step(Phase.PROVISION, f"start an empty MariaDB for {name}", resource=name):
        server = Server.start(
            context.sandbox,
            name,
            image,
            mounted,
            profile=context.terms.profile,
            limits=options.limits,
            settings=options.settings,
        )
    context.note_container(name, image, options.limits, server.settings, server.version)
    _note_server_version(context, backup, server)
    context.prove_isolated(name, server.container)
    target = dump.target_database(backup.recognised, options.database)
    if options.database and target != options.database:
        context.journal.deviation(
            f"The dump of {name} selects its databases itself, so database={options.database!r} was not used"
        )
    with context.restoring(backup, name) as step:
        outcome = dump.load_dump(
            context.engine,
            server,
            backup.recognised,
            database=target,
            reader=mounted.reader,
            disk_limit_bytes=options.limits.disk_bytes,
            progress=step.progress,
        )
        context.note_read(backup, outcome, step)
        raise_if_cut_short(server.container, outcome)
        events_on = _events_switched_on(server)
        dump.raise_dump_failure(outcome, backup.recognised)
        if events_on:
            raise RestoreFailed(
                "events-switched-on",
                "The dump switched the server's event scheduler on, so its events may have changed the data",
                mend="Take that statement out of the dump: the runbook switches events on, after the checks",
            )
    if server.own_account:
        context.journal.deviation(
            f"The dump of {name} replaced the server's accounts; drtool made one of its own there to put its questions"
        )
    context.check_end(
        name,
        outcome,
        failure=dump.trailer_failure(outcome, backup.recognised),
        knowable=backup.recognised.has_header or outcome.end == "complete",
        question="the dump ends with its tool's closing comment",
    )
    if outcome.completed_wall:
        header = context.journal.backups[backup.location].header
        header["completed"] = f"{outcome.completed_wall:%Y-%m-%d %H:%M:%S} (the dump client's local time)"
    context.came_back(backup, name, outcome, zone=options.zone)
    return server


def _events_switched_on(server: Server) -> bool:
    """Tell whether the dump has let its events loose on the data, and stop them.

    Raises:
        RestoreFailed: the dump has stopped the server.
        Unverifiable: somebody else has.
    """
    try:
        connection = server.connect()
    except (pymysql.err.MySQLError, Unverifiable) as error:
        if failure := stop_failure(server.container):
            raise failure from error
        return False  # it runs and lets nobody in: the checks say so
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT @@global.event_scheduler")
            (scheduler,) = cursor.fetchone()
            if scheduler == "ON":
                cursor.execute("SET GLOBAL event_scheduler = OFF")
        return bool(scheduler == "ON")
    finally:
        connection.close()


def _note_server_version(context: RestoreContext, backup: Backup, server: Server) -> None:
    series = backup.recognised.series
    if series and not server.version.startswith(f"{series}."):
        context.journal.deviation(
            f"The backup was made by MariaDB {series} and restored into {server.version}; the drill says "
            "nothing of a recovery into the server it came from."
        )
    elif series is None:
        made_by = backup.recognised.server_version or "a server it does not name"
        context.journal.deviation(f"The dump was made by {made_by} and restored into MariaDB {server.version}.")
