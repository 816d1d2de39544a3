"""From a backup of a database, whatever its kind, to a running server with its data."""

from __future__ import annotations

from collections.abc import Callable

from drtool.backups.backup import Backup
from drtool.backups.recognise import Format
from drtool.restore.context import RestoreContext
from drtool.restore.from_dump import restore_dump
from drtool.restore.provision import DatabaseOptions
from drtool.sandbox.server import Server

Restore = Callable[[RestoreContext, Backup, str, DatabaseOptions], Server]
"""Restores a backup of one kind into a server of its own, called by the name that is given."""

_RESTORES: dict[Format, Restore] = {
    Format.DUMP: restore_dump,
}


def restore_database(context: RestoreContext, backup: Backup, name: str, options: DatabaseOptions) -> Server:
    """Restore a backup into a server of its own, of the series that it was made with.

    Raises:
        RestoreFailed: it does not restore, or is a backup of something else.
        Unverifiable: the sandbox could not be made or was lost.
    """
    context.claim(name, backup, tuple(_RESTORES))
    return _RESTORES[backup.recognised.format](context, backup, name, options)
