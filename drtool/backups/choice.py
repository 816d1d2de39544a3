"""Which backup a recovery would take: the newest that was there when the disaster struck."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from drtool.backups.history import Run, gather, lost, runs_of
from drtool.backups.name_times import EASTERNMOST, WESTERNMOST, newest_first, times_told
from drtool.backups.naming import name_of, skeleton
from drtool.errors import RestoreFailed
from drtool.record.backups import Candidate, Choice
from drtool.stores.interface import StoredObject
from drtool.times import utc

_LISTED = 10
_NOW = timedelta(minutes=10)
_MOST_AHEAD = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The backup to take, what goes on record about it, and what a reader should know.

    `usable` is all that was there at the disaster time, the newest first, and `beside` all that was found; `dated` says
    when each is from, by the store or by its name, and None where neither tells.
    """

    found: StoredObject
    usable: tuple[StoredObject, ...]
    beside: tuple[StoredObject, ...]
    dated: Mapping[str, datetime | None]
    choice: Choice
    deviations: tuple[str, ...]

    @property
    def is_a_guess(self) -> bool:
        """Whether nothing tells which of them is the newest."""
        return self.choice.is_a_guess


def choose_newest(
    pattern: str, candidates: Iterable[StoredObject], disaster_at: datetime, looked_at: datetime | None = None
) -> Chosen:
    """Choose the newest backup that is not newer than the disaster; `newest_first` says which is the newest.

    What lies beside backups is none; what is not complete yet by its name is passed over, and so are pointers to the
    newest and empty files that are named otherwise than the backups. A backup that is empty is none of these: it is
    taken, and fails.

    Args:
        pattern: what was asked for, for the record.
        candidates: everything that it matches.
        disaster_at: UTC.
        looked_at: when it was listed, UTC: what was there and bears a later time has it from a clock that is ahead.

    Raises:
        RestoreFailed: nothing matches, or everything that does is newer than the disaster.
    """
    listed = list(candidates)
    gathered = gather(listed)
    everything = gathered.candidates or runs_of(listed)
    ahead = [run for run in everything if looked_at and _is_ahead(run, disaster_at, looked_at)]
    told = times_told(everything)
    since = [run for run in everything if run.modified_at > disaster_at and run not in ahead]
    named = [run for run in since if _was_there(run, told.get(run.location), disaster_at)]
    usable = [run for run in everything if run not in since or run in named]
    if not usable:
        why = f"all {len(everything)} that match are newer than the disaster" if everything else "nothing matches"
        raise RestoreFailed("backup-missing", f"There is no backup for {pattern}", why=why)
    last_modified = max(usable, key=lambda run: (run.modified_at, run.location))
    ordered, by_name = newest_first(usable)
    newest = ordered[0]
    deviations = []
    if gathered.candidates and (unfinished := len(gathered.unfinished)):
        deviations.append(f"{unfinished} that by the name are not complete yet, or broke off, passed over: {pattern}")
    if gathered.candidates and gathered.markers:
        names = ", ".join(name_of(run.location) for run in gathered.markers[:_LISTED])
        deviations.append(f"{names} passed over: empty, or another name for the newest: {pattern}")
    if later := len(everything) - len(usable):
        deviations.append(f"{later} newer than the disaster ({utc(disaster_at)}) passed over: {pattern}")
    if named:
        deviations.append(f"{len(named)} that were copied since the disaster were there by their names: {pattern}")
    if without := [run for run in usable if told.get(run.location, disaster_at) is None]:
        names = ", ".join(name_of(run.location) for run in without[:_LISTED])
        deviations.append(
            f"{names} left for last: no date in the name, and the store's time is that of a copy: {pattern}"
        )
    if newest in ahead:
        deviations.append(
            f"{newest.location} was last written at {utc(newest.modified_at)} by a clock that is ahead of this host's: "
            "it was there already, and was taken"
        )
    if newest is not last_modified and last_modified not in without:
        deviations.append(
            f"By its name {newest.location}, which was taken, is newer than {last_modified.location}, "
            "which the store modified last: it was copied or changed since, or its name is wrong"
        )
    alike = [run for run in usable if skeleton(run.location) == skeleton(newest.location)]
    choice = Choice(
        pattern=pattern,
        considered=len(usable),
        chosen=newest.location,
        why=f"{'latest by its name' if by_name else 'last modified'} of all that were there at the disaster time",
        newest=tuple(_candidate(run.found) for run in ordered[:_LISTED]),
        is_a_guess=any(told.get(run.location) and _may_be_either(run, disaster_at) for run in since)
        or (not by_name and not any(run.stamp for run in alike) and lost(alike)),
    )
    found = tuple(run.found for run in ordered)
    return Chosen(
        found=found[0],
        usable=found,
        beside=tuple(listed),
        dated={run.location: told.get(run.location, run.modified_at) for run in usable},
        choice=choice,
        deviations=tuple(deviations),
    )


def _was_there(run: Run, named: datetime | None, disaster_at: datetime) -> bool:
    """Tell whether what was copied since was there by its name, at the latest that this can mean."""
    return named is not None and run.stamp is not None and named + (run.stamp.until - run.stamp.wall) <= disaster_at


def _may_be_either(run: Run, disaster_at: datetime) -> bool:
    """Tell whether the zone that a name does not say decides whether it was there at the disaster."""
    if run.stamp is None or run.stamp.zone:
        return False
    ahead = (run.stamp.until.replace(tzinfo=UTC) - disaster_at).total_seconds()
    return -WESTERNMOST < ahead <= EASTERNMOST


def _is_ahead(run: Run, disaster_at: datetime, looked_at: datetime) -> bool:
    """Tell whether a time lies in the future only by a clock that is ahead, in a drill of a disaster that is now."""
    return looked_at - disaster_at <= _NOW and looked_at < run.modified_at <= looked_at + _MOST_AHEAD


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
    together = {found.location: found for found in (*candidates, full)}
    ordered, _ = newest_first(gather(together.values()).candidates)
    newer = [run.found for run in takewhile(lambda run: run.location != full.location, ordered)][::-1]
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
