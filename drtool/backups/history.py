"""From a store's listing to runs of the backup job, with the dates in their names; what lies beside them set aside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from drtool.backups.companions import is_companion
from drtool.backups.dates import Stamp
from drtool.backups.left_behind import broken_transfer_in
from drtool.backups.naming import dates_of, folder_and_name, name_of, skeleton
from drtool.backups.transfers import is_unfinished
from drtool.record.exposure import UnusableBackup
from drtool.stores.interface import StoredObject
from drtool.stores.whole import missing_parts


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one run of a backup job left in the store: an object, or the parts of one that was split.

    Attributes:
        found: the store's record, of the parts together.
        modified_at: when the last of them was written, UTC, by this host's clock: it takes all parts to restore.
        stamp: the date in the name.
    """

    found: StoredObject
    modified_at: datetime
    stamp: Stamp | None

    @property
    def location(self) -> str:
        """Where it lies."""
        return self.found.location

    @property
    def size_bytes(self) -> int:
        """Its size, all parts together."""
        return self.found.size_bytes

    @property
    def objects(self) -> tuple[StoredObject, ...]:
        """The object, or the parts."""
        return (self.found,) if self.found.is_folder else self.found.members or (self.found,)

    def unusable(self, why: str) -> UnusableBackup:
        """Return the record of a run that is no recovery point."""
        return UnusableBackup(location=self.location, size_bytes=self.size_bytes, modified_at=self.modified_at, why=why)


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """What a listing comes to, without the checksums, logs and the like that lie beside backups.

    Attributes:
        runs: what may be a recovery point.
        unusable: what is none, each with the reason.
        unfinished: those of them that are not complete yet by their name, or broke off.
        markers: what is no backup at all: empty files among those that are, names for the newest, links to nothing.
    """

    runs: tuple[Run, ...]
    unusable: tuple[tuple[Run, str], ...]
    unfinished: tuple[Run, ...]
    markers: tuple[Run, ...]

    @property
    def candidates(self) -> tuple[Run, ...]:
        """What a recovery may take: a backup that is empty or lacks a part is one, which will fail."""
        passed_over = {run.location for run in (*self.unfinished, *self.markers)}
        return (*self.runs, *(run for run, _ in self.unusable if run.location not in passed_over))


BURST = timedelta(minutes=10)
"""Within which a copy of a store writes one object after another; a backup job writes one a run."""

# The size of a compressed stream with nothing in it, which is what `failing-dump | gzip > file` leaves.
_EMPTY_STREAM_BYTES = {".gz": 20, ".zst": 13, ".xz": 32, ".bz2": 14, ".lz4": 15}
_POINTER_BYTES = 1024
_NEWEST = {"latest", "newest", "current", "last"}
_FEWEST_LOST = 3


def gather(objects: Iterable[StoredObject]) -> Gathered:
    """Tell what of a listing is a run of the backup job, and what is none.

    Zero bytes, an empty compressed stream, an unfinished upload by its name and a split backup with a part missing
    are no recovery points, and this much can be told without reading any of them.
    """
    everything = list(objects)
    locations = {found.location for found in everything}
    backups = [found for found in everything if not is_companion(found.location, locations)]
    stamps = dates_of({found.location: found.modified_here for found in backups})
    runs = [Run(found=one, modified_at=one.modified_here, stamp=stamps.get(one.location)) for one in backups]
    judged = [(run, _obviously_unusable(run.found)) for run in runs]
    usable = [run for run, why in judged if not why]
    kinds = {skeleton(run.location) for run in usable}
    dated = {run.size_bytes for run in usable if run.stamp}
    shared = set[str].intersection(*(set(_folders(location)) for location in locations)) if locations else set()
    markers = {run.location: run for run in runs if _is_marker(run, _own_name(run, shared), kinds, dated)}
    return Gathered(
        runs=tuple(run for run in usable if run.location not in markers),
        unusable=tuple((run, why) for run, why in judged if why),
        unfinished=tuple(run for run in runs if is_unfinished(name_of(run.location))),
        markers=tuple(markers.values()),
    )


def runs_of(found: Iterable[StoredObject]) -> tuple[Run, ...]:
    """Return what was found as runs, each for itself and without dates: who asks for companions alone gets them."""
    return tuple(Run(found=one, modified_at=one.modified_here, stamp=None) for one in found)


def at_once(runs: Sequence[Run]) -> bool:
    """Return whether all runs were written so close to each other that a backup job cannot have made them."""
    times = [run.modified_at for run in runs]
    return max(times) - min(times) <= BURST


def lost(runs: Sequence[Run]) -> bool:
    """Return whether runs whose names tell no time have lost it: several, written as only a copy writes them.

    Several names of one file are one: which of them is taken makes no difference.
    """
    return len({run.found.file or run.location for run in runs}) >= _FEWEST_LOST and at_once(runs)


def _folders(location: str) -> list[str]:
    return folder_and_name(location)[0].split("/")


def _own_name(run: Run, shared: set[str]) -> str:
    """Return what a location has that not all have, such as `latest/db.sql`."""
    return "/".join([*(one for one in _folders(run.location) if one not in shared), name_of(run.location)])


def _is_marker(run: Run, name: str, kinds: set[str], dated: set[int]) -> bool:
    """Tell whether it is an empty file, a name for the newest backup or a link to nothing, among backups.

    Args:
        run: what it is asked of.
        name: what its location has that not all have.
        kinds: how the names of usable backups are made.
        dated: the sizes of those whose names have dates.
    """
    if run.found.leads_to and run.stamp is None:
        return bool(kinds)  # which one it stood for, nothing tells
    if run.size_bytes == 0:
        return bool(kinds) and skeleton(run.location) not in kinds
    if run.stamp or not _NEWEST & set(_words(name)):
        return False
    return bool(dated) and (run.size_bytes in dated or run.size_bytes < min(_POINTER_BYTES, *dated))


def _words(name: str) -> list[str]:
    return "".join(sign if sign.isalpha() else " " for sign in name.lower()).split()


def _obviously_unusable(found: StoredObject) -> str | None:
    name = name_of(found.location)
    if found.leads_to:
        return f"a link to {found.leads_to}, which is not there"
    if is_unfinished(name):
        return "by its name an upload that is not finished, or broke off"
    if found.is_folder and (lacks := broken_transfer_in([found.path_of(member) for member in found.members])):
        return f"{lacks} is not in it: its transfer is not finished, or broke off"
    if empty := sum(part.size_bytes == 0 for part in found.members if not found.is_folder):
        return f"{empty} of its {len(found.members)} parts has zero bytes"
    if found.size_bytes == 0:
        return "zero bytes"
    if missing := len(missing_parts(found)):
        return f"split into parts, of which {missing} {'is' if missing == 1 else 'are'} missing"
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    if found.size_bytes <= _EMPTY_STREAM_BYTES.get(suffix, 0):
        return f"{found.size_bytes} bytes: a compressed stream with nothing in it"
    return None
