"""What the restore of any kind of backup needs, and what it leaves in the journal besides its own work."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path

from drtool.amounts import listed
from drtool.backups.backup import Backup, look_at
from drtool.backups.clock_readings import WallTimes
from drtool.backups.described_stream import described_stream
from drtool.backups.naming import name_of, names_apart
from drtool.backups.recognise import Format, Recognised
from drtool.backups.split_backup import split_backup
from drtool.backups.transfers import is_unfinished
from drtool.backups.when_taken import StoreRecord, Taken, when_taken
from drtool.errors import RestoreFailed, Unverifiable, WrongUse
from drtool.mariadb.option_file import OptionFile
from drtool.record.backups import BackupRead
from drtool.record.environment import ContainerRun, Profile
from drtool.record.journal import Journal, OpenStep
from drtool.record.recovery import Evidence
from drtool.record.steps import Phase
from drtool.record.verdicts import COMPLETENESS, Check, Verdict
from drtool.restore.pipeline import Outcome
from drtool.restore.reading import TablesRead
from drtool.sandbox import reach
from drtool.sandbox.container import Container
from drtool.sandbox.image import Image, find_image
from drtool.sandbox.isolation import probe
from drtool.sandbox.sandbox import Limits, MountedBackup, Sandbox
from drtool.stores import Store, StoredObject
from drtool.stores.whole import refuse_gaps, start_of
from drtool.times import utc

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,30}")

# Making a backup is quicker than restoring it, but for a compressor that is slower than the server (xz): hence thrice.
_OF_NO_MARK = {"not-a-backup", "encryption-unsupported"}
_LONGEST_RUN = 3.0
_LONGEST_RUN_AT_LEAST = timedelta(minutes=1)

_SIGNED = {
    "unknown": "its signature was not verified, for want of the signer's public key; with that key in the file that "
    "--backup-key or opened(key=) names it is",
    "expired": "its signature or the signer's key has expired or was revoked",
}


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a drill is held to and how it is carried out; `folder` is what its relative paths are relative to."""

    disaster_at: datetime
    rpo: timedelta | None
    profile: Profile
    image: str | None
    folder: Path = Path()


@dataclass(frozen=True, kw_only=True)
class RestoreContext:
    """The drill that a restore belongs to: its terms, its journal and its sandbox."""

    terms: Terms
    journal: Journal
    sandbox: Sandbox

    def identify(self, store: Store, location: str, beside: Iterable[StoredObject] = ()) -> Backup:
        """Enter a backup as one that was looked at, and find out what it is; `beside` are its neighbours.

        What is no backup by its bytes may be one that is encrypted without a mark: that is told when it is claimed.

        Raises:
            RestoreFailed: it is not there, or it is not a backup.
            Unverifiable: the store cannot be read.
        """
        found = self._in_its_folder(store, store.stat(location))
        read = BackupRead(
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
        self.journal.backup(read)
        self.journal.store_clock(found.location, found.clock_ahead_seconds)
        return Backup(found=found, store=store, recognised=_look_at(store, found), beside=tuple(beside))

    def _in_its_folder(self, store: Store, found: StoredObject) -> StoredObject:
        """Return the backup that lies in a folder where all else describes it, or that is split over its files."""
        if stream := described_stream(found):
            name = found.path_of(stream)
            left = [path for path in map(found.path_of, found.members) if is_unfinished(path)]
            passed_over = f", or were left behind by transfers or editors: {listed(left)}" if left else ""
            self.journal.deviation(
                f"The backup in {found.location} is {name}: the files beside it describe it{passed_over}"
            )
            return stream
        if split := split_backup(found, partial(start_of, store)):
            refuse_gaps(split)
            parts = f"The {len(split.members)} parts of the one backup in {found.location}"
            self.journal.deviation(f"{parts} were put together: {found.path_of(split)} and on")
            return split
        return found

    def claim(self, name: str, backup: Backup, wanted: Sequence[Format]) -> None:
        """Enter that `backup`, which must be of one of the kinds wanted, is to become the resource `name`.

        Raises:
            WrongUse: the name is taken, or is none.
            RestoreFailed: the backup is of another kind.
        """
        if not _NAME.fullmatch(name) or name in self.journal.restored:
            taken = ": it names another one already" if name in self.journal.restored else ""
            raise WrongUse("bad-name", f"{name!r} cannot name a restored resource{taken}")
        self.claim_part(name, backup, wanted)

    def claim_part(self, name: str, backup: Backup, wanted: Sequence[Format]) -> None:
        """Enter that `backup`, which must be of one of the kinds wanted, becomes a part of the resource `name`.

        Raises:
            RestoreFailed: the backup is of another kind.
        """
        recognised = backup.recognised
        if recognised.refused:
            raise recognised.refused
        if recognised.format is Format.ENCRYPTED:
            what = f"{backup.location} is encrypted (with {recognised.encryption}), and no key was named for it"
            raise Unverifiable("backup-encrypted", what)
        self.journal.backup(
            replace(
                self.journal.backups[backup.location],
                resource=name,
                format=recognised.format,
                compression=recognised.compression,
                server_version=recognised.server_version,
                header=dict(recognised.header),
            )
        )
        if recognised.format not in wanted:
            what = f"{backup.location} is a {recognised.format}, and a {wanted[0]} was asked for"
            wrong = RestoreFailed("wrong-kind-of-backup", what)
            self.journal.failure(wrong)
            raise wrong
        if is_unfinished(name_of(backup.location)):
            self.journal.deviation(
                f"{backup.location} is called as a transfer is that goes on, or broke off: what is there was restored"
            )
        self.note_left_behind(name, recognised.left_behind)

    def note_left_behind(self, name: str, left: Sequence[str]) -> None:
        """Enter what lies in a backup that is a folder under the names of transfers and editors."""
        if left:
            self.journal.deviation(
                f"{name}: not restored, since by their names they are hidden, or were left behind by transfers, by "
                f"editors or by NFS: {listed(left)}"
            )

    def image(self, series: str | None, *, exact: bool = False) -> Image:
        """Find the image for a backup of a MariaDB series; it is the drill's own preparation, not the recovery's.

        With `exact` no newer one will do.
        """
        what = f"MariaDB {series}" if series else "any series"
        with self.journal.step(Phase.PREPARE, f"find an image for {what}"):
            image = find_image(self.sandbox.engine, series=series, explicit=self.terms.image, exact=exact)
        if image.deviation:
            self.journal.deviation(image.deviation)
        return image

    def within_reach(self, backups: Sequence[Backup], name: str, image: Image) -> list[MountedBackup]:
        """Mount backups that lie on the engine's host, or stream those there that it cannot mount."""
        bound: list[MountedBackup | None] = [None] * len(backups)
        with suppress(FileNotFoundError):  # removed since it was found: whoever streams it says so
            bound = [reach.bind(one.found) if self.sandbox.engine.shares_files else None for one in backups]
        mountable = [one.found for one, mount in zip(backups, bound, strict=True) if mount]
        if mountable:
            with self.journal.step(Phase.PREPARE, f"make sure that the engine sees the backups of {name}"):
                seen = reach.are_seen(self.sandbox, image, mountable, list(filter(None, bound)))
            if not seen:
                bound = [None] * len(bound)
                self.journal.deviation(
                    "The engine's host does not show the files that lie here at the paths of the backups of "
                    f"{name}, so they were streamed to it"
                )
        return [mount or self._fetch(one, name, image) for one, mount in zip(backups, bound, strict=True)]

    def _fetch(self, backup: Backup, name: str, image: Image) -> MountedBackup:
        description = f"fetch {backup.location}"
        with self.journal.step(Phase.FETCH, description, total_bytes=backup.size_bytes, resource=name) as step:
            return reach.stage(self.sandbox, image, backup, progress=step.progress)

    def prove_isolated(self, name: str, container: Container) -> None:
        """Let a sandbox container try to get out, and enter what it met.

        Raises:
            Unverifiable: it could, so nothing may be restored into it.
        """
        with self.journal.step(Phase.PREPARE, f"prove that {name} is isolated"):
            probes = probe(container, name)
            self.journal.isolation.extend(probes)
            if open_ways := [found.attempt for found in probes if not found.contained]:
                what = f"The sandbox can get out, so nothing was restored into it: it could {open_ways[0]}"
                raise Unverifiable("sandbox-not-isolated", what)

    @contextmanager
    def restoring(self, backup: Backup, name: str) -> Iterator[OpenStep]:
        """Time a restore step."""
        called = names_apart((*self.journal.backups, backup.location))[backup.location]
        description = f"restore {called} into {name}"
        with self.journal.step(Phase.RESTORE, description, total_bytes=backup.size_bytes, resource=name) as step:
            yield step

    def note_container(
        self,
        name: str,
        image: Image,
        limits: Limits,
        settings: dict[str, str],
        version: str | None,
        *,
        config: OptionFile | None = None,
        requested_series: str | None = None,
    ) -> None:
        """Enter what a resource runs in; `config` is production's option file that its settings come from."""
        self.journal.containers.append(
            ContainerRun(
                resource=name,
                image=image.reference,
                image_digest=image.digest,
                server_version=version,
                memory_limit_bytes=limits.memory_bytes,
                process_limit=limits.processes,
                disk_limit_bytes=limits.disk_bytes,
                data_storage="volume",
                settings=settings,
                config_file=str(config.path) if config else None,
                config_sha256=config.sha256 if config else None,
                requested_series=requested_series,
            )
        )

    def note_read(self, backup: Backup, outcome: Outcome, step: OpenStep) -> None:
        """Enter that a backup was read, and the digest of what was read.

        Raises:
            RestoreFailed: what lies there now is not what was found: the drill read neither or something of both.
        """
        if outcome.finished:
            step.progress(backup.size_bytes)
        if outcome.signature in _SIGNED:
            self.journal.deviation(f"{backup.location} is signed, and {_SIGNED[outcome.signature]}")
        self.journal.backup_digest(backup.location, outcome.sha256)
        if outcome.statuses.get("read") == 0 and not backup.found.is_folder and outcome.read_bytes != backup.size_bytes:
            what = f"{backup.location} was found with {backup.size_bytes} bytes, and {outcome.read_bytes} were read"
            raise RestoreFailed("backup-changed", what)
        if backup.found.local_path is None:
            return  # other stores give exactly the version that was found
        try:
            now = backup.store.stat(backup.location)
        except RestoreFailed:  # it was held open, so that this took nothing from the restore
            self.journal.deviation(f"{backup.location} was removed while it was restored")
            return
        if (now.size_bytes, now.modified_at) != (backup.size_bytes, backup.modified_at):
            raise RestoreFailed("backup-changed", f"{backup.location} changed while it was restored")

    def came_back(
        self,
        backup: Backup,
        name: str,
        outcome: Outcome,
        *,
        question: str,
        failure: RestoreFailed | None = None,
        unknown: str = "",
        zone: tzinfo | None = None,
        taken: Taken | None = None,
    ) -> None:
        """Enter that a resource is restored: whether its backup is whole, and what it says of its recovery point.

        Args:
            backup: what was restored.
            name: the resource.
            outcome: how reading it ended.
            question: how it is told that it is whole.
            failure: what its end says; it is a finding, and the drill goes on.
            unknown: why its end says nothing, where it does not.
            zone: that the times in it are in, where they do not say.
            taken: when it was taken, where the backup itself says more than its end and its name.
        """
        self._check_end(name, outcome, failure, question, unknown)
        times = {"begun": began_wall(backup, outcome), "completed": outcome.completed_wall}
        self.journal.backup_says(backup.location, {said: _spoken(wall) for said, wall in times.items() if wall})
        self._enter_taken(name, taken or _taken(backup, outcome, zone))

    def _check_end(
        self, name: str, outcome: Outcome, failure: RestoreFailed | None, question: str, unknown: str
    ) -> None:
        broken = "something follows it" if outcome.end == "followed" else "it does not"
        self.journal.check(
            Check(
                resource=name,
                name=COMPLETENESS,
                question=question,
                expected="it does",
                observed=broken if failure else unknown or "it does",
                outcome=Verdict.FAILED if failure else Verdict.UNVERIFIED if unknown else Verdict.PASSED,
                builtin=True,
                elapsed_seconds=0.0,
            )
        )
        if failure:
            self.journal.failure(failure, resource=name)

    def _enter_taken(self, name: str, taken: Taken) -> None:
        self.journal.restored.append(name)
        for found in taken.indications:
            self.journal.recovery_point(Evidence(resource=name, **vars(found)))
        for assumption in taken.assumptions:
            self.journal.assumption(f"{name}: {assumption}")
        for disagreement in taken.disagreements:
            self.journal.warning("times-disagree", f"{name}: {disagreement}", taken.mend, resource=name)
        if taken.at_odds:
            what, why = f"When the backup of {name} was taken cannot be told", taken.disagreements[-1]
            finding = Unverifiable("recovery-point-at-odds", what, why=why, mend=taken.mend)
            self.journal.finding(finding, resource=name)


def _look_at(store: Store, found: StoredObject) -> Recognised:
    try:
        return look_at(store, found)
    except (RestoreFailed, Unverifiable) as error:
        if found.is_folder or error.code not in _OF_NO_MARK:
            raise
        return Recognised(format=Format.ENCRYPTED, refused=error)


def _taken(backup: Backup, outcome: Outcome, zone: tzinfo | None) -> Taken:
    """Work out when a backup was taken, by its end, its name and the store."""
    return when_taken(
        stored_record(backup),
        WallTimes(
            began=began_wall(backup, outcome), ended=outcome.completed_wall, all_ended=outcome.last_completed_wall
        ),
        zone=zone,
        host_zone=host_zone(),
        longest=longest_run(outcome),
    )


def began_wall(backup: Backup, outcome: Outcome) -> datetime | None:
    """Return when a backup began by its own record, with a zone where it says one."""
    written_by = backup.recognised.written_by
    return outcome.started_wall or (written_by.began if written_by else None)


def _spoken(wall: datetime) -> str:
    return utc(wall) if wall.tzinfo else f"{wall:%Y-%m-%d %H:%M:%S} (the dump client's local time)"


def longest_run(outcome: Outcome) -> timedelta:
    """Return how long it can have taken at the most to make a backup that was restored."""
    return max(_LONGEST_RUN_AT_LEAST, timedelta(seconds=_LONGEST_RUN * outcome.elapsed_seconds))


def reading_of(outcome: Outcome, *, snapshot: bool) -> TablesRead:
    """Return how the tables of a dump were read, with `snapshot` where all databases are known to be of one instant."""
    first, last = outcome.completed_wall, outcome.last_completed_wall
    between = last - first if first and last else timedelta()
    several = outcome.promised.dumps_begun > 1 or bool(between)
    return TablesRead(lasted=longest_run(outcome) + between, several=several, snapshot=snapshot)


def stored_record(backup: Backup) -> StoreRecord:
    """Return what its store says of when a backup was written."""
    found = backup.found
    return StoreRecord(
        location=found.location,
        modified_at=found.modified_here,
        is_own=found.time_is_own,
        is_start=found.time_is_start,
        beside=backup.beside,
    )


def host_zone() -> tzinfo:
    """Return the zone of this host."""
    return datetime.now().astimezone().tzinfo or UTC
