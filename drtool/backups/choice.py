"""Which backup a recovery would take: the newest that was there when the disaster struck."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from drtool.backups.companions import is_companion, is_unfinished
from drtool.backups.naming import name_of, stamp_in
from drtool.errors import RestoreFailed
from drtool.record.backups import Candidate, Choice
from drtool.stores.interface import StoredObject
from drtool.times import utc

_LISTED = 10


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The backup to take, what goes on record about it, and what a reader should know.

    `usable` is all that was there at the disaster time, the newest first.
    """

    found: StoredObject
    usable: tuple[StoredObject, ...]
    choice: Choice
    deviations: tuple[str, ...]


def choose_newest(pattern: str, candidates: Iterable[StoredObject], disaster_at: datetime) -> Chosen:
    """Choose the newest backup that is not newer than the disaster.

    Where every name carries a date, the names say which is the newest: a store that was copied has its times from the
    copying, in any order. Else the store's modification times do. What lies beside backups is none, and what is not
    complete yet by its name is passed over.

    Args:
        pattern: what was asked for, for the record.
        candidates: everything that it matches.
        disaster_at: UTC.

    Raises:
        RestoreFailed: nothing matches, or everything that does is newer than the disaster.
    """
    listed = sorted(candidates, key=lambda found: (found.modified_here, found.location), reverse=True)
    locations = {found.location for found in listed}
    backups = [found for found in listed if not is_companion(found.location, locations)] or listed
    everything = [found for found in backups if not is_unfinished(name_of(found.location))] or backups
    usable = [found for found in everything if found.modified_here <= disaster_at]
    if not usable:
        why = f"all {len(everything)} that match are newer than the disaster" if everything else "nothing matches"
        raise RestoreFailed("backup-missing", f"There is no backup for {pattern}", why=why)
    last_modified = usable[0]
    if dates := _dates(usable):
        usable.sort(key=lambda found: dates[found.location], reverse=True)  # of one date, the last modified is first
    newest = usable[0]
    deviations = []
    if unfinished := len(backups) - len(everything):
        deviations.append(f"{unfinished} that by the name are not complete yet, or broke off, passed over: {pattern}")
    if later := len(everything) - len(usable):
        deviations.append(f"{later} newer than the disaster ({utc(disaster_at)}) passed over: {pattern}")
    if newest != last_modified:
        deviations.append(
            f"By its name {newest.location}, which was taken, is newer than {last_modified.location}, "
            "which the store modified last: it was copied or changed since, or its name is wrong"
        )
    choice = Choice(
        pattern=pattern,
        considered=len(usable),
        chosen=newest.location,
        why=f"{'latest by its name' if dates else 'last modified'} of all that were there at the disaster time",
        newest=tuple(map(_candidate, usable[:_LISTED])),
    )
    return Chosen(found=newest, usable=tuple(usable), choice=choice, deviations=tuple(deviations))


@dataclass(frozen=True, kw_only=True)
class ChosenIncrements:
    """The increments to take, the oldest first, what goes on record about them, and what a reader should know."""

    found: tuple[StoredObject, ...]
    choice: Choice | None
    deviations: tuple[str, ...]


def choose_since(
    pattern: str, candidates: Iterable[StoredObject], full: StoredObject, disaster_at: datetime
) -> ChosenIncrements:
    """Choose the increments that came after a full backup and are not newer than the disaster.

    None at all is no failure: right after a full backup there are none. That one is missing between two is told by what
    they say of themselves, once they are unpacked.

    Args:
        pattern: what was asked for, for the record.
        candidates: everything that it matches.
        full: what they build on.
        disaster_at: UTC.
    """
    others = [found for found in candidates if found.location != full.location]
    newer = [found for found in others if found.modified_here > full.modified_here]
    newer.sort(key=lambda found: (found.modified_here, found.location))
    usable = [found for found in newer if found.modified_here <= disaster_at]
    deviations = []
    if later := len(newer) - len(usable):
        deviations.append(f"{later} newer than the disaster ({utc(disaster_at)}) passed over: {pattern}")
    if not usable:
        none = f"No increment for {pattern} is newer than {name_of(full.location)}, which was restored alone"
        return ChosenIncrements(found=(), choice=None, deviations=(*deviations, none))
    choice = Choice(
        pattern=pattern,
        considered=len(usable),
        chosen=usable[-1].location,
        why=f"the newest of {len(usable)} that came after the full backup; those before it as far as it builds on them",
        newest=tuple(map(_candidate, reversed(usable[-_LISTED:]))),
    )
    return ChosenIncrements(found=tuple(usable), choice=choice, deviations=tuple(deviations))


def _candidate(found: StoredObject) -> Candidate:
    return Candidate(location=found.location, size_bytes=found.size_bytes, modified_at=found.modified_at)


def _dates(usable: list[StoredObject]) -> dict[str, datetime]:
    """Return the date in each name, without a zone; nothing where one has none. Where one has no time, all are days."""
    stamps = {found.location: stamp for found in usable if (stamp := stamp_in(found.location))}
    if len(stamps) < len(usable):
        return {}
    if all(stamp.has_time for stamp in stamps.values()):
        return {location: stamp.wall for location, stamp in stamps.items()}
    return {location: stamp.wall.replace(hour=0, minute=0, second=0) for location, stamp in stamps.items()}
