"""What the wall-clock times of a backup can mean: read in each zone on earth, and held against the rest.

A time without a zone is that of any zone on earth (UTC-12 to UTC+14) until something says which: a zone that is named;
or the zone of this host, where the store's record agrees with it to the minute. It is never taken for the time of the
zone in which the backup looks freshest: a file that was copied a moment ago would be as fresh as its copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from drtool.backups.dates import Stamp
from drtool.backups.naming import name_of
from drtool.times import utc

DISAGREEMENT = timedelta(minutes=1)
"""How far sources may lie apart before the report must speak of it, and beyond which they do not agree."""

_DAY = timedelta(days=1)
LONGEST_RUN = _DAY
_LONGEST_UNNAMED = timedelta(hours=6)
_QUARTERS_OF_AN_HOUR = range(-12 * 4, 14 * 4 + 1)
_EARTH: Sequence[tzinfo] = [timezone(timedelta(minutes=15 * number)) for number in _QUARTERS_OF_AN_HOUR]


@dataclass(frozen=True, kw_only=True)
class WallTimes:
    """What a backup says of its time by the clock of the host that made it: without a zone, but for tools that say it.

    Attributes:
        began: when the tool says it began.
        ended: when it says it was done.
        all_ended: of several dumps that are one backup, when the last was done; None where there is no other.
        said_by: who says when it was done, for a sentence.
    """

    began: datetime | None = None
    ended: datetime | None = None
    all_ended: datetime | None = None
    said_by: str = "the dump's closing comment"

    @property
    def local(self) -> WallTimes:
        """What of it is said without a zone."""
        began, ended = (one if one and one.tzinfo is None else None for one in (self.began, self.ended))
        return replace(self, began=began, ended=ended, all_ended=self.all_ended if ended else None)


@dataclass(frozen=True, kw_only=True)
class ZoneReading:
    """What the times of a backup are in one zone, UTC.

    Attributes:
        zone: the zone.
        began: the start by the tool's own record.
        named: the start by the name, or the beginning of the day that it names.
        named_until: the same, or the end of that day.
        ended: the end by the tool's own record.
    """

    zone: tzinfo
    began: datetime | None
    named: datetime | None
    named_until: datetime | None
    ended: datetime | None


@dataclass(frozen=True, kw_only=True)
class Readings:
    """All that the times of a backup can mean beside the store's record.

    Attributes:
        possible: one for each zone that it can have been made in; none where the times contradict each other in all.
        assumptions: what had to be taken for granted, a sentence each.
        disagreements: what contradicts what, a sentence each.
        zone_is_named: whether somebody named the zone of times that say none.
        said_until: the latest that is said of it, where nothing agrees with the store's record of its end, UTC.
    """

    possible: tuple[ZoneReading, ...]
    assumptions: tuple[str, ...] = ()
    disagreements: tuple[str, ...] = ()
    zone_is_named: bool = False
    said_until: datetime | None = None


def read_clock(
    walls: WallTimes,
    stamp: Stamp | None,
    *,
    location: str,
    modified_at: datetime,
    finished_by: datetime,
    seen_at: datetime,
    zone: tzinfo | None,
    host_zone: tzinfo,
) -> Readings:
    """Read the times of a backup in every zone in which they can be true.

    Args:
        walls: what it says itself.
        stamp: what its name says; backup jobs write the time of their start into it.
        location: where it lies.
        modified_at: the store's record, UTC.
        finished_by: when the backup was finished by that record, UTC; later than it where that is of the start.
        seen_at: when it lay there under its name, UTC: it may be renamed after it was written.
        zone: the zone that times without one are in, where somebody names it.
        host_zone: the zone of the host that drtool runs on.
    """
    disagreements: list[str] = []
    zones = [zone] if zone else [*_EARTH, host_zone]
    readings = {one: [each for each in _readings(walls, stamp, one) if _can_be(each, finished_by)] for one in zones}
    possible = {one: _closest(found, modified_at) for one, found in readings.items() if found}
    if not possible:
        disagreements.append(_contradiction(walls, stamp, name_of(location), modified_at, zone))
        possible, otherwise = _otherwise(walls, stamp, modified_at, finished_by, seen_at, zones)
        if otherwise:
            disagreements[0] += f"; {otherwise}"
    assumptions = []
    local = stamp if stamp and not stamp.zone else None
    if zone is None and possible and (said := ", ".join(_said(walls.local, local, name_of(location)))):
        likely = [(one, found[0].ended) for one in (host_zone, UTC) if (found := possible.get(one)) and found[0].ended]
        borne_out = [(one, ended) for one, ended in likely if ended and abs(modified_at - ended) <= DISAGREEMENT]
        if len(possible) > 1 and borne_out:
            taken, ended = borne_out[0]
            possible = {taken: possible[taken]}
            whose = "this host's zone" if taken is host_zone else "which containers have"
            assumptions.append(
                f"{said} without a zone; it was taken as {_zone_name(taken, ended)}, {whose}, which "
                f"puts it {abs((modified_at - ended).total_seconds()):.0f} s from the store's record, "
                f"{utc(modified_at)}"
            )
        elif len(possible) > 1:
            assumptions.append(
                f"{said} without a zone, which may be any in which that is no later than {utc(finished_by)}, when it "
                "lay in the store: the zone of the host that made the backup has to be named"
            )
        else:
            (only,) = possible
            assumptions.append(
                f"{said} without a zone; {_zone_name(only, modified_at)} is the only one in which all that is known of "
                "it agrees"
            )
    return Readings(
        possible=tuple(each for found in possible.values() for each in found),
        assumptions=tuple(assumptions),
        disagreements=tuple(disagreements),
        zone_is_named=zone is not None,
        said_until=None if possible else _said_until(walls, stamp, finished_by, zones),
    )


def _said_until(
    walls: WallTimes, stamp: Stamp | None, finished_by: datetime, zones: Sequence[tzinfo]
) -> datetime | None:
    """Return the latest that is said of a backup; None where its own end bears the store out, and the name is wrong."""
    readings = [each for one in zones for each in _readings(walls, stamp, one)]
    ends = [end for each in readings if (end := each.ended or each.began)]
    if any(end <= finished_by + DISAGREEMENT for end in ends):
        return None
    return max((*ends, *(each.named_until for each in readings if each.named_until)), default=None)


def _readings(walls: WallTimes, stamp: Stamp | None, zone: tzinfo) -> list[ZoneReading]:
    """Return all that the times can be in a zone: in autumn an hour comes twice, and a backup may end in the second."""
    folds = [(0, 0)] if isinstance(zone, timezone) else [(0, 0), (0, 1), (1, 1)]
    found = list(dict.fromkeys(_reading(walls, stamp, zone, start, end) for start, end in folds))
    return [one for one in found if one.began] or found


def _closest(found: list[ZoneReading], modified_at: datetime) -> list[ZoneReading]:
    """Return the readings in one zone that the store's record agrees with to the minute, or all."""
    return [one for one in found if one.ended and abs(modified_at - one.ended) <= DISAGREEMENT] or found


def _reading(walls: WallTimes, stamp: Stamp | None, zone: tzinfo, start: int, end: int) -> ZoneReading:
    def at(wall: datetime | None, fold: int, zone: tzinfo = zone) -> datetime | None:
        if wall is None or wall.tzinfo:
            return wall and wall.astimezone(UTC)
        return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)

    ended, began = at(walls.ended, end), at(walls.began, start)
    # A start that is later than its own end, by the same clock, is none.
    if began and ended and not timedelta() <= ended - began <= LONGEST_RUN:
        began = None
    named, until = (
        (at(wall, start, stamp.zone or zone) for wall in (stamp.wall, stamp.until)) if stamp else (None, None)
    )
    return ZoneReading(zone=zone, began=began, named=named, named_until=until, ended=ended)


def _can_be(reading: ZoneReading, modified_at: datetime) -> bool:
    """Tell whether all that is said can be true in this zone: it began, it ended, it was stored."""
    ended = reading.ended or modified_at
    if ended > modified_at + DISAGREEMENT or (reading.began and reading.began > ended + DISAGREEMENT):
        return False
    if reading.named is None or reading.named_until is None:
        return True
    if reading.named > ended + DISAGREEMENT:
        return False
    # Where its end is not known, the store's record may be that of a copy, as late as you like.
    return reading.ended is None or reading.ended - reading.named_until <= LONGEST_RUN


def _otherwise(
    walls: WallTimes,
    stamp: Stamp | None,
    modified_at: datetime,
    finished_by: datetime,
    seen_at: datetime,
    zones: Sequence[tzinfo],
) -> tuple[dict[tzinfo, list[ZoneReading]], str]:
    """Return what times can mean that are not true in one zone, as two kinds of jobs write them, and which it is.

    A dump client in a container writes its comment in UTC, and the host that calls it names the file by its own clock:
    the store's time has to bear the comment out to the minute. Or the file got its name when the dump was done. Neither
    makes the data look newer than its comment says.
    """
    if stamp is None or walls.ended is None or walls.began is not None:
        return {}, ""
    ended = walls.ended.astimezone(UTC) if walls.ended.tzinfo else walls.ended.replace(tzinfo=UTC)
    if stamp.zone is None and abs(modified_at - ended) <= DISAGREEMENT:
        found = [replace(_reading(WallTimes(), stamp, one, 0, 0), zone=UTC, ended=ended) for one in zones]
        if by_two_clocks := [one for one in found if _can_be(one, finished_by)]:
            only = by_two_clocks[0] if len(zones) == 1 else _without_name(by_two_clocks[0])
            return {UTC: [only]}, "it was written at the minute that the comment says in UTC, which was taken"
    named_later = {}
    for one in zones:
        reading = _reading(walls, stamp, one, 0, 0)
        if (
            reading.named is not None
            and reading.ended is not None
            and timedelta() < reading.named - reading.ended <= _LONGEST_UNNAMED
            and reading.ended <= finished_by + DISAGREEMENT
            and reading.named <= seen_at + DISAGREEMENT
        ):
            named_later[one] = [_without_name(reading)]
    return named_later, "it was taken to be named when it was done" if named_later else ""


def _without_name(reading: ZoneReading) -> ZoneReading:
    return replace(reading, named=None, named_until=None)


def _said(walls: WallTimes, stamp: Stamp | None, name: str) -> list[str]:
    """Return who says what of the time."""
    parts = [f"{walls.said_by} says {_spoken(walls.ended)}"] if walls.ended else []
    if walls.began and not walls.ended:
        parts = [f"the dump's header says that it began at {_spoken(walls.began)}"]
    if stamp:
        time = f"{stamp.wall: %H:%M:%S}" if stamp.has_time else ""
        if stamp.until - stamp.wall > _DAY:
            time = f" to {stamp.until:%Y-%m-%d}, as it can be read"
        parts.append(f"the name {name} says {stamp.wall:%Y-%m-%d}{time}{f' {stamp.zone}' if stamp.zone else ''}")
    return parts


def _spoken(wall: datetime) -> str:
    return utc(wall) if wall.tzinfo else f"{wall:%Y-%m-%d %H:%M:%S}"


def _contradiction(walls: WallTimes, stamp: Stamp | None, name: str, modified_at: datetime, zone: tzinfo | None) -> str:
    parts = [*_said(walls, stamp, name), f"the store says that it was last written at {utc(modified_at)}"]
    where = f"in {zone} these are not" if zone else "in no time zone on earth these are"
    return f"{', '.join(parts)}: {where} true of one backup"


def _zone_name(zone: tzinfo, at: datetime) -> str:
    offset = at.astimezone(zone).utcoffset() or timedelta()
    if not offset:
        return "UTC"
    minutes = round(abs(offset).total_seconds() / 60)
    return f"UTC{'+' if offset > timedelta() else '-'}{minutes // 60}" + (f":{minutes % 60:02}" if minutes % 60 else "")
