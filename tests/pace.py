"""How long something may take here and now."""

from __future__ import annotations

import os


def seconds(alone: float) -> float:
    """Return the bound for what takes at most so many seconds on a machine that has nothing else to do.

    Tests run side by side, and others may use the machine: as many as want a core share it.
    """
    return alone * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
