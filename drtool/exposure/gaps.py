"""The gaps between recovery points: pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from drtool.record.exposure import ExposureBar

_MOST_BARS = 60
_HOUR, _DAY = 3_600, 86_400
_BAR_SECONDS = (
    60, 300, 900, _HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR,
    _DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY, 28 * _DAY, 91 * _DAY, 364 * _DAY, 3_640 * _DAY,
)  # fmt: skip
_MONDAY = datetime(2001, 1, 1, tzinfo=UTC)


class Restorable(Protocol):
    """What a gap lies between."""

    @property
    def recovery_point(self) -> datetime:
        """From when the data is, UTC."""

    @property
    def restorable_at(self) -> datetime:
        """From when on it could be restored, UTC."""


@dataclass(frozen=True, kw_only=True)
class Gap:
    """The time during which one recovery point was the newest that could be restored.

    The RPA is smallest at `begins`, when that backup became restorable, and grows until `ends`: until a newer one
    did, or to the end of the period where none did (`open`). `closed_by` is the backup that ended it.
    """

    recovery_point: datetime
    begins: datetime
    ends: datetime
    closed_by: Restorable | None

    @property
    def open(self) -> bool:
        """Whether it goes on."""
        return self.closed_by is None

    @property
    def rpa_seconds(self) -> float:
        """The RPA of a disaster just before the gap ended: the largest within it."""
        return (self.ends - self.recovery_point).total_seconds()

    def within(self, start: datetime, end: datetime) -> float | None:
        """Return the largest RPA of the gap within a stretch of time, None where it lies outside."""
        if self.ends <= start or self.begins >= end:
            return None
        return (min(self.ends, end) - self.recovery_point).total_seconds()


def gaps(points: Iterable[Restorable], *, since: datetime | None, until: datetime) -> list[Gap]:
    """Return the gaps that end within a period, in order; the last is open.

    At any time a recovery would take the newest recovery point that is restorable by then. So a backup that took so
    long that a newer one was there first ends no gap. A gap that reaches into the period counts in full, from the
    last recovery point before the period.
    """
    found = []
    newest: Restorable | None = None
    for point in sorted(points, key=lambda one: (one.restorable_at, one.recovery_point)):
        if point.restorable_at > until:
            break
        if newest is not None and point.recovery_point <= newest.recovery_point:
            continue
        if newest is not None and (since is None or point.restorable_at >= since):
            found.append(_gap(newest, point.restorable_at, point))
        newest = point
    if newest is not None:
        found.append(_gap(newest, until, None))
    return found


def _gap(point: Restorable, ends: datetime, closed_by: Restorable | None) -> Gap:
    return Gap(recovery_point=point.recovery_point, begins=point.restorable_at, ends=ends, closed_by=closed_by)


def worst(found: Sequence[Gap]) -> Gap | None:
    """Return the gap with the largest RPA, the latest of several alike."""
    return max(found, key=lambda gap: (gap.rpa_seconds, gap.ends), default=None)


def bars(found: Sequence[Gap], *, since: datetime, until: datetime) -> tuple[ExposureBar, ...]:
    """Return the largest RPA within each of at most 60 stretches of equal length: minutes, hours, days, weeks (UTC)."""
    span = (until - since).total_seconds()
    length = timedelta(seconds=next((one for one in _BAR_SECONDS if span / one <= _MOST_BARS - 1), _BAR_SECONDS[-1]))
    start = since - (since - _MONDAY) % length
    made: list[ExposureBar] = []
    first = 0
    while start < until:
        end = start + length
        while first < len(found) and found[first].ends <= start:
            first += 1
        largest: float | None = None
        for gap in found[first:]:
            if gap.begins >= end:
                break
            if (rpa := gap.within(max(start, since), min(end, until))) is not None:
                largest = max(largest or 0.0, rpa)
        made.append(ExposureBar(start=max(start, since), end=min(end, until), rpa_seconds=largest))
        start = end
    return tuple(made) or (ExposureBar(start=since, end=until, rpa_seconds=None),)
