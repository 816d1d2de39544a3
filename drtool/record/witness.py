"""What a time that was seen in the data proves of the recovery point, beside what the backup says: pure arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from drtool.record.recovery import Evidence
from drtool.record.recovery_point import REPLAYED_RANK, WITNESS_RANK, best_record, finished_by

_WESTERNMOST = timedelta(hours=12)
"""How much later a wall time of UTC-12 is than the same time in UTC."""
_EASTERNMOST = timedelta(hours=14)
"""How much earlier a wall time of UTC+14 is than the same time in UTC."""


@dataclass(frozen=True, kw_only=True)
class Proven:
    """The recovery point lies between both, UTC."""

    earliest: datetime
    latest: datetime

    def as_evidence(self, resource: str, source: str, detail: str) -> Evidence:
        """Return it as a piece of evidence."""
        return Evidence(
            resource=resource,
            rank=WITNESS_RANK,
            source=source,
            recovery_point=self.earliest,
            latest=None if self.earliest == self.latest else self.latest,
            detail=detail,
        )


def proven_by(
    evidence: Sequence[Evidence], resource: str, at: datetime, *, placed: bool = True, spread: timedelta = timedelta()
) -> Proven:
    """Return what the newest time in the data of a resource proves of its recovery point.

    It is never later than the backup, however the clocks stand. A wall time of which nobody has named the zone is read
    as UTC, and may be that of any other: it makes the recovery point older than the backup's own record has it where
    that reading does, and never newer; where the backup has none, that of any zone. A row of what was read last proves
    nothing of what was read first.

    Args:
        evidence: all that was found before.
        resource: what the data is.
        at: the newest time, UTC.
        placed: whether its zone is known.
        spread: how much older other tables may be than the one that it is in.
    """
    record = best_record(evidence, resource)
    begun = record.recovery_point if record and not record.bound_only else None
    bounds = [bound] if (bound := finished_by(evidence, resource)) else []
    if record and begun and record.rank > REPLAYED_RANK:  # a log has whole seconds, and a row may have more
        bounds.append(record.latest or record.recovery_point)
    seen = min(at, *bounds) if bounds else at
    if not placed:
        latest = min(at + _WESTERNMOST, *bounds) if bounds else at + _WESTERNMOST
        return Proven(earliest=min(seen, begun) if begun else seen - _EASTERNMOST - spread, latest=latest)
    oldest = seen - spread
    return Proven(earliest=min(seen, max(oldest, begun)) if begun else oldest, latest=seen)
