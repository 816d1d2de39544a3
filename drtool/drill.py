"""The drill that a scenario drives: it locates backups, restores them into the sandbox and times each step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from drtool import record
from drtool.backups.backup import Backup
from drtool.backups.choice import choose_newest
from drtool.backups.recognise import recognise
from drtool.baseline.kept import is_baseline
from drtool.checks.sql import parse_zone
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable, WrongUse
from drtool.exposure import Terms as ExposureTerms
from drtool.exposure import exposures, look_into
from drtool.record import Phase
from drtool.restore.context import RestoreContext, parse_size
from drtool.restore.database import restore_database
from drtool.restore.file_tree import restore_archive
from drtool.restore.provision import DatabaseOptions
from drtool.restored import Database, Files
from drtool.sandbox.sandbox import Limits
from drtool.stores import Store, StoredObject, store_for


@dataclass(frozen=True, kw_only=True)
class _Listing:
    store: Store
    listed: tuple[StoredObject, ...]

    @property
    def clock_ahead_seconds(self) -> float:
        return self.listed[0].clock_ahead_seconds if self.listed else 0.0


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
        self._listings: dict[str, _Listing] = {}

    def latest(self, pattern: str) -> Backup:
        """Return the newest backup that was there when the disaster struck.

        Args:
            pattern: a path or `s3://bucket/key` with `*`, `?` and `[...]`; `*` does not match a slash.

        Raises:
            RestoreFailed: there is none, or it is not a backup.
            Unverifiable: the store cannot be read.
            WrongUse: there is no such kind of store, or the pattern has credentials in it.
        """
        store = store_for(pattern)  # what it refuses is a slip of the pen, and may hold a password: no step names it
        with self._journal.step(Phase.LOCATE, f"find the newest {pattern}"):
            listed = tuple(found for found in store.find(pattern) if not is_baseline(found.location))
            self._listings[pattern] = _Listing(store=store, listed=listed)
            chosen = choose_newest(pattern, listed, self.disaster_at)
            self._journal.choices.append(chosen.choice)
            for deviation in chosen.deviations:
                self._journal.deviation(deviation)
            return self._look_at(store, store.stat(chosen.found.location))

    def backup(self, location: str) -> Backup:
        """Return the one backup at a location.

        Raises:
            RestoreFailed: there is none, or it is not a backup.
            Unverifiable: the store cannot be read.
            WrongUse: there is no such kind of store, or the location has credentials in it.
        """
        store = store_for(location)  # as above
        with self._journal.step(Phase.LOCATE, f"look at {location}"):
            return self._look_at(store, store.stat(location))

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
    ) -> Database:
        """Restore a MariaDB dump into a server of its own, of the series that the dump was made with.

        Args:
            backup: from `latest` or `backup`.
            name: what the report calls this database.
            database: where a dump goes that selects no database itself; the one its header names if not given.
            settings: server options that the data needs, such as `{"max_allowed_packet": "64M"}`; recorded.
            memory: the sandbox's memory limit.
            disk: how much the data may grow; all that the engine's disk has, less a reserve, if not given.
            zone: the time zone of the host that made the backup, such as `Europe/Berlin`: for the times in its
                name and its closing comment, which say none. Worked out, and recorded as assumed, if not given.
            sample_of: the size of production's backup, such as `120GiB`, where this one is a sample of it: the
                report then projects the recovery time to that size, and says that it is reckoned.

        Raises:
            RestoreFailed: the dump does not restore.
            Unverifiable: the sandbox could not be made or was lost.
        """
        options = DatabaseOptions(
            database=database,
            settings=settings or {},
            limits=_limits(memory, disk),
            zone=parse_zone(zone) if zone else None,
        )
        if sample_of:
            self._journal.production_bytes[name] = parse_size(sample_of)
        server = restore_database(self._context, backup, name, options)
        rpo = self._context.terms.rpo
        restored = Database(self._journal, name, backup, server, rpo.total_seconds() if rpo else None, self.disaster_at)
        self._resources[name] = restored
        return restored

    def restore_files(
        self,
        backup: Backup,
        *,
        name: str = "files",
        memory: str = "1GiB",
        disk: str | None = None,
        zone: str | None = None,
        sample_of: str | None = None,
    ) -> Files:
        """Restore a tar archive into an empty folder, with modes, owners, links and times.

        Args:
            backup: from `latest` or `backup`.
            name: what the report calls these files.
            memory: the sandbox's memory limit.
            disk: how much the files may grow to; all that the engine's disk has, less a reserve, if not given.
            zone: the time zone of a time in the backup's name that says none; see `restore_mariadb`.
            sample_of: the size of production's backup, where this one is a sample of it; see `restore_mariadb`.

        Raises:
            RestoreFailed: the archive does not unpack.
            Unverifiable: the sandbox could not be made or was lost.
        """
        if sample_of:
            self._journal.production_bytes[name] = parse_size(sample_of)
        container = restore_archive(
            self._context, backup, name, limits=_limits(memory, disk), zone=parse_zone(zone) if zone else None
        )
        restored = Files(self._journal, name, backup, self._context.engine, container)
        self._resources[name] = restored
        return restored

    @contextmanager
    def step(self, phase: str, name: str) -> Iterator[None]:
        """Time a piece of the recovery that the scenario does itself, such as starting the application.

        Args:
            phase: one of `prepare locate fetch provision restore replay start verify destroy`.
            name: what it does, for the report.
        """
        try:
            which = Phase(phase)
        except ValueError as error:
            raise WrongUse(
                "bad-phase", f"There is no phase {phase!r}", mend=f"Use one of {', '.join(Phase)}"
            ) from error
        with self._journal.step(which, name):
            yield

    def run_builtin_checks(self) -> None:
        """Put the questions that everything restored is asked; drtool calls it after the scenario's own."""
        for resource in self._resources.values():
            try:
                resource.run_builtin_checks()
            except DrtoolError as error:
                self._journal.finding(error, resource=resource.name)

    def measure_exposure(self) -> None:
        """Compute from each listing how much the worst moment would have lost; drtool calls it after the checks."""
        rpo = self._context.terms.rpo
        for pattern, listing in self._listings.items():
            terms = ExposureTerms(
                pattern=pattern,
                until=self.disaster_at,
                looked_at=self._journal.clock.instant(),
                objective_seconds=rpo.total_seconds() if rpo else None,
                clock_ahead_seconds=listing.clock_ahead_seconds,
            )
            with self._journal.step(Phase.VERIFY, f"measure the exposure over {pattern}"):
                try:
                    self._journal.exposure.extend(exposures(terms, listing.listed, look_into(listing.store)))
                except Unverifiable as error:  # caught within the step, which would make a finding of it
                    self._journal.deviation(f"The exposure over {pattern} could not be measured: {error.what}")

    def _look_at(self, store: Store, found: StoredObject) -> Backup:
        read = record.BackupRead(
            resource="",
            location=found.location,
            size_bytes=found.size_bytes,
            modified_at=found.modified_at,
            sha256=None,
            version_id=found.version_id,
            lock_state=found.lock_state,
            format="unrecognised",
            compression="unrecognised",
            server_version=None,
        )
        self._journal.backup(read)
        self._journal.store_clock(found)
        with store.open(found) as stream:
            try:
                recognised = recognise(stream)
            except RestoreFailed:
                self._journal.broken = True
                raise
        return Backup(found=found, store=store, recognised=recognised)


def _limits(memory: str, disk: str | None) -> Limits:
    return Limits(memory_bytes=parse_size(memory), disk_bytes=parse_size(disk) if disk else 0)
