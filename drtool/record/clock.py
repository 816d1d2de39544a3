"""The drill's one clock: durations are monotonic, instants are UTC and never run backwards."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import partial

DRIFT_TOLERANCE_SECONDS = 2.0
"""How far the host's wall clock may stray from the monotonic clock before its instants are doubted."""

# Asked of the kernel, by way of nothing that a library puts other times into: a scenario, or a helper of it, may set
# `time.monotonic` and `time.time` still while it works out the name of yesterday's backup.
_monotonic_seconds = partial(time.clock_gettime, time.CLOCK_MONOTONIC)
_wall_seconds = partial(time.clock_gettime, time.CLOCK_REALTIME)


class Clock:
    """Started with the drill.

    Attributes:
        started_at: the start, UTC.
    """

    def __init__(self) -> None:
        self.started_at = datetime.fromtimestamp(_wall_seconds(), UTC)
        self._origin = _monotonic_seconds()

    def offset_seconds(self) -> float:
        """Return the seconds since the start, on the monotonic clock."""
        return _monotonic_seconds() - self._origin

    def instant(self, offset_seconds: float | None = None) -> datetime:
        """Return the UTC instant at an offset from the start, or now; a wall clock set back does not show in it."""
        return self.started_at + timedelta(seconds=self.offset_seconds() if offset_seconds is None else offset_seconds)

    def drift_seconds(self) -> float:
        """Return how far the wall clock has moved against the monotonic clock since the start."""
        return (datetime.fromtimestamp(_wall_seconds(), UTC) - self.instant()).total_seconds()
