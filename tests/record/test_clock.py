"""One clock a drill: durations are monotonic, instants never run backwards."""

from __future__ import annotations

import time
from datetime import UTC, timedelta

import pytest

from drtool.record import clock as clock_module
from drtool.record.clock import Clock


def test_instants_are_utc_and_count_from_the_start() -> None:
    clock = Clock()
    assert clock.started_at.tzinfo is UTC
    assert clock.instant(90.5) - clock.started_at == timedelta(seconds=90.5)


def test_offsets_grow() -> None:
    clock = Clock()
    first = clock.offset_seconds()
    time.sleep(0.01)
    assert clock.offset_seconds() >= first + 0.01
    assert clock.instant() > clock.started_at


@pytest.mark.parametrize("moved", [timedelta(hours=-1), timedelta(minutes=5)])
def test_a_wall_clock_that_is_set_shows_as_drift_and_not_in_the_instants(
    moved: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(clock_module, "_wall_seconds", lambda: time.time() + moved.total_seconds())
    assert clock.drift_seconds() == pytest.approx(moved.total_seconds(), abs=1)
    assert clock.instant() - clock.started_at < timedelta(seconds=5)


def test_a_clock_that_is_left_alone_does_not_drift() -> None:
    assert abs(Clock().drift_seconds()) < clock_module.DRIFT_TOLERANCE_SECONDS
