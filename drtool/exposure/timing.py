"""When each backup of a history began and when it could be restored, and how far that can be trusted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from statistics import median

from drtool.amounts import count
from drtool.backups import history
from drtool.backups import name_times as names
from drtool.backups.dates import Stamp
from drtool.backups.history import BURST, Run
from drtool.backups.name_times import DAY, EASTERNMOST, HOUR, LATE, TOLERANCE_SECONDS, WESTERNMOST, Reading
from drtool.record.exposure import TimeBasis, UnusableBackup
from drtool.times import spell, written

_SLOWEST_BYTES_PER_SECOND = 256 * 1024
_CLOCK_OFF_SECONDS = 600.0


@dataclass(frozen=True, kw_only=True)
class PlacedRun:
    """A run of the backup job, placed in time.

    Attributes:
        run: what was placed.
        recovery_point: the earliest that it can be of.
        restorable_at: the latest that it can have become restorable.
        basis: what tells.
        at_best: the latest that it can be of and the soonest that it can have become restorable, where those differ.
        objects: its parts and copies.
        doubt: why it may not restore.
    """

    run: Run
    recovery_point: datetime
    restorable_at: datetime
    basis: TimeBasis
    at_best: tuple[datetime, datetime] | None = None
    objects: int = 1
    doubt: str | None = None


@dataclass(frozen=True, kw_only=True)
class Timed:
    """A history placed in time.

    Attributes:
        points: in the order in which they became restorable.
        undated: what has no time that can be trusted.
        usual_lag_seconds: how long it usually takes from the time in a name to the store's.
        slack: by how much each recovery point may be later, by location, because the zone of its name is not known.
        vague: the same, because nothing but its name tells it, and that says no more than a day or several.
        zone_known: whether the zone of the names is known.
        trusted: whether the store's times were taken for all.
        lost: whether the times tell nothing of the past.
    """

    points: tuple[PlacedRun, ...]
    undated: tuple[UnusableBackup, ...]
    usual_lag_seconds: float | None
    slack: dict[str, timedelta]
    vague: dict[str, timedelta]
    zone_known: bool
    trusted: bool
    lost: bool
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]


def place(runs: Sequence[Run], *, looked_at: datetime, zone: tzinfo | None, host_zone: tzinfo) -> Timed:
    """Place a history in time.

    Args:
        runs: of one series.
        looked_at: when the store was listed, UTC.
        zone: of the dates in names that name none, where it is known.
        host_zone: of this host, tried first where it is not.
    """
    reading = names.read(runs, zone, host_zone)
    again = names.copied(runs, reading)
    lost = not reading.instants and history.lost(runs)
    points: list[PlacedRun] = []
    undated: list[UnusableBackup] = []
    odd: Counter[str] = Counter()
    for run in runs:
        by_name = _by_name(run, reading, looked_at)
        lag = reading.lag(run) if run.location in reading.instants else 0.0
        if (run.modified_at - looked_at).total_seconds() > TOLERANCE_SECONDS:
            odd["future"] += 1
            if by_name is None:
                undated.append(run.unusable("modified in the future, so when it was made is not known"))
                continue
        elif run.location in again:
            odd["copied"] += 1
            if by_name is None:
                undated.append(run.unusable("its time is that of a copy, so when it was made is not known"))
                continue
        elif by_name and lag < -(LATE if reading.known else EASTERNMOST):
            odd["old"] += 1
            by_name = by_name if run.found.time_is_lost else _no_later_than_written(by_name)
        else:
            odd["early"] += lag < -(TOLERANCE_SECONDS if reading.known else EASTERNMOST)
            by_name = None
        points.append(by_name or _by_store(run, reading, looked_at))
    points.sort(key=lambda point: (point.restorable_at, point.recovery_point, point.run.location))
    slack = _slack(points, reading)
    return Timed(
        points=tuple(points),
        undated=tuple(undated),
        usual_lag_seconds=_usual_duration(points),
        slack=slack,
        vague={point.run.location: point.at_best[0] - point.recovery_point for point in points if point.at_best},
        zone_known=reading.known,
        trusted=not (odd["copied"] or odd["future"] or odd["old"] or lost),
        lost=lost,
        assumptions=tuple(_assumptions(points, reading, slack)),
        warnings=tuple(_warnings(runs, points, odd, lost=lost)),
    )


def _by_name(run: Run, reading: Reading, looked_at: datetime) -> PlacedRun | None:
    """Place a run by its name alone, where it has one that can be true."""
    if (named := reading.instants.get(run.location)) is None or run.stamp is None:
        return None
    usual = _believed(reading)
    if not reading.known and not run.stamp.zone:
        ahead = -usual if usual is not None else (named - looked_at).total_seconds()
        shift = _whole_hours(min(ahead, EASTERNMOST))
        named -= timedelta(seconds=shift)
        usual = None if usual is None else usual + shift
    if (named - looked_at).total_seconds() > TOLERANCE_SECONDS:
        return None
    duration = timedelta(seconds=usual) if usual is not None and 0 <= usual <= DAY + WESTERNMOST else timedelta()
    restorable = min(named + duration, looked_at)
    if run.stamp.has_time:
        return PlacedRun(run=run, recovery_point=min(named, restorable), restorable_at=restorable, basis=TimeBasis.NAME)
    # It was made at some time of the day, and whoever copied it did so later.
    ends = _ends(run.stamp, reading)
    by = min(max(restorable, ends), looked_at)
    if run.modified_at > named:
        by = min(by, run.modified_at)
    at_best = (min(ends, by), named)
    return PlacedRun(run=run, recovery_point=named, restorable_at=by, basis=TimeBasis.NAME, at_best=at_best)


def _no_later_than_written(point: PlacedRun) -> PlacedRun:
    """Let a backup that by its name began after it was written, by a zone or a clock that is wrong, be of either."""
    written = point.run.modified_at
    latest, soonest = point.at_best or (point.recovery_point, point.restorable_at)
    return replace(point, recovery_point=min(point.recovery_point, written), at_best=(latest, min(soonest, written)))


def _by_store(run: Run, reading: Reading, looked_at: datetime) -> PlacedRun:
    """Place a run by the store's time, and by its name's as the start where it can be that."""
    restorable = min(run.modified_at, looked_at)
    begun, basis, at_best = restorable, TimeBasis.STORE, None
    if (named := reading.instants.get(run.location)) is not None and run.stamp is not None:
        lag = reading.lag(run)
        if not reading.known and not run.stamp.zone and -EASTERNMOST <= lag < -TOLERANCE_SECONDS:
            # A name that is later than the store's record was written further east.
            shift = _whole_hours(-lag)
            named, lag = named - timedelta(seconds=shift), lag + shift
        if run.stamp.has_time and lag >= -TOLERANCE_SECONDS:
            begun, basis = min(named, restorable), TimeBasis.NAME_AND_STORE
        elif not run.stamp.has_time and run.modified_at >= (ends := _ends(run.stamp, reading)):
            # It cannot have begun when what its name says was over, and when before that it did, nothing says.
            if not reading.known:
                named = run.stamp.wall.replace(tzinfo=UTC) - timedelta(seconds=EASTERNMOST)
                ends = run.stamp.until.replace(tzinfo=UTC) + timedelta(seconds=WESTERNMOST)
            begun, basis, at_best = named, TimeBasis.NAME_AND_STORE, (min(ends, restorable), restorable)
    return PlacedRun(run=run, recovery_point=begun, restorable_at=restorable, basis=basis, at_best=at_best)


def _ends(stamp: Stamp, reading: Reading) -> datetime:
    """Return when what a name says is over, UTC."""
    return stamp.until.replace(tzinfo=stamp.zone or reading.zone).astimezone(UTC)


def _whole_hours(ahead: float) -> float:
    """Return the least offset of whole hours that makes up for a lead."""
    return max(0, math.ceil((ahead - TOLERANCE_SECONDS) / HOUR)) * HOUR


def _is_timed(point: PlacedRun) -> bool:
    """Tell whether a run's beginning and end are known, one by its name and one by the store."""
    return point.basis is TimeBasis.NAME_AND_STORE and point.at_best is None


def _usual_duration(points: Sequence[PlacedRun]) -> float | None:
    durations = [(point.restorable_at - point.recovery_point).total_seconds() for point in points if _is_timed(point)]
    return median(durations) if durations else None


def _believed(reading: Reading) -> float | None:
    """Return the usual lag where a zone can make it: names further ahead of the store tell of a clock that is wrong."""
    return reading.usual if reading.usual is not None and reading.usual >= -EASTERNMOST else None


def _slack(points: Sequence[PlacedRun], reading: Reading) -> dict[str, timedelta]:
    """Return what may be a zone's offset, or a clock that is off, and not the dump's duration.

    One zone holds for all names, so the shortest run says how many hours that can be, give or take summer time. A name
    that is minutes later than the store was moved by an hour, as if written further east: that clock may be slow.
    """
    if reading.known:
        return {}
    durations = [
        (point, (point.restorable_at - point.recovery_point).total_seconds())
        for point in points
        if _is_timed(point) and point.run.stamp and not point.run.stamp.zone
    ]
    shortest = min((seconds for _, seconds in durations), default=0.0) // HOUR * HOUR
    if not shortest:
        return {
            point.run.location: timedelta(seconds=seconds)
            for point, seconds in durations
            if TOLERANCE_SECONDS < -reading.lag(point.run) <= _CLOCK_OFF_SECONDS
        }
    most = min(shortest + HOUR, WESTERNMOST)
    return {point.run.location: timedelta(seconds=min(seconds // HOUR * HOUR, most)) for point, seconds in durations}


def _assumptions(points: Sequence[PlacedRun], reading: Reading, slack: dict[str, timedelta]) -> Iterator[str]:
    bases = Counter(point.basis for point in points)
    if bases[TimeBasis.STORE]:
        yield (
            f"{count(bases[TimeBasis.STORE], 'backup')}: when it began is not known, so the store's modification time "
            "stands for the recovery point; the true RPA is longer by as long as the dump and its upload took"
        )
    if timed := sum(map(_is_timed, points)):
        yield (
            f"{count(timed, 'backup')}: the time in the name was taken for the start, which "
            "is the recovery point, and the store's modification time for when it could be restored"
        )
    if days := sum(bool(point.at_best and point.run.stamp and not point.run.stamp.has_time) for point in points):
        yield (
            f"{count(days, 'backup')}: the name says no time of day, and the store's time is of a later day or of a "
            "copy; the beginning of what the name says was taken for the recovery point"
        )
    if in_parts := sum(point.run.found.time_is_start for point in points):
        yield (
            f"{count(in_parts, 'backup was', 'backups were')} uploaded in parts, and S3 keeps when that began: the "
            "true RPA is longer by as long as it took"
        )
    stamps = [point.run.stamp for point in points if point.basis is not TimeBasis.STORE and point.run.stamp]
    zoneless = sum(not stamp.zone for stamp in stamps)
    if zoneless and reading.known:
        yield f"Times in names that name no zone were taken as {_zone_name(reading.zone, points)}, as was said"
    elif zoneless:
        taken = _zone_name(reading.zone, points)
        text = f"The times in {count(zoneless, 'name')} name no zone; they were taken as {taken}"
        if (usual := _believed(reading)) is not None and usual < -TOLERANCE_SECONDS:
            text += ", moved by the fewest whole hours that put them before the store's times"
        if slack:
            most = spell(max(slack.values()).total_seconds())
            text += f"; if that is wrong, up to {most} of what they seem to take is the zone's (see --zone)"
        elif reading.usual is None:
            text += "; if that is wrong, the RPA now is off by the difference (see --zone)"
        yield text


def _warnings(runs: Sequence[Run], points: Sequence[PlacedRun], odd: Counter[str], *, lost: bool) -> Iterator[str]:
    if odd["copied"]:
        of = "all" if odd["copied"] == len(runs) else f"{odd['copied']} of"
        times = sorted(run.modified_at for run in runs)
        first, last = written(times[0]), written(times[-1])
        when = "" if of != "all" else f", all of {first}" if first == last else f", all between {first} and {last}"
        yield (
            f"The store's times of {of} {count(len(runs), 'backup')} are not trustworthy: they are those of a copy or "
            f"a new upload{when}. The dates in their names were taken instead"
            + ("" if _usual_duration(points) else ", and how long each took to become restorable is not known")
        )
    if odd["future"]:
        yield (
            f"{count(odd['future'], 'backup')} with a modification time in the future: the store's times are not "
            "trustworthy, for the store's clock or this host's is wrong. The dates in names were taken where there "
            "are any; the others do not count"
        )
    if odd["old"]:
        yield (
            f"{count(odd['old'], 'backup')} older by the store's time than by the date in the name: the store's time "
            "is not trustworthy there, and the name's was taken"
        )
    if odd["early"]:
        yield (
            f"{count(odd['early'], 'name')} with a time later than the store's: a clock or a zone is wrong. "
            "The store's was taken"
        )
    if lost:
        yield (
            f"All {len(runs)} backups were modified within {spell(BURST.total_seconds())} and their names carry "
            "no dates: if the store was copied, their history is lost, and its times are not trustworthy"
        )
    usual = _usual_duration(points)
    size = median(point.run.size_bytes for point in points) if points else 0
    if usual and usual >= HOUR and size / usual < _SLOWEST_BYTES_PER_SECOND:
        yield (
            f"From the time in the name to the store's it takes {spell(usual)}, long for so little data: if neither "
            "dump nor upload waits for anything, a clock is off or the names are in another zone"
        )


def _zone_name(zone: tzinfo, points: Sequence[PlacedRun]) -> str:
    if zone is UTC:
        return "UTC"
    key = getattr(zone, "key", None)
    return str(key) if key else f"this host's zone ({points[-1].recovery_point.astimezone(zone).tzname()})"
