"""What of a store was there at the disaster: told by the store's times, and by names where those are of a copy."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from drtool.backups.history import Run, at_once, lost
from drtool.backups.name_times import EASTERNMOST, WESTERNMOST, times_told
from drtool.backups.naming import names_apart
from drtool.times import utc

_LISTED = 10
_NOW = timedelta(minutes=10)
_MOST_AHEAD = timedelta(seconds=EASTERNMOST)


@dataclass(frozen=True, kw_only=True)
class Presence:
    """What was there at the disaster.

    Attributes:
        there: what was, as far as can be told.
        since: what came later, as far as can be told.
        ahead: what bears a later time by a clock that is ahead, and was there.
        named: what was copied since, and was there by its name.
        unsure: what came later by the store's time alone, and may have been there.
        told: when what was copied is from, as `times_told` says.
    """

    there: Sequence[Run]
    since: Sequence[Run]
    ahead: Sequence[Run]
    named: Sequence[Run]
    unsure: Sequence[Run]
    told: Mapping[str, datetime | None]

    def deviations(self, pattern: str, disaster_at: datetime) -> list[str]:
        """Return what a reader should know, in a sentence each."""
        said = []
        if self.since:
            said.append(f"{len(self.since)} newer than the disaster ({utc(disaster_at)}) passed over: {pattern}")
        if self.named:
            said.append(f"{len(self.named)} that were copied since the disaster were there by their names: {pattern}")
        if without := [run for run in self.there if self.told.get(run.location, disaster_at) is None]:
            called = names_apart(run.location for run in (*self.there, *self.since))
            names = ", ".join(called[run.location] for run in without[:_LISTED])
            said.append(
                f"{names} left for last: no date in the name, and the store's time is that of a copy: {pattern}"
            )
        return said


def present(runs: Sequence[Run], disaster_at: datetime, looked_at: datetime | None = None) -> Presence:
    """Tell what was there at the disaster.

    Args:
        runs: all that was found.
        disaster_at: UTC.
        looked_at: when it was listed, UTC: what was there and bears a later time has it from a clock that is ahead.
    """
    told = times_told(runs)
    ahead = [run for run in runs if looked_at and _is_ahead(run, disaster_at, looked_at)]
    later = [run for run in runs if _is_later(run, disaster_at) and run not in ahead]
    named = [run for run in later if _was_there(run, told.get(run.location), disaster_at)]
    since = [run for run in later if run not in named]
    undated = [run for run in since if run.stamp is None]
    of_a_copy = {at for at, one in told.items() if one is None}
    if undated and (lost(undated) or (at_once(undated) and not any(run.found.time_is_own for run in undated))):
        of_a_copy |= {run.location for run in undated}
    return Presence(
        there=[run for run in runs if run not in later or run in named],
        since=since,
        ahead=ahead,
        named=named,
        unsure=[run for run in since if _may_have_been_there(run, of_a_copy, disaster_at)],
        told=told,
    )


def _is_later(run: Run, disaster_at: datetime) -> bool:
    """Tell whether the store's time is later than the disaster; where it was lost, whether the name is in any zone."""
    if run.found.time_is_lost:
        return run.stamp is not None and not _may_have_been_there(run, (), disaster_at)
    return run.modified_at > disaster_at


def _was_there(run: Run, named: datetime | None, disaster_at: datetime) -> bool:
    """Tell whether what was copied since was there by its name, at the latest that this can mean."""
    return named is not None and run.stamp is not None and named + (run.stamp.until - run.stamp.wall) <= disaster_at


def _may_have_been_there(run: Run, of_a_copy: Collection[str], disaster_at: datetime) -> bool:
    """Tell whether what bears a later time may have it from a copy: a file's own time says no more than that."""
    if run.stamp is None:
        return run.location in of_a_copy
    earliest = run.stamp.wall.replace(tzinfo=run.stamp.zone or UTC)
    return earliest - timedelta(seconds=0 if run.stamp.zone else EASTERNMOST) <= disaster_at


def may_be_either(run: Run, disaster_at: datetime) -> bool:
    """Tell whether the zone that a name does not say decides whether it was there at the disaster."""
    if run.stamp is None or run.stamp.zone:
        return False
    ahead = (run.stamp.until.replace(tzinfo=UTC) - disaster_at).total_seconds()
    return -WESTERNMOST < ahead <= EASTERNMOST


def _is_ahead(run: Run, disaster_at: datetime, looked_at: datetime) -> bool:
    """Tell whether a time lies in the future only by a clock that is ahead, in a drill of a disaster that is now."""
    return looked_at - disaster_at <= _NOW and looked_at < run.modified_at <= looked_at + _MOST_AHEAD
