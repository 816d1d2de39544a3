"""The worst moment of a store's history, as a record holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from drtool.record.verdicts import Verdict


class TimeBasis(StrEnum):
    """Where the times of a recovery point in a store's history come from."""

    STORE = "store"
    NAME_AND_STORE = "name and store"
    NAME = "name"


@dataclass(frozen=True, kw_only=True)
class RecoveryPoint:
    """A usable backup in a store's history.

    `recovery_point` is when it began, as far as that is known, and `restorable_at` when it was finished and uploaded.
    `rpa_seconds` is what a disaster just before `restorable_at` would have lost; None for the first of a history, and
    for one that was no newer than what could be restored already. `objects` counts its parts and copies. `doubt`
    says why it may not restore.
    """

    location: str
    objects: int
    size_bytes: int
    recovery_point: datetime
    restorable_at: datetime
    basis: TimeBasis
    rpa_seconds: float | None
    doubt: str | None = None


@dataclass(frozen=True, kw_only=True)
class UnusableBackup:
    """Something in the store that is no recovery point, and why."""

    location: str
    size_bytes: int
    modified_at: datetime
    why: str


@dataclass(frozen=True, kw_only=True)
class MissingRuns:
    """Backups that the rhythm of the others makes one expect between two recovery points, or up to now if `overdue`."""

    after: datetime
    before: datetime
    count: int
    overdue: bool


@dataclass(frozen=True, kw_only=True)
class ExposureBar:
    """The largest RPA within a stretch of time; None before the first recovery point was restorable."""

    start: datetime
    end: datetime
    rpa_seconds: float | None


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """How much a disaster would have lost at the worst moment of a period, from a store's history.

    `series` names the backups where a pattern matches several kinds. The period runs from `since` (None where nothing
    is known of it) to `until`. `objects` counts what matched, checksums and the like aside, `point_count` the recovery
    points that the period rests on, `gap_count` its gaps, the open one included, and `over_count` those beyond the
    objective. Lists are bounded: `points` at 400, of which the worst is always one, `unusable`, `doubtful` and
    `missing` at 50, newest kept; the counts beside them are of all. `worst_rpa_seconds` takes the doubtful for usable,
    `worst_without_doubtful_seconds` does not. `bars` are the period in at most 60 stretches of equal length.
    Verdicts are None without an objective; `verdict` is of the whole period, now included.
    """

    pattern: str
    series: str | None
    since: datetime | None
    until: datetime
    objects: int
    point_count: int
    gap_count: int
    over_count: int
    current_rpa_seconds: float | None
    current_recovery_point: datetime | None
    worst_rpa_seconds: float | None
    worst_at: datetime | None
    worst_recovery_point: datetime | None
    worst_without_doubtful_seconds: float | None
    objective_seconds: float | None
    verdict_now: Verdict | None
    verdict: Verdict | None
    reason: str
    store_times_trusted: bool
    usual_lag_seconds: float | None
    rhythm_seconds: float | None
    rhythm: str
    thinned_before: datetime | None
    missing_count: int
    missing: tuple[MissingRuns, ...]
    unusable_count: int
    unusable: tuple[UnusableBackup, ...]
    doubtful_count: int
    doubtful: tuple[RecoveryPoint, ...]
    points: tuple[RecoveryPoint, ...]
    bars: tuple[ExposureBar, ...]
    warnings: tuple[str, ...]
    assumptions: tuple[str, ...]
