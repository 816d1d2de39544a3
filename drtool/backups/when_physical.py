"""When the content of a physical backup was fixed: its end, by its info file, placed on the time line.

A physical backup holds what was committed when its tool stopped copying the log, for which it holds commits back. Then
it lets them go, writes a few small files, and last the info file with the time. So the recovery point lies shortly
before the end that the info file says, in the backup host's local time without a zone.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from drtool.backups.physical import Physical
from drtool.backups.when_taken import (
    OWN_RECORD_RANK,
    STORE_RANK,
    Indication,
    Taken,
    placed_end,
    placed_start,
    when_taken,
)
from drtool.times import utc

TAIL = timedelta(seconds=10)
"""How long the tool is taken to go on after it has let commits go; it writes some kilobytes in that time."""
_SECOND = timedelta(seconds=1)
_LONGEST_UNKNOWN = timedelta(hours=24)


def when_physical_taken(
    physical: Physical, *, location: str, modified_at: datetime, zone: tzinfo | None, host_zone: tzinfo
) -> Taken:
    """Reconcile what a physical backup says of its end with the store's record and its name.

    Args:
        physical: as it describes itself; the last increment's where there are increments.
        location: where it lies.
        modified_at: the store's record, UTC.
        zone: the zone that times without one are in, where the scenario names it.
        host_zone: the zone of the host that drtool runs on.
    """
    assumptions: list[str] = []
    disagreements: list[str] = []
    end, at_odds = placed_end(
        physical.ended_wall, modified_at, zone, host_zone, assumptions, disagreements, said_by="the backup's info file"
    )
    if end is None:
        by_name = when_taken(
            location=location,
            modified_at=modified_at,
            completed_wall=None,
            zone=zone,
            host_zone=host_zone,
            longest=_ran_for(physical) or _LONGEST_UNKNOWN,
        )
        return Taken(
            indications=by_name.indications,
            assumptions=(*assumptions, *by_name.assumptions),
            disagreements=(*disagreements, *by_name.disagreements),
            end_at_odds=at_odds,
        )
    # Only to see whether the name can be true: what it says of the start, the info file says better.
    placed_start(location, min(end.at, modified_at), end.zone, host_zone, [], disagreements)
    ran_for = _ran_for(physical)
    earliest = end.at - (TAIL if ran_for is None else min(TAIL, ran_for))
    latest = max(earliest, min(end.at + _SECOND, modified_at))
    return Taken(
        indications=(
            Indication(
                rank=OWN_RECORD_RANK,
                source="end of the physical backup, by its info file",
                recovery_point=earliest,
                latest=latest,
                detail=f"it ended at {utc(end.at)}; what was committed while it wrote its last files is not in it",
            ),
            Indication(
                rank=STORE_RANK,
                source="store's modification time",
                recovery_point=min(earliest, modified_at),
                latest=modified_at,
                detail=f"it was last written at {utc(modified_at)}",
            ),
        ),
        assumptions=tuple(assumptions),
        disagreements=tuple(disagreements),
        end_at_odds=at_odds,
    )


def _ran_for(physical: Physical) -> timedelta | None:
    if physical.started_wall is None or physical.ended_wall is None or physical.ended_wall < physical.started_wall:
        return None
    return physical.ended_wall - physical.started_wall
