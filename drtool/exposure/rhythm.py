"""The rhythm of a backup job, and the runs that are missing from it.

What is missing from a gap is told by looking at the same stretch of other weeks: the median number of backups there
is the number that was to be expected. So a job that pauses at night or at the weekend is not accused of it, and one
that runs at 03:00 and 12:00 has no single interval that would do. Only where no other week is on record are other
days looked at, and where there is no other day, the median interval.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median, median_low

from drtool.record.exposure import MissingRuns
from drtool.times import spell

_HOUR, _DAY, _WEEK = 3_600.0, 86_400.0, 604_800.0
_FEWEST_INTERVALS = 3
_NOTABLE = 1.5
"""From how many median intervals on a gap is looked at: a run that is a third late is no missing run."""
_TOLERANCE = 0.4
"""How near its time a run counts for, in median intervals: jitter of a run at either end of a gap stays below it."""
_ALIKE = 0.25
_REGULAR_SHARE, _REPEATED_SHARE = 0.6, 0.7
_WEEKS_EACH_WAY = 4
_THINNED_FACTOR, _THINNED_SHARE = 1.9, 0.9
_FAR_FACTOR = 5
_NEAREST = 30
_DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """What a history says about its job.

    Attributes:
        seconds: the median interval, None where there is no rhythm.
        words: the rhythm, for people.
        thinned_before: before this, retention seems to have removed backups, so that gaps there mean nothing.
        missing: runs that were to be expected, oldest first.
    """

    seconds: float | None
    words: str
    thinned_before: datetime | None
    missing: tuple[MissingRuns, ...]


def rhythm(recovery_points: Sequence[datetime], until: datetime) -> Rhythm:
    """Tell the rhythm of a history and what is missing from it.

    Args:
        recovery_points: in order, one a run.
        until: up to when it was listed, UTC.
    """
    times = [at.timestamp() for at in recovery_points]
    boundary = _thinned(times)
    times = times[boundary:]
    thinned_before = recovery_points[boundary] if boundary else None
    intervals = [later - sooner for sooner, later in pairwise(times)]
    if len(intervals) < _FEWEST_INTERVALS:
        return Rhythm(seconds=None, words="too few backups to tell a rhythm", thinned_before=thinned_before, missing=())
    usual = median(intervals)
    if not _is_regular(times, intervals, usual):
        words = "no rhythm, so missing runs cannot be told"
        return Rhythm(seconds=None, words=words, thinned_before=thinned_before, missing=())
    missing = []
    for sooner, later in [*pairwise(times), (times[-1], until.timestamp())]:
        if later - sooner > _NOTABLE * usual and (count := _expected(times, sooner, later, usual)):
            overdue = sooner == times[-1]
            missing.append(MissingRuns(after=_utc(sooner), before=_utc(later), count=count, overdue=overdue))
    return Rhythm(seconds=usual, words=_in_words(times, usual), thinned_before=thinned_before, missing=tuple(missing))


def _thinned(times: Sequence[float]) -> int:
    """Return from which run on the history is whole: retention keeps older backups at ever longer intervals.

    That is where all but a few intervals before are about twice those after, or more. One long gap does not make it
    so, for then the intervals before it are short again. Where the oldest one to three backups lie far apart and far
    from the rest (the first monthly ones), nothing shows whether that was a gap.
    """
    intervals = [later - sooner for sooner, later in pairwise(times)]
    for at in range(len(intervals) - _FEWEST_INTERVALS - 1, _FEWEST_INTERVALS - 1, -1):
        longer = _THINNED_FACTOR * median(intervals[at : at + _NEAREST])
        if min(sorted(intervals[at - _FEWEST_INTERVALS : at])[1:]) < longer or intervals[at - 1] < longer:
            continue  # the nearest say already that it is one gap among others
        if sum(one >= longer for one in intervals[:at]) >= min(_THINNED_SHARE * at, at - 1):
            return at
    for at in range(min(_FEWEST_INTERVALS, len(intervals) - _FEWEST_INTERVALS), 0, -1):
        if min(intervals[:at]) >= _FAR_FACTOR * max(intervals[at : at + _NEAREST]):
            return at
    return 0


def _is_regular(times: Sequence[float], intervals: Sequence[float], usual: float) -> bool:
    """Return whether most intervals are alike, or most runs have one at the same time a day or a week later."""
    if usual > 0 and sum(abs(one - usual) <= _ALIKE * usual for one in intervals) >= _REGULAR_SHARE * len(intervals):
        return True
    tolerance = min(_ALIKE * usual, 3 * _HOUR)
    for lag in (_DAY, _WEEK):
        due = [at + lag for at in times if at + lag <= times[-1]]
        followed = [_count(times, at - tolerance, at + tolerance) > 0 for at in due]
        if len(followed) >= _FEWEST_INTERVALS and sum(followed) >= _REPEATED_SHARE * len(followed):
            return True
    return False


def _expected(times: Sequence[float], sooner: float, later: float, usual: float) -> int:
    """Return how many runs were to be expected in a gap."""
    start, end = sooner + _TOLERANCE * usual, later - _TOLERANCE * usual
    for lag in (_WEEK, _DAY):
        counts = []
        for way in (-1, 1):
            steps = int((later - sooner) // lag) + 1
            for step in range(steps, steps + _WEEKS_EACH_WAY):
                shift = way * step * lag
                if times[0] <= sooner + shift + _TOLERANCE * usual and later + shift <= times[-1] + _TOLERANCE * usual:
                    counts.append(_count(times, start + shift, end + shift))
        if counts:
            return median_low(counts)
        # Before the first weekend has a second to be held against, a job that never ran at one may not be meant to.
        if lag == _WEEK and (weekend := _weekend(sooner, later)) and not any(_utc(at).weekday() >= 5 for at in times):
            rest = later - sooner - weekend
            longest = max(b - a for a, b in pairwise(times) if a != sooner)
            return 0 if rest <= longest + _TOLERANCE * usual else round(rest / usual) - 1
    return round((later - sooner) / usual) - 1


def _weekend(sooner: float, later: float) -> float:
    """Return how many seconds of a stretch lie on Saturdays and Sundays."""
    seconds, at = 0.0, sooner
    while at < later:
        midnight = min(later, (at // _DAY + 1) * _DAY)
        seconds += midnight - at if _utc(at).weekday() >= 5 else 0.0
        at = midnight
    return seconds


def _count(times: Sequence[float], start: float, end: float) -> int:
    return bisect_right(times, end) - bisect_left(times, start)


def _in_words(times: Sequence[float], usual: float) -> str:
    text = f"about every {spell(_rounded(usual))}"
    if times[-1] - times[0] >= 2 * _WEEK and usual <= 1.2 * _DAY:
        without = [day for day in range(7) if not any(_utc(at).weekday() == day for at in times)]
        if without and len(without) <= 3:
            text += f", none on {' and '.join(_DAYS[day] for day in without)}"
    return text


def _rounded(seconds: float) -> float:
    """Return an interval without its jitter, which is no part of the rhythm."""
    if seconds < 60:
        return seconds
    step = max(nice for nice in (60.0, 300.0, 900.0, _HOUR) if nice <= max(60.0, seconds / 50))
    return max(60.0, round(seconds / step) * step)


def _utc(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
