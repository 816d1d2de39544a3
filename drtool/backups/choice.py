"""Which backup a recovery would take: the newest that was there when the disaster struck."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import NoReturn

from drtool.backups.history import gather, lost, runs_of
from drtool.backups.name_times import counted, newest_first
from drtool.backups.naming import name_of, names_apart, skeleton
from drtool.backups.presence import Presence, may_be_either, present
from drtool.backups.transfers import is_unfinished
from drtool.errors import RestoreFailed, Unverifiable
from drtool.record.backups import Candidate, Choice
from drtool.stores.interface import StoredObject
from drtool.times import utc

_LISTED = 10


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
        Unverifiable: everything that does was written since, and what was there before cannot be told.
    """
    listed = list(candidates)
    gathered = gather(listed)
    asked_for = is_unfinished(name_of(pattern))
    everything = gathered.candidates or runs_of(
        one for one in listed if asked_for or not is_unfinished(name_of(one.location))
    )
    seen = present(everything, disaster_at, looked_at)
    usable, told = seen.there, seen.told
    if not usable:
        _refuse(pattern, seen, disaster_at, unfinished=len(gathered.unfinished))
    last_modified = max(usable, key=lambda run: (run.modified_at, run.location))
    ordered, by_name = newest_first(usable)
    newest = ordered[0]
    deviations = []
    if gathered.candidates and (unfinished := len(gathered.unfinished)):
        deviations.append(f"{unfinished} that by the name are not complete yet, or broke off, passed over: {pattern}")
    if gathered.candidates and gathered.markers:
        called = names_apart(run.location for run in (*usable, *gathered.markers))
        names = ", ".join(called[run.location] for run in gathered.markers[:_LISTED])
        deviations.append(f"{names} passed over: empty, another name for the newest, or a link to nothing: {pattern}")
    deviations += seen.deviations(pattern, disaster_at)
    if newest in seen.ahead:
        deviations.append(
            f"{newest.location} was last written at {utc(newest.modified_at)} by a clock that is ahead of this host's: "
            "it was there already, and was taken"
        )
    if newest is not last_modified and told.get(last_modified.location, disaster_at) is not None:
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
        by_name=by_name,
        is_a_guess=any(told.get(run.location) and may_be_either(run, disaster_at) for run in (*seen.since, *seen.named))
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


def _refuse(pattern: str, seen: Presence, disaster_at: datetime, *, unfinished: int) -> NoReturn:
    what, found = f"There is no backup for {pattern}", len(seen.since)
    if seen.unsure:
        what = f"Whether a backup for {pattern} was there at the disaster ({utc(disaster_at)}) cannot be told"
        why = f"all {found} that match were written later, {len(seen.unsure)} of them perhaps by a copy alone"
        raise Unverifiable("newest-unknown", what, why=why)
    why = f"all {found} that match are newer than the disaster" if found else "nothing matches"
    if unfinished and not found:
        why = f"all {unfinished} that match are by their names not complete yet, or broke off"
    raise RestoreFailed("backup-missing", what, why=why)


def newest_unknown(choice: Choice, why: str = "") -> Unverifiable:
    """Return what a choice that is a guess means for a drill; `why` says what shows it."""
    what = f"Which of the backups that match {choice.pattern} is the newest cannot be told"
    copied = "the store's times are those of a copy, and the names carry no dates, or none that say their zone"
    return Unverifiable("newest-unknown", what, why=why or copied)


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
    others = (one for one in candidates if not (one.is_folder and full.location.startswith(one.location)))
    together = {found.location: found for found in (*others, full)}
    runs = gather(together.values()).candidates
    if lost(runs) and not any(run.stamp for run in runs):
        # Which of them came after the full backup, and in which order, their LSNs have to tell.
        newer = sorted((run for run in runs if run.location != full.location), key=lambda run: counted(run.location))
    else:
        newer = list(takewhile(lambda run: run.location != full.location, newest_first(runs)[0]))[::-1]
    seen = present(runs, disaster_at)
    there = {run.location for run in seen.there}
    usable = [run.found for run in newer if run.location in there]
    later = [run for run in newer if run.location not in there]
    deviations = replace(seen, since=later).deviations(pattern, disaster_at)
    why = f"the newest of {len(usable)} that came after the full backup; those before it as far as it builds on them"
    is_a_guess = any(run in seen.unsure for run in newer)
    if not usable:
        called = names_apart(together)[full.location]
        none = f"No increment for {pattern} is newer than {called}, which was restored alone"
        deviations.append(none)
        if not is_a_guess:
            return ChosenIncrements(found=(), choice=None, deviations=tuple(deviations))
        why = "which increments were there at the disaster cannot be told"
    choice = Choice(
        pattern=pattern,
        considered=len(usable),
        chosen=usable[-1].location if usable else full.location,
        why=why,
        newest=tuple(map(_candidate, reversed(usable[-_LISTED:]))),
        is_a_guess=is_a_guess,
    )
    return ChosenIncrements(found=tuple(usable), choice=choice, deviations=tuple(deviations))


def _candidate(found: StoredObject) -> Candidate:
    return Candidate(location=found.location, size_bytes=found.size_bytes, modified_at=found.modified_at)
