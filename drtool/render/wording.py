"""Instants, durations and verdicts in words, the same in every rendering."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from drtool.audit.result import Target, WorstLoss
from drtool.record.environment import Profile
from drtool.record.recovery import Evidence, Rpo, Rto
from drtool.record.verdicts import Verdict
from drtool.times import format_duration

_HOUR, _DAY = 3_600.0, 86_400.0
_SAID_ALREADY = re.compile(r"\A(?:RTO|RPO) (?:met|missed|cannot be judged|not told): ")  # the last in older records

MEANING = {
    Verdict.PASSED: "The backups were restored, every check passed, and every objective that was to be judged was met.",
    Verdict.FAILED: "A backup did not restore, a check failed, or an objective was missed.",
    Verdict.UNVERIFIED: "Something that was to be measured could not be, so the drill proves nothing either way.",
}
"""What each verdict of a drill says, in a sentence."""

UNSIGNED = "Nothing shows who wrote this record, or that it is as it was written."
"""What it means that a record is unsigned."""

RANKS = {
    1: "a witness in the restored data",
    2: "the log position replayed to",
    3: "the backup's own record",
    4: "the store's record",
}
"""The kinds of evidence for a recovery point, by rank."""

PROFILES = {
    Profile.FAITHFUL: "stock server settings on a volume on disk, as production has it; recovery times count",
    Profile.FAST: "a server tuned for speed, which restores faster than production would; recovery times are held "
    "against the objective only where the scenario asks for it",
}
"""What each profile means for the recovery time."""


def format_instant(at: datetime) -> str:
    """Return an instant for people, to the second and with its zone, which in a record is UTC."""
    if at.utcoffset() == timedelta(0):
        return f"{at:%Y-%m-%d %H:%M:%S} UTC"
    return at.isoformat(" ", "seconds") if at.tzinfo else f"{at.isoformat(' ', 'seconds')} (no zone)"


def format_span(evidence: Evidence) -> str:
    """Return when the recovery point was by a piece of evidence: an instant, or the two it lies between."""
    earliest = format_instant(evidence.recovery_point)
    if evidence.latest is None or evidence.latest == evidence.recovery_point:
        return earliest
    return f"between {earliest} and {format_instant(evidence.latest)}"


def short_duration(seconds: float) -> str:
    """Return a duration in one unit, for an axis."""
    for unit, size, enough in (("d", _DAY, 3 * _DAY), ("h", _HOUR, 2 * _HOUR), ("min", 60.0, 120.0)):
        if seconds >= enough:
            return f"{round(seconds / size, 1):g} {unit}"
    return f"{seconds:.0f} s"


def duration_or_dash(seconds: float | None) -> str:
    """Return a duration for a cell of a table; a dash where there is none."""
    return "-" if seconds is None else format_duration(seconds)


def axis_date(at: datetime, length: timedelta) -> str:
    """Return an instant for an axis of that length, as finely as it takes there."""
    if length > timedelta(days=300):
        return f"{at:%b %Y}"
    return f"{at.day} {at:%b}" if length > timedelta(days=2) else f"{at:%H:%M} UTC"


def format_share(part: float, whole: float) -> str:
    """Return what part of a whole something is, in per cent; neither nothing nor all of it by rounding alone."""
    if whole <= 0:
        return ""
    share = 100 * part / whole
    if 0 < share < 1:
        return "under 1 %"
    if 100 < share < 101:
        return "just over 100 %"
    return f"{min(round(share), 99) if share < 100 else share:.0f} %"


def goal_word(goal: Rto | Rpo | Target | WorstLoss) -> str:
    """Return in a word or two what became of an objective."""
    if goal.objective_seconds is None:
        return "no objective"
    words = {Verdict.PASSED: "met", Verdict.FAILED: "MISSED", Verdict.UNVERIFIED: "UNVERIFIED", None: "not judged"}
    return words[goal.verdict]


def goal_reason(goal: Rto | Rpo) -> str:
    """Return an objective's reason without the word that `goal_word` says already."""
    return _SAID_ALREADY.sub("", goal.reason)
