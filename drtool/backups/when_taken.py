"""When a backup's content was fixed: its name, its closing comment and the store's record, reconciled.

Nothing here proves an instant; each source bounds it. A dump made with `--single-transaction` holds what was
committed when it *started*; a tar holds nothing that came after it began to read. So the recovery point is the
start, and where only the end is known, the end less the longest that the backup can have taken: the recovery point
may then be older than it need be, never newer than it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import partial

from drtool.backups.naming import name_of, stamp_in
from drtool.times import utc

OWN_RECORD_RANK = 3
STORE_RANK = 4
DISAGREEMENT = timedelta(minutes=1)
"""How far sources may lie apart before the report must speak of it."""

_LONGEST_RUN = timedelta(hours=24)
_PROMPT = timedelta(hours=1)
_WHOLE_HOURS = [timezone(timedelta(hours=hours)) for hours in range(-12, 15)]


@dataclass(frozen=True, kw_only=True)
class Indication:
    """One source's word on the recovery point: it lies between `recovery_point` and `latest`, both UTC."""

    rank: int
    source: str
    recovery_point: datetime
    latest: datetime
    detail: str


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What is known of when a backup was taken.

    Attributes:
        indications: the strongest first.
        assumptions: what had to be taken for granted, a sentence each.
        disagreements: sources that contradict each other by more than a minute, a sentence each.
        end_at_odds: whether the closing comment cannot be true beside the store's record, so that neither is trusted.
    """

    indications: tuple[Indication, ...]
    assumptions: tuple[str, ...] = ()
    disagreements: tuple[str, ...] = ()
    end_at_odds: bool = False


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A wall-clock time, placed on the time line by a zone that was named or worked out."""

    at: datetime
    zone: tzinfo


def when_taken(
    *,
    location: str,
    modified_at: datetime,
    completed_wall: datetime | None,
    zone: tzinfo | None,
    host_zone: tzinfo,
    longest: timedelta,
    started_wall: datetime | None = None,
) -> Taken:
    """Reconcile what is known of when a backup was taken.

    Args:
        location: where it lies; backup jobs write the time of their start into the name.
        modified_at: the store's record, UTC: when the finished backup was last written or uploaded.
        completed_wall: the time in a dump's closing comment, the dump client's local time without a zone.
        zone: the zone that times without one are in, where the scenario names it.
        host_zone: the zone of the host that drtool runs on.
        longest: how long the backup can have taken at the most, where its start is not known.
        started_wall: the time at which the tool says it began, in the same zone as `completed_wall`.
    """
    assumptions: list[str] = []
    disagreements: list[str] = []
    end, end_at_odds = placed_end(
        completed_wall, modified_at, zone, host_zone, assumptions, disagreements, said_by="the dump's closing comment"
    )
    latest = min(end.at, modified_at) if end else modified_at
    start = placed_start(location, latest, zone or (end.zone if end else None), host_zone, assumptions, disagreements)

    own = partial(Indication, rank=OWN_RECORD_RANK, latest=latest)
    indications = []
    began = _began(started_wall, latest, end)
    if began:
        ran = f"it ran from {utc(began)} to {utc(latest)}"
        indications.append(own(source="start of the dump, by its own record", recovery_point=began, detail=ran))
    if start:
        named, ran = min(start.at, latest), f"it ran from {utc(start.at)} to {utc(latest)}"
        indications.append(own(source="start of the backup, by its name", recovery_point=named, detail=ran))
    if begun := began or (min(start.at, latest) if start else None):
        longest, bound = latest - begun, "less the time that it ran"
    else:
        bound = f"its start is not known; it is taken to have run for {longest.total_seconds():.0f} s at the most"
    if end:
        said, ran = latest - longest, f"it was completed at {utc(end.at)}; {bound}"
        indications.append(own(source="closing comment of the dump", recovery_point=said, detail=ran))
    indications.append(
        Indication(
            rank=STORE_RANK,
            source="store's modification time",
            recovery_point=modified_at - longest,
            latest=modified_at,
            detail=f"it was last written at {utc(modified_at)}; {bound}",
        )
    )
    return Taken(
        indications=tuple(indications),
        assumptions=tuple(assumptions),
        disagreements=tuple(disagreements),
        end_at_odds=end_at_odds,
    )


def placed_end(
    wall: datetime | None,
    modified_at: datetime,
    zone: tzinfo | None,
    host_zone: tzinfo,
    assumptions: list[str],
    disagreements: list[str],
    *,
    said_by: str,
) -> tuple[Placed | None, bool]:
    """Place the time at which a backup says it was completed on the time line, against the store's record.

    What had to be assumed, and what contradicts what, is added to the two lists.

    Returns:
        The end, or None where it cannot be told; and whether it contradicts the store beyond repair.
    """
    if wall is None:
        return None, False
    said = f"{said_by} says {wall:%Y-%m-%d %H:%M:%S} without a zone, the store {utc(modified_at)}"
    if zone is not None:
        placed = Placed(at=wall.replace(tzinfo=zone).astimezone(UTC), zone=zone)
        if placed.at > modified_at + DISAGREEMENT:
            disagreements.append(f"{said}: in {zone} it would have been completed after it was last written")
            return None, True
        return placed, False
    # A finished dump is uploaded soon, so of the zones in which it was completed before that, the nearest is meant.
    nearest = min(
        _placements(wall, [*_WHOLE_HOURS, host_zone], modified_at + DISAGREEMENT),
        key=lambda candidate: modified_at - candidate.at,
        default=None,
    )
    if nearest is None:
        disagreements.append(f"{said}: no time zone makes the two agree")
        return None, True
    apart = modified_at - nearest.at
    if apart > _PROMPT:
        disagreements.append(f"{said}: it was stored long after it was completed, so its zone cannot be told")
        return None, False
    name = _zone_name(nearest, wall)
    assumptions.append(f"{said}; it was taken as {name}, which puts the two {abs(apart.total_seconds()):.0f} s apart")
    if name != "UTC":
        disagreements.append(f"{said}: read as UTC they contradict each other, as {name} they agree")
    return nearest, False


def _began(wall: datetime | None, latest: datetime, end: Placed | None) -> datetime | None:
    """Place the time at which the tool says it began; its end, from the same clock, tells in which zone."""
    if wall is None or end is None:
        return None
    at = wall.replace(tzinfo=end.zone).astimezone(UTC)
    return at if timedelta() <= latest - at <= _LONGEST_RUN else None


def placed_start(
    location: str,
    latest: datetime,
    zone: tzinfo | None,
    host_zone: tzinfo,
    assumptions: list[str],
    disagreements: list[str],
) -> Placed | None:
    """Place the time in the name, or return None where there is none that can be the start."""
    stamp = stamp_in(location)
    name = name_of(location)
    if stamp is None:
        return None
    if not stamp.has_time:
        # a date alone is no start, but one of another day than the content is worth a word
        if abs(stamp.wall.replace(tzinfo=UTC, hour=12) - latest) > timedelta(hours=40):
            disagreements.append(f"the name {name} says another day than {utc(latest)}, when it was completed")
        return None
    limit = latest + DISAGREEMENT
    # The strongest first; a zone in which the start would lie after the end was not meant.
    zones: Iterable[tzinfo] = [UTC] if stamp.is_utc else [zone] if zone else [host_zone, UTC]
    placed = next(iter(_placements(stamp.wall, zones, limit)), None)
    if placed is None and not stamp.is_utc and zone is None:
        placed = min(_placements(stamp.wall, _WHOLE_HOURS, limit), key=lambda one: latest - one.at, default=None)
    if placed is None or latest - placed.at > _LONGEST_RUN:
        disagreements.append(
            f"the name {name} says {stamp.wall:%Y-%m-%d %H:%M:%S}, which cannot be the start of a backup that was "
            f"completed at {utc(latest)}"
        )
        return None
    meant = "" if stamp.is_utc else f" in {_zone_name(placed, stamp.wall)}"
    assumptions.append(f"the time in the name {name} was taken as the start of the backup{meant}")
    return placed


def _placements(wall: datetime, zones: Iterable[tzinfo], limit: datetime) -> Iterable[Placed]:
    """Yield the wall-clock time in each zone in which it lies no later than `limit`."""
    for zone in zones:
        at = wall.replace(tzinfo=zone).astimezone(UTC)
        if at <= limit:
            yield Placed(at=at, zone=zone)


def _zone_name(placed: Placed, wall: datetime) -> str:
    offset = wall.replace(tzinfo=placed.zone).utcoffset() or timedelta()
    if not offset:
        return "UTC"
    minutes = round(abs(offset).total_seconds() / 60)
    return f"UTC{'+' if offset > timedelta() else '-'}{minutes // 60}" + (f":{minutes % 60:02}" if minutes % 60 else "")
