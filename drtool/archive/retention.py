"""For how long what is archived must stay, and who could end that: Object Lock, as it was asked for and as it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from drtool.errors import WrongUse
from drtool.record.model import Archiving

TOLERANCE = timedelta(seconds=10)
"""How far a retention may fall short: clocks differ a little, and a bucket's own retention has whole seconds."""


class Mode(StrEnum):
    """Who can end a retention before its time: nobody at all, or those with a special permission."""

    COMPLIANCE = "COMPLIANCE"
    GOVERNANCE = "GOVERNANCE"


@dataclass(frozen=True, kw_only=True)
class BucketLock:
    """Object Lock of a bucket, with the retention that it gives objects by itself.

    Attributes:
        seen: false where it may not be looked at.
    """

    seen: bool
    mode: Mode | None = None
    period: timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How objects are to be kept.

    Attributes:
        mode: None where the bucket's own applies and may not be seen.
        period: None where the bucket's own applies and may not be seen.
        by_bucket: whether the bucket's own applies, so that none is sent along.
    """

    mode: Mode | None
    period: timedelta | None
    by_bucket: bool

    def until(self, now: datetime) -> datetime:
        """Return the end of an explicit retention, in whole seconds and never too early, as S3 cuts fractions off."""
        assert self.period is not None  # noqa: S101 (for the type checker)
        return now.astimezone(UTC).replace(microsecond=0) + self.period + timedelta(seconds=1)

    def falls_short(self, mode: str | None, until: datetime, stored_at: datetime) -> bool:
        """Tell whether an object's retention is less than this, be it by its end or by its mode."""
        weaker = self.mode is Mode.COMPLIANCE and mode != Mode.COMPLIANCE
        return weaker or (self.period is not None and until < stored_at + self.period - TOLERANCE)

    def recorded(self, location: str) -> Archiving:
        """Return it as it goes into the signed record."""
        return Archiving(
            location=location,
            mode=str(self.mode) if self.mode else None,
            retention_seconds=self.period.total_seconds() if self.period else None,
        )


def asked(record: Archiving) -> Retention:
    """Return the retention that a signed record says was asked for."""
    seconds = record.retention_seconds
    try:
        period = timedelta(seconds=seconds) if seconds is not None else None
    except (OverflowError, ValueError):
        period = None
    return Retention(mode=Mode(record.mode) if record.mode in set(Mode) else None, period=period, by_bucket=True)


def settle(lock: BucketLock, *, mode: Mode | None, period: timedelta | None) -> Retention:
    """Return how objects are to be kept, by what was asked for and by what the bucket does by itself.

    Without anything asked for the bucket's own retention applies. Nothing is guessed: what is kept in mode COMPLIANCE
    nobody can remove, and what is kept in no mode everybody can, so one of them has to be somebody's decision.

    Raises:
        WrongUse: neither says how, or for how long.
    """
    if mode is None and period is None:
        if lock.seen and lock.period is None:
            raise WrongUse(
                "archive-no-retention",
                "The archive's bucket keeps objects for no time of its own, and none was asked for",
                mend="Say for how long and how: --archive-retention 2557d (seven years) --archive-mode compliance; "
                "or give the bucket a default retention",
            )
        return Retention(mode=lock.mode, period=lock.period, by_bucket=True)
    if (chosen := mode or lock.mode) is None:
        raise WrongUse(
            "archive-no-mode",
            "--archive-retention says for how long, but not how" if lock.seen else "The bucket's mode cannot be seen",
        )
    if (length := period or lock.period) is None:
        what = "--archive-mode says how, but not for how long"
        raise WrongUse("archive-no-retention", what, mend="Add --archive-retention, such as 2557d (seven years)")
    return Retention(mode=chosen, period=length, by_bucket=False)
