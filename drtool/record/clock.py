"""The drill's one clock: durations are monotonic, instants are UTC and never run backwards."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

DRIFT_TOLERANCE_SECONDS = 2.0
"""How far the host's wall clock may stray from the monotonic clock before its instants are doubted."""


class Clock:
    """Started with the drill.

    Attributes:
        started_at: the start, UTC.
    """

    def __init__(self) -> None:
        self.started_at = datetime.now(UTC)
        self._origin = time.monotonic()

    def offset_seconds(self) -> float:
        """Return the seconds since the start, on the monotonic clock."""
        return time.monotonic() - self._origin

    def instant(self, offset_seconds: float | None = None) -> datetime:
        """Return the UTC instant at an offset from the start, or now; a wall clock set back does not show in it."""
        return self.started_at + timedelta(seconds=self.offset_seconds() if offset_seconds is None else offset_seconds)

    def drift_seconds(self) -> float:
        """Return how far the wall clock has moved against the monotonic clock since the start."""
        return (datetime.now(UTC) - self.instant()).total_seconds()
