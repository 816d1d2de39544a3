"""Durations and instants in sentences on exposure."""

from __future__ import annotations

from datetime import datetime

from drtool.objectives import format_duration, told_apart

_IN_HOURS = 72 * 3_600


def spell(seconds: float) -> str:
    """Return a duration as people speak of an RPO: in hours up to three days (`26 h`, not `1 d 2 h`)."""
    whole = round(seconds)
    if whole == 0:
        return "0 s"
    if not 3_600 <= whole < _IN_HOURS:
        return format_duration(seconds)
    hours, rest = divmod(whole, 3_600)
    minutes = rest // 60
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def spell_apart(actual: float, objective: float) -> tuple[str, str]:
    """Return both durations, as finely as it takes to tell them apart where they differ."""
    spelt = spell(actual), spell(objective)
    return spelt if spelt[0] != spelt[1] or actual == objective else told_apart(actual, objective)


def written(at: datetime) -> str:
    """Return an instant (UTC) as a sentence says it: `12 November 2026, 05:00 UTC`."""
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def many(count: int, noun: str) -> str:
    """Return a number with its noun: `1 backup`, `2 backups`."""
    return f"{count:,} {noun if count == 1 else noun + 's'}"
