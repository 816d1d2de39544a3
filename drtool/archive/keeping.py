"""Keeps an archive up with a reports folder: adds the ledger's lines and drills' folders that it has not yet.

Nothing in the archive is ever written again. What is there already is left as it is, so that the same may be done
twice, by several drills at once, or by whoever mends what a failure left undone.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from drtool.archive.adding import Adder
from drtool.archive.bucket import Bucket
from drtool.archive.layout import LEDGER, DrillFile, LedgerLine, Location, part
from drtool.archive.retention import Mode, Retention, settle
from drtool.errors import DrtoolError, Unverifiable
from drtool.evidence import chain, folder, ledger
from drtool.evidence.chain import LedgerEntry
from drtool.host import plain
from drtool.host.plain import NotPlain, visible
from drtool.record.model import Archiving, decode

OBJECT_LIMIT = 1_000_000
"""How many objects an archive may have: some 100,000 drills."""

LINE_LIMIT_BYTES = 64 * 1024
"""What a line of the ledger may have at most; a real one has some 400 bytes."""


@dataclass(frozen=True, kw_only=True)
class Added:
    """What was added to an archive."""

    files: int = 0
    entries: int = 0

    def __add__(self, other: Added) -> Added:
        return Added(files=self.files + other.files, entries=self.entries + other.entries)


class Archive:
    """An archive to add to.

    Attributes:
        recorded: how the signed record speaks of it.
        lock_seen: whether Object Lock of the bucket could be looked at; where it could not, each object tells.
    """

    def __init__(self, bucket: Bucket, retention: Retention, *, lock_seen: bool = True) -> None:
        self._bucket = bucket
        self._adder = Adder(bucket, retention)
        self.lock_seen = lock_seen
        self.recorded: Archiving = retention.recorded(str(bucket.location))

    @classmethod
    def prepared(cls, location: Location, reports: Path, *, mode: Mode | None, period: timedelta | None) -> Archive:
        """Return an archive that, as far as can be told without writing to it, takes the evidence of a reports folder.

        Args:
            location: where it is.
            reports: the folder; its ledger must not be another one than the archive has.
            mode: the retention's mode; None for the bucket's own.
            period: for how long objects are kept; None for as long as the bucket does by itself.

        Raises:
            Unverifiable: there is no such bucket, it has no Object Lock, or holds the evidence of another folder.
            WrongUse: neither the bucket nor anybody says for how long objects are to be kept.
        """
        bucket = Bucket(location)
        if (lock := bucket.lock()) is None:
            why = "whoever can write to it could change and remove the evidence"
            raise Unverifiable("archive-without-lock", f"The bucket {location.bucket} has no Object Lock", why=why)
        archive = cls(bucket, settle(lock, mode=mode, period=period), lock_seen=lock.seen)
        archive._missing_lines(reports)  # whether one folder's ledger is in the other's way
        return archive

    @property
    def conditional(self) -> bool:
        """Whether the store itself sees to it that nothing is replaced; known once something was added."""
        return self._adder.conditional

    def keep_ledger(self, reports: Path) -> Added:
        """Add the lines of the ledger that the archive has not yet.

        Raises:
            Unverifiable: it is another ledger, or the archive cannot be written to.
        """
        lines = self._missing_lines(reports)
        for line, content in lines:
            with io.BytesIO(content) as stream:
                self._adder.add(line.key, stream, sha256=line.digest, size_bytes=len(content))
        return Added(entries=len(lines))

    def keep_drill(self, reports: Path, drill_id: str) -> Added:
        """Add what the archive lacks of a drill that is over: its folder first, then the ledger, which names it.

        Raises:
            Unverifiable: not all of it is in the archive; what is on the disk is as it was.
        """
        try:
            kept = self.keep_folder(reports, ended(reports, drill_id), self.sizes(f"{drill_id}/"))
            return kept + self.keep_ledger(reports)
        except DrtoolError as error:
            raise Unverifiable(
                "not-archived",
                f"Not all evidence of drill {drill_id} is in {self._bucket.location}",
                why=f"{error.what}: {error.why}" if error.why else error.what,
                mend=f"It is whole in {reports / drill_id}. {error.mend.rstrip('. ')}; then add what is missing: "
                f"`drtool archive {reports} {self._bucket.location}`",
            ) from error

    def keep_folder(self, reports: Path, end: LedgerEntry, known: Mapping[str, int]) -> Added:
        """Add the files of a drill's folder that the archive has not yet.

        Args:
            reports: the reports folder.
            end: the drill's end in the ledger.
            known: the sizes of all objects that the archive has, by their keys.

        Raises:
            Unverifiable: the folder is not what the drill left, or the archive cannot be written to.
        """
        added = 0
        try:
            with plain.open_folder(reports / end.drill_id) as handle:
                belongs = _belongs(handle, end)
                for name in sorted(belongs):
                    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
                    with os.fdopen(os.open(name, flags, dir_fd=handle), "rb") as stream:
                        size_bytes = os.fstat(stream.fileno()).st_size
                        file = DrillFile(end.drill_id, name)
                        if file.key not in known:
                            self._adder.add(file.key, stream, sha256=belongs[name], size_bytes=size_bytes)
                            added += 1
                        elif known[file.key] != size_bytes:
                            raise self._adder.occupied(file.key)
        except (NotPlain, OSError) as error:
            raise changed(end.drill_id, str(error)) from error
        return Added(files=added)

    def sizes(self, under: str = "") -> dict[str, int]:
        """Return the sizes of the objects in the archive, by their keys."""
        return self._bucket.sizes(under, limit=OBJECT_LIMIT)

    def _missing_lines(self, reports: Path) -> list[tuple[LedgerLine, bytes]]:
        """Return the lines that the archive lacks. It is looked at first: others add to the folder first."""
        archived = [found for key in self.sizes(f"{LEDGER}/") if isinstance(found := part(key), LedgerLine)]
        lines = {LedgerLine(number, chain.digest(line)): line for number, line in enumerate(_lines(reports), start=1)}
        if foreign := [one.sequence for one in archived if one not in lines]:
            first = min(foreign)
            raise Unverifiable(
                "archive-of-another-ledger",
                f"{self._bucket.location} holds a line {first} of the ledger that is not in {reports / ledger.NAME}",
                why="it is the archive of another reports folder, or this folder's ledger was cut, changed or rebuilt",
                mend=f"Give each reports folder a prefix of its own; or compare the two: "
                f"`drtool audit {reports} --archive {self._bucket.location}`",
            )
        return [(line, content) for line, content in lines.items() if line not in set(archived)]


def ended(reports: Path, drill_id: str) -> LedgerEntry:
    """Return a drill's end in the ledger.

    Raises:
        Unverifiable: it has none.
    """
    for line in reversed(_lines(reports)):
        if (entry := chain.decode(line)) and entry.event == "end" and entry.drill_id == drill_id:
            return entry
    raise changed(drill_id, "is not over, by the ledger")


def changed(drill_id: str, what: str) -> Unverifiable:
    """Return the error that a drill's folder is not what the drill left, so that it has no place in an archive."""
    return Unverifiable("evidence-changed", f"{visible(drill_id)} is not as the drill left it", why=what)


def _lines(reports: Path) -> list[bytes]:
    """Return the ledger's lines; one that is just being written, or was torn, is none yet."""
    try:
        content = plain.read(reports / ledger.NAME, limit_bytes=plain.LIMIT_BYTES)
    except NotPlain as error:
        if error.missing:
            return []
        raise Unverifiable("ledger-damaged", f"{reports / ledger.NAME} {error}") from error
    lines = [line for line in chain.split(content) if line.endswith(b"\n")]
    if any(len(line) > LINE_LIMIT_BYTES for line in lines):
        raise Unverifiable("ledger-damaged", f"{reports / ledger.NAME} has a line that no drtool wrote")
    return lines


def _belongs(handle: int, end: LedgerEntry) -> dict[str, str]:
    """Return the digest of each file that belongs into a drill's folder, and see that it is the one in there.

    An archive keeps what it is given: a file that somebody changed, or the droppings of a file manager, would make a
    sound drill look tampered with for years. What does not belong there is left out.
    """
    document = plain.read(folder.RECORD, limit_bytes=plain.DOCUMENT_LIMIT_BYTES, folder=handle)
    if hashlib.sha256(document).hexdigest() != end.report_sha256:
        raise NotPlain(f"{folder.RECORD} is not the one that the ledger names")
    try:
        record = decode(document)
    except DrtoolError as error:
        raise NotPlain(str(error)) from error
    belongs = {folder.RECORD: end.report_sha256 or "", **record.files, **end.enclosed}
    if record.signed:
        belongs[folder.SIGNATURE] = plain.sha256(folder.SIGNATURE, folder=handle)
    for name, digest in belongs.items():
        if part(DrillFile(end.drill_id, name).key) is None:
            raise NotPlain(f"{visible(name)} can be no file of it")
        try:
            found = plain.sha256(name, folder=handle)
        except NotPlain as error:
            raise NotPlain(f"{name} {error}") from error
        if found != digest:
            raise NotPlain(f"{name} was changed")
    return belongs
