"""From a backup of a database, whatever its kind, to a running server with its data."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pymysql

from drtool.backups.backup import Backup
from drtool.backups.recognise import Format
from drtool.errors import WrongUse
from drtool.mariadb import accounts
from drtool.mariadb.sql import rows_of
from drtool.record.steps import Phase
from drtool.restore.archive import restore_archive_of_dumps
from drtool.restore.checksums import judge_lists_beside
from drtool.restore.context import RestoreContext
from drtool.restore.dump import restore_dump
from drtool.restore.folder import restore_folder
from drtool.restore.interface import DatabaseOptions, Restore, RestoredServer
from drtool.restore.physical.into_server import restore_physical
from drtool.restore.provision import is_upgrade
from drtool.restore.upgrade import connected, upgrade
from drtool.sandbox.server import OWN_ACCOUNTS, Server

_RESTORES: dict[Format, Restore] = {
    Format.DUMP: restore_dump,
    Format.DUMP_FOLDER: restore_folder,
    Format.TAR: restore_archive_of_dumps,
    Format.MYDUMPER_STREAM: restore_archive_of_dumps,
    Format.MBSTREAM: restore_physical,
    Format.PHYSICAL_FOLDER: restore_physical,
}


def restore_database(context: RestoreContext, backup: Backup, name: str, options: DatabaseOptions) -> RestoredServer:
    """Restore a backup into a server of its own, of the series that it was made with or a newer one, asked for.

    Raises:
        RestoreFailed: it does not restore or upgrade, or is a backup of something else.
        Unverifiable: the sandbox could not be made or was lost.
    """
    context.claim(name, backup, tuple(_RESTORES))
    if options.increments and backup.recognised.format is Format.DUMP:
        what = f"{backup.location} is a dump, and increments belong to physical backups"
        raise WrongUse("increments-to-a-dump", what)
    if options.inside and backup.recognised.format is not Format.TAR:
        what = f"{backup.location} is a {backup.recognised.format}, and inside={options.inside!r} is of archives"
        raise WrongUse("inside-of-no-archive", what)
    restored = _RESTORES[backup.recognised.format](context, backup, name, options)
    judge_lists_beside(context, backup, name)
    brought = _look_at_accounts(context, name, restored.server, options)
    if is_upgrade(restored.made_by, options):
        upgrade(context, name, restored.server)
    if options.events:
        with context.journal.step(Phase.START, f"let the events of {name} run", resource=name):
            rows_of(connected(restored.server), "SET GLOBAL event_scheduler = ON")
            context.journal.assumption(
                f"{name}: events ran once it was restored, as the scenario says: they may have changed the data before "
                "the checks"
            )
    return replace(restored, brought_accounts=brought)


def _look_at_accounts(
    context: RestoreContext, name: str, server: Server, options: DatabaseOptions
) -> frozenset[tuple[str, str]]:
    """Find out which accounts the backup brought, and make those that the scenario says come from elsewhere."""
    brought: frozenset[tuple[str, str]] = frozenset()
    with suppress(pymysql.err.MySQLError):  # the checks say what this does not
        connection = server.standing()
        brought = accounts.brought(connection, OWN_ACCOUNTS)
        if made := accounts.provide(connection, options.accounts):
            context.journal.assumption(
                f"{name}: the recovery gets these accounts from elsewhere than the backup, as the scenario says; "
                f"drtool made them, with all privileges and no way to log in: {', '.join(map(str, made))}"
            )
    return brought
