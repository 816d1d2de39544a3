"""When a backup's content was fixed: its name, its closing comment and the store's record, reconciled.

Nothing here proves an instant; each source is a span that holds the truth. A dump made with `--single-transaction`
holds what was committed when it *started*; a tar holds nothing that came after it began to read. So the recovery point
is the start, and where only the end is known, the end less the longest that the backup can have taken: the recovery
point may then be older than it need be, never newer than it is. The store's time says no more than that the backup was
finished by then: whoever copies a file makes it young.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo

from drtool.backups.clock_readings import LONGEST_RUN, Readings, WallTimes, ZoneReading, read_clock
from drtool.backups.name_times import told_among
from drtool.stores.interface import NO_BACKUP_BEFORE, StoredObject
from drtool.times import utc

OWN_RECORD_RANK = 3
STORE_RANK = 4

_ZONE_IS_NAMED = (
    "A zone is named: if it is the backup host's, see by which clocks the name, the dump and the store tell the time "
    "(in a container it is UTC); a name in UTC that ends in Z needs no zone"
)


@dataclass(frozen=True, kw_only=True)
class Indication:
    """One source's word on the recovery point: it lies between `recovery_point` and `latest`, both UTC.

    With `bound_only` it says no more than that the recovery point is not later than `latest`.
    """

    rank: int
    source: str
    recovery_point: datetime
    latest: datetime
    detail: str
    bound_only: bool = False


@dataclass(frozen=True, kw_only=True)
class StoreRecord:
    """The store's record of a backup.

    Attributes:
        location: where it lies; backup jobs write the time of their start into the name.
        modified_at: when the finished backup was last written or uploaded, UTC.
        is_own: whether that is when the backup job itself was done, as far as can be told, and not a copy of its file.
        is_start: whether that is when its upload began.
        is_copy: whether what lies beside it shows that it is the time of a copy.
        beside: what lies beside it: other backups tell how its name is to be read, and whether it was copied.
        seen_at: when it was seen in the store, UTC: nothing else bounds its age where the store's time was lost.
    """

    location: str
    modified_at: datetime
    is_own: bool = False
    is_start: bool = False
    is_copy: bool = False
    beside: tuple[StoredObject, ...] = ()
    seen_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def is_lost(self) -> bool:
        """Whether the store's time is one that no backup has."""
        return self.modified_at < NO_BACKUP_BEFORE

    def read(
        self, walls: WallTimes, *, zone: tzinfo | None, host_zone: tzinfo, longest: timedelta
    ) -> tuple[StoreRecord, Readings]:
        """Return the times of a backup as they can be read, and this record as its neighbours make it out.

        The arguments are those of `when_taken`. An upload that began then has taken no longer than the backup.
        """
        stamp, is_copy = told_among(self.location, self.modified_at, self.beside, zone=zone, host_zone=host_zone)
        is_copy = is_copy or self.is_lost
        record = replace(self, is_own=self.is_own and not is_copy, is_copy=is_copy)
        readings = read_clock(
            walls,
            stamp,
            location=self.location,
            modified_at=self.modified_at,
            finished_by=record.finished_by(longest),
            seen_at=self.seen_at,
            zone=zone,
            host_zone=host_zone,
        )
        return record, readings

    def finished_by(self, longest: timedelta) -> datetime:
        """Return when the backup was finished, UTC, where it cannot have taken longer than that."""
        if self.is_lost:
            return self.seen_at
        return self.modified_at + (longest if self.is_start else timedelta())


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What is known of when a backup was taken.

    Attributes:
        indications: the strongest first.
        assumptions: what had to be taken for granted, a sentence each.
        disagreements: sources that contradict each other by more than a minute, a sentence each.
        at_odds: whether no reading of them makes them agree, so that none is trusted.
        mend: what to do where they contradict each other; empty for what is done about it in general.
    """

    indications: tuple[Indication, ...]
    assumptions: tuple[str, ...] = ()
    disagreements: tuple[str, ...] = ()
    at_odds: bool = False
    mend: str = ""


def when_taken(
    stored: StoreRecord, walls: WallTimes, *, zone: tzinfo | None, host_zone: tzinfo, longest: timedelta
) -> Taken:
    """Reconcile what is known of when a backup was taken.

    Args:
        stored: the store's record.
        walls: what the backup itself says, such as the time in a dump's closing comment.
        zone: the zone that times without one are in, where the scenario names it.
        host_zone: the zone of the host that drtool runs on.
        longest: how long the backup can have taken at the most, where its start is not known.
    """
    record, readings = stored.read(walls, zone=zone, host_zone=host_zone, longest=longest)
    own = _own(readings.possible, walls, record, longest)
    return taken_of(readings, record, own, longest)


def taken_of(readings: Readings, stored: StoreRecord, own: Iterable[Indication], longest: timedelta) -> Taken:
    """Return what is known of when a backup was taken: its own indications, then the store's.

    Args:
        readings: of its times.
        stored: the store's record.
        own: what the backup and its name say.
        longest: how long before the store's record the content can have been fixed, where that is the job's own.
    """
    at_odds = not readings.possible
    finished_by = stored.finished_by(longest)
    contradicted = readings.said_until is not None and readings.said_until > finished_by
    written = f"{'its upload began' if stored.is_start else 'it was last written'} at {utc(stored.modified_at)}"
    assumptions = readings.assumptions
    if stored.is_lost:
        lost = f"the store's time is {utc(stored.modified_at)}, which no backup of MariaDB can have: it says nothing"
        assumptions = (*assumptions, lost)
        written = f"its time was lost ({utc(stored.modified_at)}), and it was there at {utc(stored.seen_at)}"
    elif contradicted:
        written += ", which is contradicted: the latest that is said of it counts"
    store = Indication(
        rank=STORE_RANK,
        source="store's modification time",
        recovery_point=stored.modified_at - longest,
        latest=max(finished_by, readings.said_until or finished_by),
        detail=written
        + ("" if stored.is_own or stored.is_lost else ", by the backup's own job or by whoever copied it"),
        bound_only=at_odds or not stored.is_own,
    )
    return Taken(
        indications=(*own, store),
        assumptions=assumptions,
        disagreements=readings.disagreements,
        at_odds=at_odds,
        mend=_ZONE_IS_NAMED if readings.zone_is_named else "",
    )


def _own(
    possible: Sequence[ZoneReading], walls: WallTimes, stored: StoreRecord, longest: timedelta
) -> Iterator[Indication]:
    """Yield what the backup's own record and its name say, over all readings of them."""
    if not possible:
        return
    finished_by = stored.finished_by(longest)
    # What began at the time in its name or header cannot have run until it was copied.
    longest_named = longest if stored.is_copy else LONGEST_RUN

    def latest(reading: ZoneReading) -> datetime:
        begun = reading.began + longest_named if reading.began else finished_by
        return min(reading.ended or begun, finished_by)

    def span(source: str, spans: Iterable[tuple[datetime, datetime]], detail: str) -> Indication:
        starts, ends = zip(*spans, strict=True)
        at, last = min(*starts, max(ends)), max(ends)
        return Indication(rank=OWN_RECORD_RANK, source=source, recovery_point=at, latest=last, detail=detail)

    def times(of: Iterable[datetime]) -> str:
        found = sorted(set(of))
        return utc(found[0]) if len(found) == 1 else f"between {utc(found[0])} and {utc(found[-1])}"

    ends = times(map(latest, possible))
    began = [one.began for one in possible if one.began]
    if len(began) == len(possible):
        spans = [(start, latest(one)) for start, one in zip(began, possible, strict=True)]
        yield span("start of the dump, by its own record", spans, f"it began at {times(began)} and was done by {ends}")
    named = [(one.named, one.named_until, latest(one)) for one in possible if one.named and one.named_until]
    if named:
        by_day = any(start != until for start, until, _ in named)
        lasted = timedelta() if by_day else longest_named
        spans = [(start, min(until + lasted, end)) for start, until, end in named]
        source = "day of the backup, by its name" if by_day else "start of the backup, by its name"
        started = times([start for start, _, _ in named])
        what = f"the day that it names began at {started}" if by_day else f"it began at {started}"
        if not (by_day and walls.ended):
            yield span(source, spans, f"{what} and it was done by {ends}")
    if walls.ended and walls.all_ended and walls.all_ended > walls.ended:
        more = walls.all_ended - walls.ended
        lasts = [min(one.ended + more, finished_by) for one in possible if one.ended]
        yield Indication(
            rank=OWN_RECORD_RANK,
            source="closing comment of the last dump",
            recovery_point=min(lasts),
            latest=max(lasts),
            detail=f"there are several, and the last was completed at {times(lasts)}: the first counts",
            bound_only=True,
        )
    if walls.ended:
        bound = f"it is taken to have run for {longest.total_seconds():.0f} s at the most"
        starts = [one.began or (None if one.named != one.named_until else one.named) for one in possible]
        spans = [
            (start if start and start <= latest(one) else latest(one) - longest, latest(one))
            for start, one in zip(starts, possible, strict=True)
        ]
        if all(starts):
            bound = "it began as said above"
        yield span("closing comment of the dump", spans, f"it was completed at {ends}; {bound}")
