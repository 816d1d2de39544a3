"""Dates in names, in every way that backup jobs write them: one table, each way anchored on both sides.

What some job writes as a date may be a ticket number elsewhere. So the ways are of three kinds: those that are hardly
anything else (year first, months in words); those that are read as the whole series allows (day or month first); and
those that any number may look like (six digits, an epoch, a day of the year), which count only where it bears them out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import IntEnum
from functools import lru_cache

from drtool.backups.calendar_words import MONTH, MONTH_NUMBERS

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """A date in a name.

    Attributes:
        wall: the earliest that it can mean, by the clock of whoever wrote it.
        until: the latest; the same where it says the time of day.
        zone: that clock's, where it says one.
    """

    wall: datetime
    until: datetime
    zone: tzinfo | None = None

    @property
    def has_time(self) -> bool:
        """Whether it says the hour too, not a day or several."""
        return self.until - self.wall <= _HOUR

    def joined(self, other: Stamp) -> Stamp:
        """Return what both say: what they have in common, or from the first to the last of them."""
        wall, until = max(self.wall, other.wall), min(self.until, other.until)
        if wall > until or (wall == until and not self.has_time and not other.has_time):
            wall, until = min(self.wall, other.wall), max(self.until, other.until)
        return Stamp(wall=wall, until=until, zone=self.zone if self.zone == other.zone else None)


class Sureness(IntEnum):
    """What it takes to read digits as a date."""

    SURE = 0
    ALIKE = 1  # all names of the series read so
    BORNE_OUT = 2  # the store's times say the same


@dataclass(frozen=True, kw_only=True)
class Found:
    """One way to read a place in a name; `way` is the same for what is written alike."""

    way: tuple[str, int]
    span: tuple[int, int]
    stamp: Stamp
    sureness: Sureness


_YEAR, _2, _1OR2 = r"(?P<Y>20\d\d)", r"\d\d", r"\d\d?"
_WORD = rf"(?P<b>{MONTH})"
_SAME = r"(?P=s)"
_DATES: dict[str, tuple[str, Sureness]] = {
    "year first": (rf"{_YEAR}(?P<s>[-_./])(?P<m>{_2}){_SAME}(?P<d>{_2})", Sureness.SURE),
    "eight digits": (rf"{_YEAR}(?P<m>{_2})(?P<d>{_2})", Sureness.SURE),
    "day, month in words, year": (rf"(?P<d>{_1OR2})(?P<s>[-_. ]?){_WORD}{_SAME}{_YEAR}", Sureness.SURE),
    "month in words, day, year": (rf"{_WORD}(?P<s>[-_. ]?)(?P<d>{_1OR2}){_SAME}{_YEAR}", Sureness.SURE),
    "year, month in words, day": (rf"{_YEAR}(?P<s>[-_. ]?){_WORD}{_SAME}(?P<d>{_1OR2})", Sureness.SURE),
    "week": (rf"{_YEAR}-?W(?P<w>{_2})(?:-?(?P<u>[1-7]))?", Sureness.SURE),
    "day first": (rf"(?P<d>{_1OR2})(?P<s>[-_./])(?P<m>{_1OR2}){_SAME}{_YEAR}", Sureness.ALIKE),
    "month first": (rf"(?P<m>{_1OR2})(?P<s>[-_./])(?P<d>{_1OR2}){_SAME}{_YEAR}", Sureness.ALIKE),
    "year first, one digit": (rf"{_YEAR}(?P<s>[-_/])(?P<m>{_1OR2}){_SAME}(?P<d>{_1OR2})", Sureness.BORNE_OUT),
    "year first, of two digits": (rf"(?P<y>{_2})(?P<s>[-_.])(?P<m>{_2}){_SAME}(?P<d>{_2})", Sureness.BORNE_OUT),
    "day first, year of two digits": (rf"(?P<d>{_2})(?P<s>[-_.])(?P<m>{_2}){_SAME}(?P<y>{_2})", Sureness.BORNE_OUT),
    "month first, year of two digits": (rf"(?P<m>{_2})(?P<s>[-_.])(?P<d>{_2}){_SAME}(?P<y>{_2})", Sureness.BORNE_OUT),
    "six digits, year first": (rf"(?P<y>{_2})(?P<m>{_2})(?P<d>{_2})", Sureness.BORNE_OUT),
    "six digits, day first": (rf"(?P<d>{_2})(?P<m>{_2})(?P<y>{_2})", Sureness.BORNE_OUT),
    "six digits, month first": (rf"(?P<m>{_2})(?P<d>{_2})(?P<y>{_2})", Sureness.BORNE_OUT),
    "eight digits, day first": (rf"(?P<d>{_2})(?P<m>{_2}){_YEAR}", Sureness.BORNE_OUT),
    "eight digits, month first": (rf"(?P<m>{_2})(?P<d>{_2}){_YEAR}", Sureness.BORNE_OUT),
    "day of the year": (rf"{_YEAR}[-.]?(?P<j>\d{{3}})", Sureness.BORNE_OUT),
    "month": (rf"{_YEAR}(?P<s>[-_/])(?P<m>{_2})(?!{_SAME}\d)", Sureness.BORNE_OUT),
}
# A minute is the end of a time unless its separator goes on with a digit: 18.10.1 is a version.
_CLOCK = (
    r"(?P<H>[01]\d|2[0-3])(?:h(?P<Mh>[0-5]\d)(?:m(?:(?P<Sh>[0-5]\d)s?)?)?"
    r"|(?P<ts>[-_:.]?)(?P<M>[0-5]\d)(?:(?P=ts)(?P<S>[0-5]\d)(?:[.,]\d{1,9}|-\d{3}(?=Z))?|(?!(?P=ts)\d)))"
    r"(?:[-_. ]?(?P<ap>[ap])\.?m)?"
)
_ZONE = r"(?:[-_ ]?(?P<z>Z|UTC|GMT)|[_ ]?(?P<o>[+-](?:0\d|1[0-4]):?(?:00|15|30|45)))?"
_BEGINS, _ENDS = r"(?<!\d)", r"(?![A-Za-z\d])"
_HOURLY = re.compile(rf"{_BEGINS}{_YEAR}(?P<m>\d\d)(?P<d>\d\d)(?P<H0>[01]\d|2[0-3]){_ENDS}")
_EPOCH = re.compile(rf"{_BEGINS}(?P<e>1\d{{9}})(?P<ms>\d{{3}})?{_ENDS}")
_WAYS = {
    way: re.compile(
        rf"{_BEGINS}{date}(?:(?P<t>T|[-_ ]at[-_ ]|[-_./ @]{{1,2}}{'' if '(?P<s>' in date else '|'})"
        rf"{_CLOCK}{_ZONE}{_ENDS}|T(?P<H0>[01]\d|2[0-3]){_ENDS}|{_ENDS})",
        re.IGNORECASE,
    )
    for way, (date, _) in _DATES.items()
} | {"ten digits": _HOURLY, "epoch": _EPOCH}
_LONE_CLOCK = re.compile(rf"(?<![A-Za-z\d]){_CLOCK}{_ENDS}", re.IGNORECASE)
_IN_UTC = re.compile(r"(?<![^/])physicalbackup-\d{14}(?=\.xb)")
"""How mariadb-operator names a physical backup: it formats the time in UTC, without a zone."""
_OPAQUE = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE)
"""A UUID, whose digits are nothing by themselves."""


@lru_cache(maxsize=1 << 16)
def dates_in(text: str) -> tuple[Found, ...]:
    """Return all ways to read dates in a text; of those in one place the longest, and of these the surest."""
    text = _OPAQUE.sub(lambda uuid: "x" * len(uuid[0]), text)
    found: list[Found] = []
    of_utc = list(_IN_UTC.finditer(text))
    for way, pattern in _WAYS.items():
        places = [match for match in pattern.finditer(text) if _is_apart(text, match)]
        for place, match in enumerate(places):
            if stamp := _stamp(match):
                if any(one.end() == match.end() for one in of_utc):
                    stamp = replace(stamp, zone=UTC)
                _, sureness = _DATES.get(way, ("", Sureness.BORNE_OUT))
                if text[match.start() - 1 : match.start()].isalpha():
                    sureness = Sureness.BORNE_OUT  # such as shop20261129.sql
                found.append(Found(way=(way, place), span=match.span(), stamp=stamp, sureness=sureness))

    def weight(one: Found) -> tuple[int, int]:
        return one.span[1] - one.span[0], -one.sureness

    def is_outdone(one: Found) -> bool:
        start, end = one.span
        return any(weight(other) > weight(one) for other in found if other.span[0] < end and start < other.span[1])

    return tuple(one for one in found if not is_outdone(one))


def lone_clock_in(name: str) -> timedelta | None:
    """Return the only time of day in a name that has no date, such as `dump-0315.sql` below `2026-11-29/`."""
    found = list(_LONE_CLOCK.finditer(name))
    return _time(found[0]) if len(found) == 1 else None


def _is_apart(text: str, match: re.Match[str]) -> bool:
    """Tell whether what stands before a date is no part of it: a word may (db20261129), digits and letters may not."""
    before = re.search(r"[A-Za-z\d]*$", text[: match.start()])
    return before is None or not before[0] or before[0].isalpha()


def _stamp(match: re.Match[str]) -> Stamp | None:
    part = match.groupdict()
    try:
        day, length = _day(part)
        if "e" in part:
            return Stamp(wall=day, until=day, zone=UTC)
        if part["H0"]:
            wall = day + timedelta(hours=int(part["H0"]))
            return Stamp(wall=wall, until=wall + _HOUR)
        if part["H"] is None:
            return Stamp(wall=day, until=day + length)
        if length != _DAY or (time := _time(match)) is None:
            return None
    except (ValueError, OverflowError):
        return None  # digits that look like a date and are none
    return Stamp(wall=day + time, until=day + time, zone=_zone(part))


def _day(part: dict[str, str | None]) -> tuple[datetime, timedelta]:
    """Return when what is named begins, without a zone, and how long it is; an epoch is exact.

    Raises:
        ValueError: there is no such day.
    """
    number = {name: int(text) for name, text in part.items() if text and text.isdigit()}
    if "e" in number:
        at = datetime.fromtimestamp(number["e"], UTC) + timedelta(milliseconds=number.get("ms", 0))
        return at.replace(tzinfo=None), timedelta()
    year = number["Y"] if "Y" in number else 2000 + number["y"]
    if "w" in number:
        monday = datetime.fromisocalendar(year, number["w"], number.get("u", 1))
        return monday, _DAY if "u" in number else 7 * _DAY
    if "j" in number:
        at = datetime(year, 1, 1) + (number["j"] - 1) * _DAY  # noqa: DTZ001 (its zone is what is not known)
        if at.year != year:
            raise ValueError
        return at, _DAY
    month = number["m"] if "m" in number else MONTH_NUMBERS[str(part["b"]).lower()]
    first = datetime(year, month, number.get("d", 1))  # noqa: DTZ001 (as above)
    if "d" in number:
        return first, _DAY
    return first, datetime(year + month // 12, month % 12 + 1, 1) - first  # noqa: DTZ001 (as above)


def _time(match: re.Match[str]) -> timedelta | None:
    part = match.groupdict()
    hour, half = int(part["H"]), (part["ap"] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    minute, second = part["Mh"] or part["M"], part["Sh"] or part["S"] or 0
    return timedelta(hours=hour, minutes=int(minute), seconds=int(second))


def _zone(part: dict[str, str | None]) -> tzinfo | None:
    if part["z"]:
        return UTC
    if (offset := part["o"]) is None:
        return None
    if offset[0] == "-" and ":" not in offset and (part["t"] or "").upper() != "T":
        return None  # -0500 may as well count something
    minutes = 60 * int(offset[1:3]) + int(offset[-2:])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
