"""The drill that a scenario drives: it locates backups, restores them into the sandbox and times each step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

from drtool.amounts import parse_size
from drtool.backups.backup import Backup
from drtool.binlogs.bad_statement import BadStatement, parse_deed, parse_matching
from drtool.checks.sql import parse_zone
from drtool.drill.histories import Histories
from drtool.drill.limits import limits_of
from drtool.drill.locating import Locator
from drtool.drill.mistakes import refuse_unrun
from drtool.drill.on_record import on_record
from drtool.drill.restored import Database, Files
from drtool.drill.walking_back import Restored, walk_back
from drtool.errors import DrtoolError, Unverifiable, WrongUse
from drtool.mariadb.accounts import parse_account
from drtool.mariadb.charsets import parse_charset
from drtool.mariadb.option_file import read_option_file
from drtool.mariadb.selection import Selection
from drtool.mariadb.series import parse_series
from drtool.record.steps import Phase
from drtool.replay.into_database import Replayed, replay_binlogs
from drtool.replay.statement_search import find_statement
from drtool.restore.context import RestoreContext
from drtool.restore.database import restore_database
from drtool.restore.encrypted import open_backup
from drtool.restore.files import restore_files
from drtool.restore.interface import DatabaseOptions
from drtool.stores import store_for
from drtool.stores.pattern import parse_inside


@on_record
class Drill:
    """One run of a scenario. Everything it does is recorded as it happens.

    Attributes:
        id: the drill's id, also the name of its evidence folder.
        disaster_at: the instant the disaster is taken to have struck, UTC.
    """

    def __init__(self, drill_id: str, context: RestoreContext) -> None:
        self.id = drill_id
        self.disaster_at: datetime = context.terms.disaster_at
        self._context = context
        self._journal = context.journal
        self._resources: dict[str, Database | Files] = {}
        self._checked: set[str] = set()
        self._histories = Histories(context.journal, context.terms)
        self._locator = Locator(context, self._histories)

    def latest(self, pattern: str) -> Backup:
        """Return the newest backup that was there when the disaster struck.

        Args:
            pattern: a path or `s3://bucket/key` with `*`, `?` and `[...]`; `*` does not match a slash.

        Raises:
            RestoreFailed: there is none, or it is not a backup.
            Unverifiable: the store cannot be read.
            WrongUse: there is no such kind of store, or the pattern has credentials in it.
        """
        return self._locator.newest(pattern)

    def walk_back(self, pattern: str, attempt: Callable[[Backup], Restored], *, at_most: int = 10) -> Restored:
        """Go from the newest backup back to one that is usable, as after ransomware or a damaged newest backup.

        Args:
            pattern: as for `latest`.
            attempt: is given a backup, restores it, puts checks to it and returns what `restore_mariadb` or
                `restore_files` gave. A backup that does not restore, or of which a check fails, is rejected: it
                does not fail the drill, and the next older one is tried. The built-in checks take part.
            at_most: how many backups to try.

        Returns:
            What `attempt` returned for the one that is usable. The recovery point is that one's, and the time spent
            on those before it counts toward the recovery time.

        Raises:
            RestoreFailed: none is usable.
            Unverifiable: the store cannot be read, or an attempt could not be carried out.
        """
        chosen, identified = self._locator.candidates(pattern)
        before = set(self._resources)

        def restore_and_check(backup: Backup) -> Restored:
            restored = attempt(backup)
            refuse_unrun(restored, "The attempt of walk_back")
            if not self._resources.keys() - before:
                what = "The attempt of walk_back restored nothing, so that no backup was found usable by it"
                raise Unverifiable("scenario-broken", what, mend="Restore the backup in it, and put checks to that")
            for name in self._resources.keys() - before:
                self._check_builtin(self._resources[name])
            return restored

        candidates = chosen.usable[:at_most]
        restored = walk_back(
            self._context, chosen.choice, candidates, chosen.dated, identified, restore_and_check, self._resources
        )
        self._checked |= self._resources.keys() - before
        return restored

    def backup(self, location: str) -> Backup:
        """Return the one backup at a location.

        Raises:
            RestoreFailed: there is none, or it is not a backup.
            Unverifiable: the store cannot be read.
            WrongUse: there is no such kind of store, or the location has credentials in it or is a pattern.
        """
        return self._locator.at(location)

    def opened(self, backup: Backup, key: str) -> Backup:
        """Look into an encrypted backup, in a sandbox, and return it as one that can be restored.

        Args:
            backup: encrypted with GnuPG, age or `openssl enc`.
            key: where its key is. `env:VARIABLE` and `file:/path` hold a passphrase, an age identity or a private key
                of GnuPG (armored); `agent` has this host's gpg take out the key of this one backup, so that the private
                key stays where it is. For `openssl enc` what its header does not say can follow:
                `env:VARIABLE?cipher=aes-256-cbc&md=sha256&iter=100000`, and `salt=no` for `-nosalt`.

        Raises:
            WrongUse: the key is named in no known form.
            Unverifiable: the key is not there, or does not open the backup.
            RestoreFailed: what is inside is no backup.
        """
        return open_backup(self._context, backup, key)

    def since(self, full: Backup, pattern: str) -> list[Backup]:
        """Return the incremental backups that came after a full one and were there when the disaster struck.

        Args:
            full: the physical backup that they build on.
            pattern: as for `latest`.

        Returns:
            All that are newer than the full backup by the store's record, the oldest first, for `restore_mariadb`'s
            `increments`. Which of them build on each other is told when they are restored.

        Raises:
            RestoreFailed: one of them is no backup.
            Unverifiable: the store cannot be read.
            WrongUse: there is no such kind of store, or the pattern has credentials in it.
        """
        return self._locator.since(full, pattern)

    def restore_mariadb(
        self,
        backup: Backup,
        *,
        name: str = "db",
        database: str | None = None,
        settings: Mapping[str, str] | None = None,
        memory: str = "2GiB",
        disk: str | None = None,
        zone: str | None = None,
        sample_of: str | None = None,
        version: str | None = None,
        config: str | None = None,
        accounts: Iterable[str] = (),
        events: bool = False,
        increments: Iterable[Backup] = (),
        only: Iterable[str] = (),
        inside: str | None = None,
        key: str | None = None,
        charset: str | None = None,
    ) -> Database:
        """Restore a MariaDB dump or a physical backup into a server of its own, of the series that it was made with.

        Args:
            backup: from `latest` or `backup`.
            name: what the report calls this database.
            database: where a dump goes that selects no database itself; the one its header names if not given.
            settings: server options that the data needs, such as `{"max_allowed_packet": "64M"}`; recorded.
            memory, disk: the sandbox's limit, and how much the data may grow: all the engine's disk, less a reserve.
            zone: of the host that made the backup, for times that say none; worked out, and said, if not given.
            sample_of: the size of production's backup, such as `120GiB`, where this one is a sample of it: the
                report then projects the recovery time to that size, and says that it is reckoned.
            version: a newer series to restore into, such as `11.8`, with `mariadb-upgrade` as a step of the recovery.
            config: production's option file, relative to the script: what the data needs of it is applied, such as
                `lower_case_table_names` or encryption keys, the rest is listed as left out. `settings` win over it.
            accounts: those that the recovery gets from elsewhere than the backup, such as `app@%`.
            events: let events run once it is restored; they are off if not asked for.
            increments: to a physical backup, the oldest first; `since` finds them.
            only: restore these tables and databases alone, such as `["shop.orders", "shop.log_*", "blog"]`; times,
                checks and verdict are of them, and the report says so.
            inside: restore the dumps that match this pattern alone, such as `mysql/*.sql*`, out of an archive of files;
                folders may stand before what it matches, and `*` does not match a slash.
            key: where the key of an encrypted backup is: `env:VARIABLE`, `file:/path` or `agent`; see `opened`.
            charset: the character set of a dump that names none, such as `latin1`; `utf8mb4` if not given.

        Raises:
            RestoreFailed: the dump does not restore.
            Unverifiable: the sandbox could not be made or was lost.
        """
        options = DatabaseOptions(
            database=database,
            settings={str(option): str(value) for option, value in (settings or {}).items()},
            limits=limits_of(memory, disk),
            zone=parse_zone(zone) if zone else None,
            folder=self._context.terms.folder,
            config=read_option_file(self._context.terms.folder / config) if config else None,
            version=parse_series(version) if version else None,
            events=events,
            charset=parse_charset(charset) if charset else None,
            accounts=tuple(map(parse_account, accounts)),
            increments=tuple(increments),
            only=Selection.parse(only),
            inside=parse_inside(inside) if inside is not None else None,
        )
        if sample_of:
            self._journal.production_bytes[name] = parse_size(sample_of)
        if key:
            backup = self.opened(backup, key)
        self._histories.read_in(backup.location, options.zone)
        restored = restore_database(self._context, backup, name, options)
        rpo_seconds = rpo.total_seconds() if (rpo := self._context.terms.rpo) else None
        made = Database(self._journal, name, backup, restored, rpo_seconds, self.disaster_at)
        self._resources[name] = made
        return made

    def restore_files(
        self,
        backup: Backup,
        *,
        name: str = "files",
        memory: str = "1GiB",
        disk: str | None = None,
        zone: str | None = None,
        sample_of: str | None = None,
        key: str | None = None,
    ) -> Files:
        """Restore a tar archive into an empty folder, with modes, owners, links and times.

        Args:
            backup: from `latest` or `backup`.
            name: what the report calls these files.
            memory: the sandbox's memory limit.
            disk: how much the files may grow to; all that the engine's disk has, less a reserve, if not given.
            zone: the time zone of a time in the backup's name that says none; see `restore_mariadb`.
            sample_of: the size of production's backup, where this one is a sample of it; see `restore_mariadb`.
            key: where the key of an encrypted archive is; see `opened`.

        Raises:
            RestoreFailed: the archive does not unpack.
            Unverifiable: the sandbox could not be made or was lost.
        """
        if sample_of:
            self._journal.production_bytes[name] = parse_size(sample_of)
        if key:
            backup = self.opened(backup, key)
        read_in = parse_zone(zone) if zone else None
        self._histories.read_in(backup.location, read_in)
        container = restore_files(self._context, backup, name, limits=limits_of(memory, disk), zone=read_in)
        restored = Files(self._journal, name, backup, container)
        self._resources[name] = restored
        return restored

    def replay_binlogs(
        self,
        pattern: str,
        *,
        until: datetime | str | BadStatement | None = None,
        into: Database | None = None,
        database: str | None = None,
    ) -> Replayed:
        """Replay binary logs onto a restored database, from where its backup was taken to a point in time.

        The place to stop always lies between two transactions. Nothing is replayed unless it can be reached.

        Args:
            pattern: the logs, such as `s3://backups/binlog.[0-9]*`, packed (gzip, bzip2, zstd, xz, lz4) or not; indexes
                beside them are passed over. Those of several servers, such as `s3://binlogs/server-*/repl-bin.*`, are
                told apart: replayed are the backup's own server's, and by GTID those of whoever took over from it.
            until: a time, aware or as RFC 3339: what was logged as committed before that second. A GTID such as
                `0-1-77`: that transaction, and all before it in the log. What `find_statement` gave: all before it.
                None: all that was committed before the disaster, as far as the logs go.
            into: what to replay onto; the only database restored if not given.
            database: replay this one alone, where the backup does not hold all that the server logged; rows are told
                apart by their table, statements by the database that was selected.

        Returns:
            How many transactions were replayed, and the last of them.

        Raises:
            RestoreFailed: the target cannot be reached with these logs: it says why, and how far one can get.
            Unverifiable: the store cannot be read, or the sandbox was lost.
            WrongUse: `until` says no point in time, or it is not clear what to replay into.
        """
        store = store_for(pattern)
        databases = [into] if into else [one for one in self._resources.values() if isinstance(one, Database)]
        if len(databases) != 1:
            what = f"There are {len(databases)} restored databases to replay binary logs into"
            raise WrongUse("replay-into-what", what)
        (onto,) = databases
        replayed, onto.restored = replay_binlogs(
            self._context, store, pattern, until, onto.name, onto.restored, database=database
        )
        return replayed

    def find_statement(
        self, pattern: str, what: str | None = None, *, table: str | None = None, matching: str | None = None
    ) -> BadStatement:
        """Find in the binary logs what went wrong, so that `replay_binlogs` can stop just before it.

        Args:
            pattern: the logs, as for `replay_binlogs`.
            what: one of `drop table`, `drop database`, `truncate`, `delete without where`, `update without where`; any
                of them if not given.
            table: to which table, such as `shop.orders` or `shop.*`; any if not given.
            matching: a regular expression that the statement's text holds; it need then be none of the above.

        Returns:
            The newest one before the disaster. Its text, which holds values, stays in the log.

        Raises:
            RestoreFailed: there is none.
            Unverifiable: the store cannot be read.
            WrongUse: there is no such thing to look for.
        """
        store, deed, text = store_for(pattern), parse_deed(what), parse_matching(matching)
        return find_statement(self._context, store, pattern, deed=deed, table=table, matching=text)

    def step(self, phase: str, name: str) -> AbstractContextManager[None]:
        """Time a piece of the recovery that the scenario does itself, such as starting the application.

        Args:
            phase: one of `prepare locate fetch provision restore replay start verify destroy`.
            name: what it does, for the report.
        """
        try:
            which = Phase(phase)
        except ValueError as error:
            what = f"There is no phase {phase!r}"
            raise WrongUse("bad-phase", what, mend=f"Use one of {', '.join(Phase)}") from error
        return self._timed(which, str(name))

    def run_builtin_checks(self) -> None:
        """Put the questions that everything restored is asked; drtool calls it after the scenario's own."""
        for name, resource in self._resources.items():
            if name not in self._checked:
                self._check_builtin(resource)

    @contextmanager
    def _timed(self, phase: Phase, name: str) -> Iterator[None]:
        with self._journal.step(phase, name):
            yield

    def _check_builtin(self, resource: Database | Files) -> None:
        try:
            resource.run_builtin_checks()
        except DrtoolError as error:
            self._journal.finding(error, resource=resource.name)

    def measure_exposure(self) -> None:
        """Measure the exposure over each history that a backup was taken from; drtool calls it after the checks."""
        self._histories.measure()
