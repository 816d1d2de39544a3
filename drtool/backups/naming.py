"""Names of backups: their parts, the dates in them, and which are of the same kind.

The names of a series are read together: what they all have decides what a date is, and where several readings stay
possible, a name is all of them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from glob import escape
from itertools import pairwise

from drtool.backups.calendar_words import DAY, MONTH_ALONE
from drtool.backups.dates import Found, Stamp, Sureness, dates_in, lone_clock_in

_DAY = timedelta(days=1)
_ZONES = timedelta(hours=14)
_BORNE_OUT_FOR = 2 * _DAY
_BORNE_OUT_SHARE = 2 / 3
_RECENT = 31 * _DAY
_HALF_A_DAY = timedelta(hours=11)
_FUTURE = 366 * _DAY
_FEWEST = 3
_FOLDERS = 4

# What tells one run of a job from another besides the date: a number, or the first digits of a digest.
_RUN = re.compile(r"(?<![A-Za-z\d])(?:\d{4,}|(?=[a-f]*\d)(?=\d*[a-f])[\da-f]{6,})(?![A-Za-z\d])", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![A-Za-z\d])20\d{6}(?![A-Za-z\d])")
_VARIES = re.compile(
    rf"[A-Za-z]*\d[A-Za-z\d]*|(?<![A-Za-z])(?:{DAY}|[ap]m"
    rf"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{{0,6}}|{MONTH_ALONE})(?![A-Za-z])",
    re.IGNORECASE,
)

Ways = dict[tuple[str, int], dict[str, Stamp]]
"""What each way to read them makes of the names that can be read so, by location."""


def folder_and_name(location: str) -> tuple[str, str]:
    """Return the folder that a path or key lies in, with its slash, and its last part, of a folder too: `db-1124/`."""
    folder, slash, name = location.rstrip("/").rpartition("/")
    return folder + slash, name


def name_of(location: str) -> str:
    """Return the last part of a path or key, without the slash that a folder's ends in."""
    return folder_and_name(location)[1]


def names_apart(locations: Iterable[str]) -> dict[str, str]:
    """Return what each of several locations is called: its last part, and before it what tells it apart."""
    left = {location: location.rstrip("/").split("/") for location in locations}
    called: dict[str, str] = {}
    deep = 1
    while left:
        ends = {location: "/".join(parts[-deep:]) for location, parts in left.items()}
        times = Counter(ends.values())
        called |= {at: end for at, end in ends.items() if times[end] == 1 or deep >= len(left[at])}
        left = {at: parts for at, parts in left.items() if at not in called}
        deep += 1
    return called


def dates_of(times: Mapping[str, datetime]) -> dict[str, Stamp]:
    """Return the date in each name that has one, or else in the folders that hold it, by location.

    Args:
        times: the store's time of all that are looked at together, UTC, by location.
    """
    alike: dict[str, dict[str, datetime]] = defaultdict(dict)
    for location, at in times.items():
        alike[skeleton(location)][location] = at
    read: dict[str, Stamp] = {}
    for group in alike.values():
        read |= _read(group, name_of, is_name=True) or _clocked(_read(group, _deep_path, is_name=False), group)
    return read


def skeleton(location: str) -> str:
    """Return what the names of a series have in common: all but words with digits, of days and of months."""
    return re.sub(r"#(?:[-_.:@+ ]*#)+", "#", _VARIES.sub("#", location))


def siblings_pattern(location: str, modified_at: datetime) -> str | None:
    """Return a pattern for the backups that were made as this one was, at other times; None where no date tells.

    Whatever is a date in the last part of the path or key becomes `*`, and so do the numbers of a run after it, such as
    `0017` and `9f3a1c`. What stands before the date may name a host or a database, and stays. Where the last part has
    no date, those of the folders do.
    """
    end = "/" if location.endswith("/") else ""
    for text in (name_of(location), _deep_path(location)):
        found = dates_in(text)
        said = [one.span for one in found if one.sureness < Sureness.BORNE_OUT]
        said = said or [one.span for one in found if _is_borne_out(one.stamp, modified_at)]
        if not said:
            continue
        spans = sorted(set(said))
        before = location.rstrip("/").removesuffix(text)
        between = [text[end:start] for (_, end), (start, _) in pairwise([*spans, (len(text), len(text))])]
        after = ["*".join(map(escape, _RUN.split(one))) for one in between]
        stars = ["/".join("*" * (1 + text[slice(*span)].count("/"))) for span in spans]
        dated = "".join(star + rest for star, rest in zip(stars, after, strict=True))
        return escape(before) + escape(text[: spans[0][0]]) + dated + end
    return None


def without_dates(text: str) -> str:
    """Return a text with `*` for all that may be a date."""
    for start, end in sorted({one.span for one in dates_in(text)}, reverse=True):
        text = f"{text[:start]}*{text[end:]}"
    return text


def _deep_path(location: str) -> str:
    return "/".join(location.rstrip("/").split("/")[-_FOLDERS - 1 :])


def _read(times: Mapping[str, datetime], text_of: Callable[[str], str], *, is_name: bool) -> dict[str, Stamp]:
    """Read names that are made alike: as surely as they can be, and all in the same way where that is not sure.

    Dates in folders count only where they tell the backups apart or the store's times bear them out: one further up
    may be of the day when the store was set up.
    """
    newest = max(times.values()).replace(tzinfo=None)
    found = {
        location: [
            one for one in dates_in(text_of(location)) if one.stamp.wall - newest < _FUTURE or newest.year < 2000
        ]
        for location in times
    }
    parts = _by_sureness(times, found)
    if len(parts) > 1:
        return {at: one for part in parts for at, one in _read(part, text_of, is_name=is_name).items()}
    sure = _ways(found, Sureness.SURE)
    if 2 * len({location for stamps in sure.values() for location in stamps}) < len(times):
        sure = {}  # a number among others that may be a date, and they are none
    if any(_NUMBER.search(text_of(location)) and not found[location] for location in times):
        sure = {way: stamps for way, stamps in sure.items() if way[0] != "eight digits"}
    varying = {way: stamps for way, stamps in sure.items() if len(_walls(stamps)) > 1}
    if not is_name and not varying:
        sure = _borne_out(sure, times)
    elif len(times) > 1 and not varying and _outlived(sure, times):
        sure = {}
    if sure:
        joined = _joined(varying or sure)
        told = {location: _told_by_epoch(stamp, found[location]) for location, stamp in joined.items()}
        return _on_twelve_hours(told, times)
    in_all = {way: stamps for way, stamps in _ways(found, Sureness.ALIKE).items() if len(stamps) == len(times)}
    if in_all:
        in_all = {way: stamps for way, stamps in in_all.items() if not _is_future(stamps, times)} or in_all
        joined = _joined((_borne_out(in_all, times) if len(times) >= _FEWEST else {}) or in_all)
        return _on_twelve_hours(joined, times)
    guessed = _ways(found, Sureness.BORNE_OUT)
    guessed = {way: stamps for way, stamps in guessed.items() if len(stamps) == len(times)}
    return _joined(_borne_out(guessed, times) or {way: one for way, one in guessed.items() if _is_recent(one, times)})


def _by_sureness(times: Mapping[str, datetime], found: Mapping[str, Sequence[Found]]) -> list[dict[str, datetime]]:
    """Return names that are written in two ways apart, where all have a date: year first, or day or month first."""
    sure = {at for at, dates in found.items() if any(one.sureness is Sureness.SURE for one in dates)}
    rest = set(times) - sure
    if not sure or any(all(one.sureness is not Sureness.ALIKE for one in found[at]) for at in rest):
        return [dict(times)]
    return [{at: time for at, time in times.items() if at in part} for part in (sure, rest) if part]


def _ways(found: Mapping[str, Iterable[Found]], sureness: Sureness) -> Ways:
    ways: Ways = defaultdict(dict)
    for location, dates in found.items():
        for one in dates:
            if one.sureness is sureness:
                ways[one.way][location] = one.stamp
    return ways


def _joined(ways: Ways) -> dict[str, Stamp]:
    read: dict[str, Stamp] = {}
    for stamps in ways.values():
        for location, stamp in stamps.items():
            read[location] = read[location].joined(stamp) if location in read else stamp
    return read


def _walls(stamps: Mapping[str, Stamp]) -> set[datetime]:
    return {stamp.wall for stamp in stamps.values()}


def _is_borne_out(stamp: Stamp, at: datetime) -> bool:
    """Tell whether a date is what the store's time makes one expect: it was written then, or within two days."""
    wall, until = (one.replace(tzinfo=stamp.zone or UTC) for one in (stamp.wall, stamp.until))
    return wall - _ZONES <= at <= until + _BORNE_OUT_FOR


def _borne_out(ways: Ways, times: Mapping[str, datetime]) -> Ways:
    """Return the ways to read names that the store's times bear out in most."""
    return {
        way: stamps
        for way, stamps in ways.items()
        if sum(_is_borne_out(stamp, times[location]) for location, stamp in stamps.items())
        >= _BORNE_OUT_SHARE * len(stamps)
    }


def _is_future(stamps: Mapping[str, Stamp], times: Mapping[str, datetime]) -> bool:
    return any(stamp.wall.replace(tzinfo=UTC) - _DAY > times[location] for location, stamp in stamps.items())


def _is_recent(stamps: Mapping[str, Stamp], times: Mapping[str, datetime]) -> bool:
    """Tell whether numbers may be the dates of a store that was copied: three at least, and up to lately."""
    latest, newest = max(times.values()), max(_walls(stamps)).replace(tzinfo=UTC)
    several = len(_walls(stamps)) >= _FEWEST and latest - min(times.values()) <= _DAY
    return several and not _is_future(stamps, times) and latest - newest <= _RECENT


def _outlived(ways: Ways, times: Mapping[str, datetime]) -> bool:
    """Tell whether one date is in all names, though the store wrote them on many days: it is of something else."""
    return bool(ways) and len(times) >= _FEWEST and max(times.values()) - min(times.values()) > _BORNE_OUT_FOR


def _told_by_epoch(stamp: Stamp, found: Iterable[Found]) -> Stamp:
    """Return the epoch that stands beside a date, where the two agree: `1795922122_2026_11_29_18.10.1_gitlab`."""
    for one in found:
        if one.way[0] == "epoch" and -_DAY - _ZONES <= one.stamp.wall - stamp.until <= _DAY + _ZONES:
            return one.stamp
    return stamp


def _on_twelve_hours(stamps: dict[str, Stamp], times: Mapping[str, datetime]) -> dict[str, Stamp]:
    """Return times of day that come twice a day, half a day apart by the store, as of a clock without AM and PM."""
    timed = {
        location: stamp
        for location, stamp in stamps.items()
        if stamp.has_time and not stamp.zone and 1 <= stamp.wall.hour <= 12
    }
    early = {at: stamp.wall - timedelta(hours=12 if stamp.wall.hour == 12 else 0) for at, stamp in timed.items()}
    lags = {at: times[at].replace(tzinfo=None) - wall for at, wall in early.items()}
    base = min(lags.values(), default=timedelta())
    late = {at for at, lag in lags.items() if _HALF_A_DAY <= lag - base < 2 * _HALF_A_DAY}
    hours = {wall.replace(minute=0, second=0, microsecond=0) for at, wall in early.items() if at not in late}
    twice = sum(early[at].replace(minute=0, second=0, microsecond=0) in hours for at in late)
    if len(timed) < len(stamps) or twice < _FEWEST or any(lag - base >= 2 * _HALF_A_DAY for lag in lags.values()):
        return stamps
    walls = {at: wall + timedelta(hours=12 if at in late else 0) for at, wall in early.items()}
    return {at: Stamp(wall=wall, until=wall) for at, wall in walls.items()}


def _clocked(days: dict[str, Stamp], times: Mapping[str, datetime]) -> dict[str, Stamp]:
    """Return days that folders are named after with the times of day in the names below, where all have one."""
    clocks = {location: lone_clock_in(name_of(location)) for location in days}
    timed = {
        location: Stamp(wall=stamp.wall + clock, until=stamp.wall + clock)
        for location, stamp in days.items()
        if (clock := clocks[location]) is not None and stamp.until - stamp.wall == _DAY
    }
    borne_out = timed and len(timed) == len(days) and _borne_out({("", 0): timed}, times)
    return timed if borne_out else days
