"""From a MariaDB dump to a running server with its data: provision, load, look at the end."""

from __future__ import annotations

from dataclasses import replace

import pymysql

from drtool.backups.backup import Backup
from drtool.errors import RestoreFailed, Unverifiable
from drtool.restore import dump
from drtool.restore.context import RestoreContext
from drtool.restore.cut_short import raise_if_cut_short, stop_failure
from drtool.restore.provision import DatabaseOptions, image_for, provision
from drtool.sandbox.server import Server


def restore_dump(context: RestoreContext, backup: Backup, name: str, options: DatabaseOptions) -> Server:
    """Restore a dump into a server of its own, of the series that the dump was made with.

    Raises:
        RestoreFailed: the dump does not restore.
        Unverifiable: the sandbox could not be made or was lost.
    """
    image = image_for(context, backup, options)
    mounted = context.within_reach(backup, name, image)
    server = provision(context, backup, name, image, mounted, options)
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
            mounted=mounted,
            unlocking=backup.unlocking,
            disk_limit_bytes=options.limits.disk_bytes,
            progress=step.progress,
        )
        context.note_read(backup, outcome, step)
        raise_if_cut_short(server.container, outcome)
        events_on = events_switched_on(server)
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
    if start := backup.recognised.binlog_start:
        server.binlog_start = start if outcome.gtid is None else replace(start, gtid=outcome.gtid)
    if outcome.completed_wall:
        header = context.journal.backups[backup.location].header
        header["completed"] = f"{outcome.completed_wall:%Y-%m-%d %H:%M:%S} (the dump client's local time)"
    context.came_back(backup, name, outcome, zone=options.zone)
    return server


def events_switched_on(server: Server) -> bool:
    """Tell whether what was loaded has let its events loose on the data, and stop them.

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
