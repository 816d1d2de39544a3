# ruff: noqa: RUF001 (letters of other alphabets)
"""Times as tools write them into their dumps: in many languages, some with a zone and most without.

What can be read in two ways is not read, nor what is not known whole: a time that is taken for a later one makes a
backup younger than it is. What has no seconds is the beginning of its minute.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from drtool.backups.calendar_words import MONTH_NUMBERS

ReadTime = Callable[[str], datetime | None]
"""Reads what stands behind a label; gives a time without a zone where none is said, and None where it is not sure."""

_CLOCK = (
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d))?(?:\.\d+)?(?:[  ](?P<half>[AP])M)?"
    r"(?: ?(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)(?: UTC)?)?"
)
_ISO = re.compile(rf"(?P<year>\d{{4}})[-/.](?P<month>\d\d)[-/.](?P<day>\d\d)[ T,]+{_CLOCK}")
_EAST_ASIAN = re.compile(rf"(?P<year>\d{{4}}) ?年 ?(?P<month>\d{{1,2}}) ?月 ?(?P<day>\d{{1,2}}) ?日 ?{_CLOCK}")
_NUMBERS = re.compile(rf"(?P<day>\d{{1,2}})[-./] ?(?P<month>\d{{1,2}})[-./ ] ?(?P<year>\d{{4}})\b[^\d\n]*{_CLOCK}")
_IN_WORDS = tuple(
    re.compile(rf"(?:^|[^\d\n]*?\b){date}\b[^\d\n]{{0,20}}?\b{_CLOCK}")
    for date in (
        r"(?P<day>\d{1,2})\.?[- ]?(?:de )?(?P<month>[^\W\d_]+)\.?,?[- ]?(?:de )?(?P<year>\d{4})",
        r"(?P<month>[^\W\d_]+)\.? (?P<day>\d{1,2}),? (?P<year>\d{4})",
        r"(?P<year>\d{4})\.? (?P<month>[^\W\d_]+)\.? (?P<day>\d{1,2})",
    )
)
_FURTHER_MONTHS = (
    "янв|січ|яну|oca|sty|led|jaan|ian", "фев|лют|şub|lut|úno|veebr", "мар|бер|már|bře|märts|mart",
    "апр|квт|nis|kwi|ápr|dub|aprill", "май|тра|maj|máj|kvě", "июн|юни|чрв|haz|cze|čen|jún|juuni|iun",
    "июл|юли|лип|tem|čec|júl|juuli|iul", "авг|сер|ağu|sie|avg|agu", "сен|сеп|вер|set|eyl|wrz|zář",
    "окт|жов|out|eki|paź|říj", "ноя|ное|лис|kas", "дек|гру|ara|gru|des",
)  # fmt: skip
"""Months as phpMyAdmin calls them in further languages, less what is one month in one and another in the next (lip)."""
_MONTHS = MONTH_NUMBERS | {word: number for number, words in enumerate(_FURTHER_MONTHS, 1) for word in words.split("|")}


def read_iso(text: str) -> datetime | None:
    """Read `2026-11-29 10:00:00`, with or without a zone."""
    return _read(_ISO.fullmatch(text.strip()))


def read_internet(text: str) -> datetime | None:
    """Read `Sun, 29 Nov 2026 10:00:00 +0000`, as RFC 2822 has it."""
    try:
        return parsedate_to_datetime(text.strip())
    except ValueError:
        return None


def read_of_c(text: str) -> datetime | None:
    """Read `Sun Nov 29 10:00:00 2026`, as C's `ctime` writes it."""
    try:
        return datetime.strptime(text.strip(), "%a %b %d %H:%M:%S %Y")  # noqa: DTZ007 (it says none)
    except ValueError:
        return None


def read_day_first(text: str) -> datetime | None:
    """Read a time in numbers, of which the day stands first, in words, or as far east as China and Japan."""
    text = " ".join(text.split())
    for form in (_ISO, _EAST_ASIAN, _NUMBERS):
        if found := form.fullmatch(text):
            return _read(found)
    for form in _IN_WORDS:
        if (found := form.fullmatch(text)) and found["month"].lower() in _MONTHS:
            return _read(found)
    return None


def read_any_order(text: str) -> datetime | None:
    """Read the same where it is not known whether the day or the month stands first: what may be either is not read."""
    found = _NUMBERS.fullmatch(" ".join(text.split()))
    if found is None:
        return read_day_first(text)
    first, second = int(found["day"]), int(found["month"])
    if max(first, second) > 12:
        return _read(found, day=max(first, second), month=min(first, second))
    return _read(found) if first == second else None


def _read(found: re.Match[str] | None, *, day: int | None = None, month: int | None = None) -> datetime | None:
    if found is None:
        return None
    named = found["month"].lower()
    month = month or (int(named) if named.isdecimal() else _MONTHS[named])
    hour = int(found["hour"])
    if found["half"] and 0 < hour <= 12:  # some write both 14 and PM
        hour = hour % 12 + (12 if found["half"] == "P" else 0)
    minute, second = int(found["minute"]), int(found["second"] or 0)
    try:
        at = datetime(int(found["year"]), month, day or int(found["day"]), hour, minute, second)  # noqa: DTZ001 (see below)
    except ValueError:
        return None
    zone = found["zone"]
    if not zone:
        return at
    ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:])) if zone[0] in "+-" else timedelta()
    return (at - ahead if zone[0] == "+" else at + ahead).replace(tzinfo=UTC)
