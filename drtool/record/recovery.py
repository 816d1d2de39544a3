"""Recovery time and recovery point, objective and actual, and what they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from drtool.record.verdicts import Verdict


@dataclass(frozen=True, kw_only=True)
class Rto:
    """Recovery time: objective and actual.

    `actual_seconds` is `measured_seconds` plus `allowance_seconds`; None when nothing was recovered.
    `verdict` is None when there is no objective, or when the profile's RTO is measured but not judged.
    """

    objective_seconds: float | None
    actual_seconds: float | None
    measured_seconds: float | None
    allowance_seconds: float
    includes_checks: bool
    verdict: Verdict | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One indication of a recovery point.

    `rank` follows the order of trust: 1 a witness in the restored data, 2 the log position replayed to,
    3 the backup's own record, 4 the store's record. What it indicates lies between `recovery_point` and `latest`;
    the earlier one counts, so that a loss is never made out smaller than it may be. `latest` is None where the
    indication is exact. With `bound_only` nothing more is known than that it is not later than `latest`.
    """

    resource: str
    rank: int
    source: str
    recovery_point: datetime
    detail: str
    latest: datetime | None = None
    used: bool = False
    bound_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Rpo:
    """Recovery point: objective and actual; the oldest recovery point of all that was restored decides.

    Attributes:
        actual_seconds: from the recovery point to the disaster; None where there is no evidence of it.
        recovery_point: everything committed before it is in the restored data.
        evidence: all that was found, also what was not used.
    """

    objective_seconds: float | None
    actual_seconds: float | None
    recovery_point: datetime | None
    verdict: Verdict | None
    reason: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Projection:
    """What the RTA would be at production's size, where the drill restored a sample: reckoned, not measured.

    `actual_seconds` holds the allowance too; `assumption` says how it was reckoned.
    """

    production_bytes: dict[str, int]
    actual_seconds: float
    assumption: str
