"""Durations and instants: read as people write them, written as people read them. No clock is read here."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from drtool.errors import WrongUse

_UNITS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0}
_DURATION = re.compile(r"(?:(?P<d>\d+)d)?(?:(?P<h>\d+)h)?(?:(?P<m>\d+)m)?(?:(?P<s>\d+(?:\.\d+)?)s)?", re.ASCII)
_SHORTEST_SECONDS = 0.001  # a timedelta below a microsecond is zero, and a target of zero reads as none
_LONGEST_SECONDS = 100 * 365 * 86_400.0  # beyond it lie the limits of timers and of the calendar
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?(?P<zone>[Zz]|[+-]\d\d:[0-5]\d)?", re.ASCII)
_IN_HOURS = 72 * 3_600


def parse_duration(text: str) -> timedelta:
    """Read a duration such as `90s`, `30m`, `24h`, `7d`, `1h30m` or `0.5s`.

    Raises:
        WrongUse: the text is not such a duration, or it is shorter than a millisecond or longer than a century.
    """
    match = _DURATION.fullmatch(text.strip())
    seconds = sum(float(match[unit] or 0) * size for unit, size in _UNITS.items()) if match else 0.0
    if match is None or not match[0]:
        raise WrongUse("bad-duration", f"{text!r} is not a duration")
    if not _SHORTEST_SECONDS <= seconds <= _LONGEST_SECONDS:
        what = f"{text!r} is too {'short' if seconds < 1 else 'long'} a duration"
        raise WrongUse("bad-duration", what, mend="Anything from a millisecond (0.001s) to a century will do")
    return timedelta(seconds=seconds)


def format_duration(seconds: float, *, units: int = 2) -> str:
    """Return a duration for people: `units` of them at most, tenths below a minute, milliseconds below a second."""
    if seconds < 0:
        return f"-{format_duration(-seconds, units=units)}"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    days, rest = divmod(round(seconds), 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, rest_seconds = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest_seconds, "s")]
    while parts[0][0] == 0:
        parts.pop(0)
    return " ".join(f"{amount} {unit}" for amount, unit in parts[:units] if amount)


def format_both(actual_seconds: float, objective_seconds: float) -> tuple[str, str]:
    """Return both durations for people, as finely as it takes to tell them apart where they differ."""
    for units in (2, 3, 4):
        actual, objective = (format_duration(one, units=units) for one in (actual_seconds, objective_seconds))
        if actual != objective or actual_seconds == objective_seconds:
            return actual, objective
    return f"{actual_seconds:.3f} s", f"{objective_seconds:.3f} s"


def parse_instant(text: str) -> datetime:
    """Read an RFC 3339 instant with a zone and return it in UTC.

    Raises:
        WrongUse: the text is no such instant; a time without a zone is refused, never guessed.
    """
    if (match := _INSTANT.fullmatch(text.strip())) is None:
        raise _bad_instant(text)
    if match["zone"] is None:
        mend = f"Add one, for example {text.strip()}Z for UTC or {text.strip()}+01:00"
        raise WrongUse("bad-instant", f"{text!r} has no time zone", mend=mend)
    try:
        # Python 3.11 reads an upper-case Z only; a 60th second and a 13th month are errors here as well.
        return datetime.fromisoformat(match[0].upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _bad_instant(text) from error


def utc(at: datetime) -> str:
    """Return an instant in UTC to the second, as `parse_instant` reads it: `2026-11-24T03:00:00Z`."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _bad_instant(text: str) -> WrongUse:
    return WrongUse("bad-instant", f"{text!r} is not a time")


def spell(seconds: float) -> str:
    """Return a duration as people speak of an RPO: in hours up to three days (`26 h`, not `1 d 2 h`)."""
    whole = round(seconds)
    if whole == 0:
        return "0 s"
    if not 3_600 <= whole < _IN_HOURS:
        return format_duration(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def spell_both(actual: float, objective: float) -> tuple[str, str]:
    """Return both durations, as finely as it takes to tell them apart where they differ."""
    spelt = spell(actual), spell(objective)
    return spelt if spelt[0] != spelt[1] or actual == objective else format_both(actual, objective)


def written(at: datetime) -> str:
    """Return an instant (UTC) as a sentence says it: `12 November 2026, 05:00 UTC`."""
    return f"{at.day} {at:%B %Y, %H:%M} UTC"
