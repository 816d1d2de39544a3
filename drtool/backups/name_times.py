"""The dates in the names of a history, held against the store's times: how the two go together, and where they do not.

The store's modification time is the end of the upload; the time in a name is the start of the job, as far as names
are to be trusted. Neither can be proved from a listing.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from statistics import median

from drtool.backups.dates import Stamp
from drtool.backups.history import BURST, Run, at_once, gather, lost
from drtool.backups.naming import name_of, skeleton
from drtool.stores.interface import StoredObject

TOLERANCE_SECONDS = 60.0
"""How far clocks may be apart before it matters."""

HOUR, DAY = 3_600.0, 86_400.0
EASTERNMOST, WESTERNMOST = 14 * HOUR, 12 * HOUR
LATE = 2 * HOUR

_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LONGEST_NAMED = timedelta(days=31)


class HostZone(tzinfo):
    """The zone of this host with its summer times, which a fixed offset of today would get wrong for last spring."""

    def utcoffset(self, at: datetime | None) -> timedelta:
        """Return the offset of a wall-clock time."""
        return self._local(at).utcoffset() or timedelta()

    def dst(self, at: datetime | None) -> timedelta | None:
        """Return None: it is not known apart from the offset."""
        return None

    def tzname(self, at: datetime | None) -> str | None:
        """Return what the zone is called at a wall-clock time."""
        return self._local(at).tzname()

    def fromutc(self, at: datetime) -> datetime:
        """Return a UTC instant in this zone."""
        return at.replace(tzinfo=UTC).astimezone().replace(tzinfo=self)

    @staticmethod
    def _local(at: datetime | None) -> datetime:
        return (at or datetime.now(UTC)).replace(tzinfo=None).astimezone()


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The dates in the names, read in one zone.

    Attributes:
        zone: in which those were read that name none.
        known: whether the zone of all is known, not assumed.
        instants: what each name says, UTC, by location; a date alone is its midnight.
        usual: the lag from the name's instant to the store's about which most lie, in seconds; None if about none.
    """

    zone: tzinfo
    known: bool
    instants: dict[str, datetime]
    usual: float | None

    def lag(self, run: Run) -> float:
        """Return the seconds from what a run's name says to what the store says."""
        return (run.modified_at - self.instants[run.location]).total_seconds()


def read(runs: Sequence[Run], zone: tzinfo | None, host_zone: tzinfo) -> Reading:
    """Read the dates in the names: in the given zone, else this host's or UTC, whichever the store's times bear out."""
    stamped = [(run, run.stamp) for run in runs if run.stamp]
    if len(stamped) > 1 and len({stamp.wall for _, stamp in stamped}) == 1:
        stamped = []  # one date in all names is of something else, such as the day when the store was set up
    known = zone is not None or all(stamp.zone for _, stamp in stamped)
    tries: list[tzinfo] = [zone] if zone else [UTC] if known else [host_zone, UTC]
    for tried in tries:
        named = [(run.location, stamp.wall.replace(tzinfo=stamp.zone or tried)) for run, stamp in stamped]
        instants = {location: at.astimezone(UTC) for location, at in named}
        lags = [(run.modified_at - instants[run.location]).total_seconds() for run, _ in stamped]
        usual = _usual_lag(sorted(lags), sorted(set(instants.values())))
        if usual is not None:
            instants |= {run.location: _of_two(run, stamp, stamp.zone or tried, usual) for run, stamp in stamped}
        reading = Reading(zone=tried, known=known, instants=instants, usual=usual)
        if usual is not None and -TOLERANCE_SECONDS <= usual <= DAY:
            break
    return reading


def _of_two(run: Run, stamp: Stamp, zone: tzinfo, usual: float) -> datetime:
    """Return what a name says, UTC: of the hour that comes twice the one that the store agrees with."""
    instants = [stamp.wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return min(instants, key=lambda at: abs((run.modified_at - at).total_seconds() - usual))


def _usual_lag(lags: Sequence[float], instants: Sequence[datetime]) -> float | None:
    """Return the lag about which most lags lie, or None where they lie about none.

    Where a store's times are its own, the lags of different days are alike, give or take the dump's duration.
    Where a bucket was copied they grow by the time between two backups from each to the one before. So a window that
    is narrower than that time, and two hours at most, holds many lags of the first kind and one of the second.
    """
    if len(lags) == 1:
        return lags[0] if -EASTERNMOST <= lags[0] <= DAY + WESTERNMOST else None
    spacing = median([(later - sooner).total_seconds() for sooner, later in pairwise(instants)] or [4 * HOUR])
    width = max(TOLERANCE_SECONDS, min(LATE, spacing / 2))
    first, best = 0, range(0)
    for last in range(len(lags)):
        while lags[last] - lags[first] > width:
            first += 1
        best = max(best, range(first, last + 1), key=len)
    enough = max(3, len(lags) / 10) if len(lags) > 5 else 2
    return median(lags[at] for at in best) if len(best) >= enough else None


def copied(runs: Sequence[Run], reading: Reading) -> set[str]:
    """Return the locations of runs whose time in the store is that of a copy, not of the backup.

    A run was written again if it arrived more than a day later than usual, and its successor was there by then. So
    were runs in the same ten minutes as two of these. Where no lags are alike, so was everything if all were written
    within ten minutes, and what came since the first of them if most were. What is late and no more (the next had not
    come yet, or it was hours) did come late: a slow or a delayed run, whose exposure was real. What no name dates was
    written again where two of these were.
    """
    named = [run for run in runs if run.location in reading.instants]
    usual = reading.usual
    longest = usual if usual is not None else 0.0 if reading.known else WESTERNMOST
    following = dict(pairwise(sorted(set(reading.instants.values()))))

    def overtaken(run: Run) -> bool:
        successor = following.get(reading.instants[run.location])
        return successor is not None and (run.modified_at - successor).total_seconds() >= longest

    again = [run for run in named if reading.lag(run) - longest > DAY and overtaken(run)]
    found = {run.location for run in again}
    times = sorted(run.modified_at for run in again)
    for run in named:
        late = usual is None or reading.lag(run) - usual > LATE
        if late and _around(run, times) >= 2:
            found.add(run.location)
    if usual is None and len(named) >= 2 and at_once(named):
        found.update(run.location for run in named)
    elif usual is None and 2 * len(again) > len(named):
        found.update(run.location for run in named if run.modified_at >= min(one.modified_at for one in again))
    times = sorted(run.modified_at for run in named if run.location in found)
    found.update(run.location for run in runs if run.location not in reading.instants and _around(run, times) >= 2)
    return found


def _around(run: Run, times: Sequence[datetime]) -> int:
    """Return how many of the times, in order, are so near that one copy may have written it and them."""
    return bisect_right(times, run.modified_at + BURST) - bisect_left(times, run.modified_at - BURST)


def times_told(runs: Sequence[Run]) -> dict[str, datetime | None]:
    """Return when runs are from whose time in the store is that of a copy, UTC: as the name says, None if it does not.

    A name without a zone is read as `read` reads it where none is known.
    """
    runs = _written(runs)
    reading = read(runs, None, HostZone())
    return {location: reading.instants.get(location) for location in copied(runs, reading)}


def _written(runs: Sequence[Run]) -> list[Run]:
    """Return runs that the store has a time of: a link to nothing has its own."""
    return [run for run in runs if not run.found.leads_to]


def newest_first(runs: Iterable[Run]) -> tuple[list[Run], bool]:
    """Return runs with the newest first, and whether the dates in their names say so and not the store's times.

    Where every name carries a date, they say which is the newest: a store that was copied has its times from the
    copying, in any order. Of one date the last modified is first, or the last number where all were written at once.
    Where some carry none, the names say it of those whose time is that of a copy; what has no time at all is last.
    """
    ordered = sorted(runs, key=lambda run: (run.modified_at, run.location), reverse=True)
    if not (dates := _dates(ordered)):
        times = {} if all(run.stamp for run in ordered) else times_told(ordered)
        ordered.sort(key=lambda run: times.get(run.location, run.modified_at) or _EARLIEST, reverse=True)
        return ordered, bool(ordered) and times.get(ordered[0].location) is not None
    by_number = at_once(ordered)

    def key(run: Run) -> tuple[datetime, list[int]]:
        return dates[run.location], counted(run.location) if by_number else []

    return sorted(ordered, key=key, reverse=True), True


def counted(location: str) -> list[int]:
    """Return the numbers in a name: of what was written at once, the greater ones may be the later."""
    return [int(one) for one in re.findall(r"\d+", name_of(location))]


def _dates(runs: Sequence[Run]) -> dict[str, datetime]:
    """Return the date in each name, as near as all of its day say; nothing where one has none or it is left open."""
    stamps = {run.location: run.stamp for run in runs if run.stamp}
    if not runs or len(stamps) < len(runs):
        return {}
    by_start = sorted(stamps.values(), key=lambda stamp: (stamp.wall, stamp.until))
    is_open = any(stamp.until - stamp.wall > _LONGEST_NAMED for stamp in by_start)
    if is_open and any(later.until < sooner.until for sooner, later in pairwise(by_start)):
        return {}
    in_utc = all(stamp.zone for stamp in by_start)
    walls = {at: _in_utc(stamp) if in_utc else stamp.wall for at, stamp in stamps.items()}
    days = {at: wall.replace(hour=0, minute=0, second=0, microsecond=0) for at, wall in walls.items()}
    without_time = {days[at] for at, stamp in stamps.items() if not stamp.has_time}
    return {at: day if day in without_time else walls[at] for at, day in days.items()}


def _in_utc(stamp: Stamp) -> datetime:
    return stamp.wall - ((stamp.zone.utcoffset(None) if stamp.zone else None) or timedelta())


def told_among(
    location: str, modified_at: datetime, beside: Iterable[StoredObject], *, zone: tzinfo | None, host_zone: tzinfo
) -> tuple[Stamp | None, bool]:
    """Return what a name says among its neighbours', and whether they show that the store's time is that of a copy.

    Args:
        location: where it lies.
        modified_at: the store's time, UTC, by this host's clock.
        beside: what lies beside it; it may be among them.
        zone: that the times in names are in, where it is known.
        host_zone: of this host.
    """
    itself = StoredObject(location=location, size_bytes=1, modified_at=modified_at)
    gathered = gather([itself, *(one for one in beside if one.location != location)])
    runs: Sequence[Run] = gathered.candidates
    stamp = next((run.stamp for run in (*runs, *gathered.unfinished) if run.location == location), None)
    runs = _written(runs)
    again = copied(runs, read(runs, zone, host_zone))
    near = [run for run in runs if run.location in again and abs(run.modified_at - modified_at) <= BURST]
    alike = [run for run in runs if skeleton(run.location) == skeleton(location)]
    return stamp, location in again or len(near) >= 2 or (not any(run.stamp for run in alike) and lost(alike))
