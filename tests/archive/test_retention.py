"""For how long evidence is kept: nothing is guessed, and less than was asked for is noticed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from drtool.archive.retention import BucketLock, Mode, Retention, settle
from drtool.errors import WrongUse

NOW = datetime(2026, 11, 24, 3, 0, 0, 600_000, tzinfo=UTC)
DAYS_30 = timedelta(days=30)
NOTHING = BucketLock(seen=True)
DEFAULT = BucketLock(seen=True, mode=Mode.GOVERNANCE, period=DAYS_30)
UNSEEN = BucketLock(seen=False)


def test_without_anything_asked_for_the_buckets_own_retention_applies() -> None:
    assert settle(DEFAULT, mode=None, period=None) == Retention(mode=Mode.GOVERNANCE, period=DAYS_30, by_bucket=True)
    assert settle(UNSEEN, mode=None, period=None) == Retention(mode=None, period=None, by_bucket=True)


def test_what_is_asked_for_goes_before_the_buckets_own_and_takes_the_rest_from_it() -> None:
    year = timedelta(days=365)
    assert settle(DEFAULT, mode=None, period=year) == Retention(mode=Mode.GOVERNANCE, period=year, by_bucket=False)
    asked = settle(DEFAULT, mode=Mode.COMPLIANCE, period=None)
    assert asked == Retention(mode=Mode.COMPLIANCE, period=DAYS_30, by_bucket=False)
    assert settle(NOTHING, mode=Mode.COMPLIANCE, period=year).mode is Mode.COMPLIANCE


@pytest.mark.parametrize(
    ("lock", "mode", "period", "code"),
    [
        (NOTHING, None, None, "archive-no-retention"),
        (NOTHING, Mode.COMPLIANCE, None, "archive-no-retention"),
        (UNSEEN, Mode.COMPLIANCE, None, "archive-no-retention"),
        (NOTHING, None, DAYS_30, "archive-no-mode"),
        (UNSEEN, None, DAYS_30, "archive-no-mode"),
    ],
)
def test_where_nobody_decided_it_is_refused(
    lock: BucketLock, mode: Mode | None, period: timedelta | None, code: str
) -> None:
    with pytest.raises(WrongUse) as refused:
        settle(lock, mode=mode, period=period)
    assert refused.value.code == code


def test_an_explicit_end_has_whole_seconds_and_is_never_too_early() -> None:
    until = Retention(mode=Mode.COMPLIANCE, period=DAYS_30, by_bucket=False).until(NOW)
    assert until.microsecond == 0
    assert timedelta() <= until - (NOW + DAYS_30) <= timedelta(seconds=1)


@pytest.mark.parametrize(
    ("asked", "mode", "short_by", "falls_short"),
    [
        (Mode.COMPLIANCE, "COMPLIANCE", timedelta(), False),
        (Mode.COMPLIANCE, "COMPLIANCE", timedelta(seconds=9), False),
        (Mode.COMPLIANCE, "COMPLIANCE", timedelta(seconds=11), True),
        (Mode.COMPLIANCE, "COMPLIANCE", timedelta(days=-300), False),
        (Mode.COMPLIANCE, "GOVERNANCE", timedelta(), True),
        (Mode.GOVERNANCE, "COMPLIANCE", timedelta(), False),
        (None, "GOVERNANCE", timedelta(), False),
    ],
)
def test_less_than_was_asked_for_falls_short(
    asked: Mode | None, mode: str, short_by: timedelta, falls_short: bool
) -> None:
    retention = Retention(mode=asked, period=DAYS_30, by_bucket=False)
    assert retention.falls_short(mode, NOW + DAYS_30 - short_by, NOW) is falls_short
