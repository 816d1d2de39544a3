"""What the restores of all kinds of database backups have in common: what they are told, and what they give back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from drtool.backups.backup import Backup
from drtool.binlogs.start import BinlogStart
from drtool.mariadb.accounts import Account
from drtool.mariadb.option_file import OptionFile
from drtool.mariadb.selection import Selection
from drtool.restore.context import RestoreContext
from drtool.restore.reading import TablesRead
from drtool.sandbox.image import Image
from drtool.sandbox.sandbox import Limits
from drtool.sandbox.server import Server


@dataclass(frozen=True, kw_only=True)
class DatabaseOptions:
    """What a scenario may say of a database's restore; see `Drill.restore_mariadb`.

    Attributes:
        folder: what relative paths in `settings` are relative to.
        version: the series to restore into, where it is not the backup's own.
        charset: the character set of what does not say in which it is.
        accounts: those that come from elsewhere than the backup.
        increments: to a physical backup, the oldest first.
        only: what of the backup is restored; None for all of it.
        inside: which files of an archive are restored, as a pattern that the ends of their paths match; None for all.
    """

    database: str | None
    settings: Mapping[str, str]
    limits: Limits
    zone: ZoneInfo | None
    folder: Path = Path()
    config: OptionFile | None = None
    version: str | None = None
    charset: str | None = None
    events: bool = False
    accounts: tuple[Account, ...] = ()
    increments: tuple[Backup, ...] = ()
    only: Selection | None = None
    inside: str | None = None


@dataclass(frozen=True, kw_only=True)
class RestoredServer:
    """A server with what was restored, and what is known of that data.

    Attributes:
        server: it runs.
        image: what it runs from.
        made_by: the version of the server that the backup is of; None where the backup does not say.
        binlog_start: where the data stands in the binary log of that server, where that is known.
        keeps_counters: whether AUTO_INCREMENT is what a server wrote down itself, in its data files or binary logs, and
            not what a dump says: values that were set aside in memory and never used are not in it.
        keeps_history: whether the history of system-versioned tables has to be there: a dump brings it on request only.
        data_files: whether its tables came as the files that they are kept in.
        brought_accounts: user and host of each account that came with the backup; empty where none did.
        tables_expected: whether the backup must bring tables of users: it made some, or is one of data files.
        system_tables: how many of the server's own tables a dump makes.
        reading: how its tables were read, one after the other; None where all are of one instant.
        zoneless: database, table and name of each TIMESTAMP column of which nobody knows which instants are in it.
        only: what of the backup was restored; None for all of it.
    """

    server: Server
    image: Image
    made_by: str | None
    binlog_start: BinlogStart | None = None
    keeps_counters: bool = False
    keeps_history: bool = False
    data_files: bool = False
    brought_accounts: frozenset[tuple[str, str]] = frozenset()
    tables_expected: bool = True
    system_tables: int = 0
    reading: TablesRead | None = None
    zoneless: frozenset[tuple[str, str, str]] = frozenset()
    only: Selection | None = None

    def spread_of(self, query: str) -> timedelta:
        """Return how much older other tables may be than those that a query asks."""
        return self.reading.spread_of(query, self.server) if self.reading else timedelta()


Restore = Callable[[RestoreContext, Backup, str, DatabaseOptions], RestoredServer]
"""Restores backups of one kind, each into a server of its own, and enters what it took and what it came to.

It is told the drill, a backup, what the drill calls the database, and what the scenario says of it; it raises
`RestoreFailed` where it does not restore, `Unverifiable` where the sandbox could not be made or was lost.
"""
