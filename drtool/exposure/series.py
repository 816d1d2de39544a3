"""Backups of different things that one pattern matches: told apart by how their names are made."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import SequenceMatcher

from drtool.backups.calendar_words import DAY, MONTH_ALONE
from drtool.backups.history import Run
from drtool.backups.naming import name_of, without_dates

_FEWEST = 3
_MOST_SERIES = 8
_IRREGULAR_SHARE = 1 / 3

_HEX = re.compile(r"(?<![0-9a-z])(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{6,}(?![0-9a-z])", re.IGNORECASE)
# One or two digits right behind a letter name a host or a disk (`web1`), all others count or date.
_COUNTER = re.compile(r"(?<![A-Za-z\d])\d+|(?<=[A-Za-z])\d{3,}")
_SCHEDULE = re.compile(
    rf"(?<![a-z])(?:hourly|daily|nightly|weekly|monthly|quarterly|yearly|full|incr?|incremental|diff|differential|{DAY}"
    rf"|jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec|{MONTH_ALONE}|june|july|am|pm|noon|morning|evening"
    r"|night|manual|auto|scheduled|latest|current|last|old|new)(?![a-z])[-_.]?",
    re.IGNORECASE,
)
_STARS = re.compile(r"\*(?:[-_.:TZ ]*\*)+")
_WRAPPING = re.compile(r"(?:\.(?:gz|zst|zstd|xz|bz2|lz4|lzo|br|gpg|pgp|age|enc))+$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Series:
    """Backups of one thing; `name` is how their names are made, None where a pattern matches one kind only.

    `kinds` are those that it is of, `numbered` those in whose names a number says of what they are, and `strays` the
    locations of what may be of another thing: names of another kind, too few to be a series of their own.
    """

    name: str | None
    runs: tuple[Run, ...]
    kinds: frozenset[str] = frozenset()
    numbered: frozenset[str] = frozenset()
    strays: frozenset[str] = frozenset()

    def takes(self, location: str) -> bool:
        """Return whether something else in the store is, by its name, of this series."""
        return self.name is None or _kind_among(location, self.numbered) in self.kinds


@dataclass(frozen=True, kw_only=True)
class Sorting:
    """The series that a pattern matches, and what a reader should know of it."""

    series: tuple[Series, ...]
    warnings: tuple[str, ...] = ()


def shape(location: str) -> str:
    """Return how a name is made: dates and counters become `*`."""
    text = _HEX.sub("*", without_dates(location))
    return _STARS.sub("*", _COUNTER.sub("*", text))


def tell_apart(runs: Sequence[Run]) -> Sorting:
    """Tell series apart, so that a database that is no longer backed up does not hide behind its uploads.

    Names that differ in more than dates, counters, compression and words of a schedule (daily, weekly, full, incr,
    monday) are of different things if they were made side by side, three times each at least. So are those that differ
    in a number before the date, such as a host's or a port, if they were made on the same days. Names that follow one
    another are one job that was renamed. Where names follow no such order all count as one series.
    """
    numbered = _numbered(runs)
    kinds: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        kinds[_kind_among(run.location, numbered)].append(run)
    regular = {kind: sorted(found, key=_rough_time) for kind, found in kinds.items() if len(found) >= _FEWEST}
    stray = [run for kind, found in kinds.items() if kind not in regular for run in found]
    others = _of_another_thing(stray, next(iter(regular.values()))) if len(regular) == 1 else ()
    one = Sorting(series=(Series(name=None, runs=tuple(runs), strays=frozenset(run.location for run in others)),))
    if len(regular) < 2 or len(stray) > _IRREGULAR_SHARE * len(runs):
        return one
    chains: list[tuple[list[str], list[Run]]] = []
    for kind, found in sorted(regular.items(), key=lambda item: _rough_time(item[1][0])):
        if before := [chain for chain in chains if _rough_time(chain[1][-1]) <= _rough_time(found[0])]:
            nearest = max(before, key=lambda chain: SequenceMatcher(None, chain[0][-1], kind).ratio())
            nearest[0].append(kind)
            nearest[1].extend(found)
        else:
            chains.append(([kind], list(found)))
    if len(chains) == 1:
        return one
    if len(chains) > _MOST_SERIES:
        warning = (
            f"The names are of {len(chains)} kinds, too many to be told apart here: all count as one series, "
            "in which one kind can hide that another is missing; give a pattern for each"
        )
        return Sorting(series=one.series, warnings=(warning,))
    names = [" and ".join(dict.fromkeys(_label(run.location, numbered) for run in found)) for _, found in chains]
    warnings = [
        f"The pattern matches {len(chains)} series of backups ({', '.join(names)}), and each is looked at by itself: "
        "a backup of one thing is no recovery point of another; if they are of one thing, say --as-one"
    ]
    if stray:
        warning = f"{len(stray)} more with names of another kind belong to none of them and do not count"
        warnings.append(f"{warning}, such as {stray[0].location}")
    named = zip(names, chains, strict=True)
    series = tuple(
        Series(name=name, runs=tuple(found), kinds=frozenset(chain), numbered=numbered)
        for name, (chain, found) in named
    )
    return Sorting(series=series, warnings=tuple(warnings))


def _of_another_thing(stray: Sequence[Run], regular: Sequence[Run]) -> Sequence[Run]:
    """Return what may be of another thing than most of a store: its name does not even begin with the same word."""
    if len(stray) > len(regular):
        return ()
    words = {_first_word(run.location) for run in regular}
    return [run for run in stray if _first_word(run.location) not in words]


def _first_word(location: str) -> str:
    word = re.search(r"[A-Za-z]+", _SCHEDULE.sub("", name_of(without_dates(location))))
    return word[0].lower() if word else ""


def _numbered(runs: Sequence[Run]) -> frozenset[str]:
    """Return the kinds in whose names a number before the date says of what they are: its values share their days.

    A number of the run, of the weekday or of the month does not: it changes with the day, or stands behind the date.
    """
    days: dict[str, dict[str, set[date]]] = defaultdict(lambda: defaultdict(set))
    for run in runs:
        days[_kind(run.location)][_numbers(run.location)].add(_rough_time(run).date())

    def side_by_side(of: Mapping[str, set[date]]) -> bool:
        shared = Counter(day for on in of.values() if len(on) >= _FEWEST for day in on)
        return sum(values > 1 for values in shared.values()) >= _FEWEST

    return frozenset(kind for kind, of in days.items() if side_by_side(of))


def _numbers(location: str) -> str:
    """Return the numbers before the first date in a name, or in the folders above it; nothing where it has no date."""
    before, date_, _ = without_dates(location).partition("*")
    found = sorted((match.start(), match[0]) for way in (_HEX, _COUNTER) for match in way.finditer(before))
    return " ".join(number for _, number in found) if date_ else ""


def _kind_among(location: str, numbered: frozenset[str]) -> str:
    kind = _kind(location)
    return f"{kind} {_numbers(location)}" if kind in numbered else kind


def _label(location: str, numbered: frozenset[str]) -> str:
    """Return how names of a series are made, with the numbers that say of what they are."""
    if _kind(location) not in numbered:
        return name_of(shape(location))
    before, date_, after = without_dates(location).partition("*")
    parts = f"{before}{shape(date_ + after)}".split("/")
    return "/".join(parts[-2:] if parts[-1].startswith("*") else parts[-1:])


def _kind(location: str) -> str:
    # A compression that was changed makes no other backup, and neither does a folder a day.
    kind = _STARS.sub("*", _SCHEDULE.sub("", shape(_WRAPPING.sub("", location))))
    return re.sub(r"[-_. ]+", ".", kind)  # what a word of the schedule stood between is left of it


def _rough_time(run: Run) -> datetime:
    """Return when a run was, near enough to tell side by side from one after the other."""
    return run.stamp.wall.replace(tzinfo=UTC) if run.stamp else run.modified_at
