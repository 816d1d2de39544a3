"""When the content of a physical backup was fixed: its end, by its info file, placed on the time line.

A physical backup holds what was committed when its tool stopped copying the log, for which it holds commits back. Then
it lets them go, writes a few small files, and last the info file with the time. So the recovery point lies shortly
before the end that the info file says, in the backup host's local time without a zone.
"""

from __future__ import annotations

from datetime import timedelta, tzinfo

from drtool.backups.clock_readings import WallTimes
from drtool.backups.physical import Physical
from drtool.backups.when_taken import OWN_RECORD_RANK, Indication, StoreRecord, Taken, taken_of, when_taken
from drtool.times import utc

TAIL = timedelta(seconds=10)
"""How long the tool is taken to go on after it has let commits go; it writes some kilobytes in that time."""
_SECOND = timedelta(seconds=1)
_LONGEST_UNKNOWN = timedelta(hours=24)


def when_physical_taken(physical: Physical, stored: StoreRecord, *, zone: tzinfo | None, host_zone: tzinfo) -> Taken:
    """Reconcile what a physical backup says of its end with the store's record and its name.

    Args:
        physical: as it describes itself; the last increment's where there are increments.
        stored: the store's record.
        zone: the zone that times without one are in, where the scenario names it.
        host_zone: the zone of the host that drtool runs on.
    """
    ran_for = _ran_for(physical)
    if physical.ended_wall is None:
        return when_taken(stored, WallTimes(), zone=zone, host_zone=host_zone, longest=ran_for or _LONGEST_UNKNOWN)
    walls = WallTimes(ended=physical.ended_wall, said_by="the backup's info file")
    record, readings = stored.read(walls, zone=zone, host_zone=host_zone, longest=ran_for or _LONGEST_UNKNOWN)
    finished_by = stored.finished_by(ran_for or _LONGEST_UNKNOWN)
    # What its name says of the start, the info file says better.
    ends = [one.ended for one in readings.possible if one.ended]
    tail = TAIL if ran_for is None else min(TAIL, ran_for)
    own = []
    if ends:
        first, last = min(ends), max(ends)
        earliest = first - tail
        ended = utc(first) if first == last else f"between {utc(first)} and {utc(last)}"
        own.append(
            Indication(
                rank=OWN_RECORD_RANK,
                source="end of the physical backup, by its info file",
                recovery_point=earliest,
                latest=max(earliest, min(last + _SECOND, finished_by)),
                detail=f"it ended at {ended}; what was committed while it wrote its last files is not in it",
            )
        )
    return taken_of(readings, record, own, tail)


def _ran_for(physical: Physical) -> timedelta | None:
    if physical.started_wall is None or physical.ended_wall is None or physical.ended_wall < physical.started_wall:
        return None
    return physical.ended_wall - physical.started_wall
