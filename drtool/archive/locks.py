"""Holds the retention of each object in an archive against what was asked for. Pure: no bucket is asked here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from drtool.amounts import listed
from drtool.archive.fetching import Stored
from drtool.archive.layout import DrillFile, LedgerLine
from drtool.archive.retention import asked
from drtool.audit.problems import Problem, failed, unverified
from drtool.audit.result import AuditedDrill
from drtool.host.plain import visible
from drtool.times import utc

_NAMED = 3


def judged(
    stored: Iterable[Stored], drills: Sequence[AuditedDrill], lines: Mapping[LedgerLine, str], now: datetime
) -> tuple[tuple[AuditedDrill, ...], list[Problem]]:
    """Say of each drill that was looked at until when all of it is locked, and what is wrong with that.

    Args:
        stored: the archive's objects.
        drills: those that were looked at.
        lines: which drill each line of the ledger is about.
        now: UTC.
    """
    by_drill: dict[str, list[Stored]] = {drill.drill_id: [] for drill in drills}
    for one in stored:
        drill_id = one.part.drill_id if isinstance(one.part, DrillFile) else lines.get(one.part, "")
        if drill_id in by_drill:
            by_drill[drill_id].append(one)
    looked = [_looked(drill, by_drill[drill.drill_id], now) for drill in drills]
    return tuple(drill for drill, _ in looked), [problem for _, problems in looked for problem in problems]


def _looked(drill: AuditedDrill, objects: Sequence[Stored], now: datetime) -> tuple[AuditedDrill, list[Problem]]:
    folder = f"{visible(drill.drill_id)}/"
    bare = [one for one in objects if one.until is None]
    ends = [one.until for one in objects if one.until is not None]
    problems = []
    if bare:
        what = f"can be changed and removed: {_names(bare)} without retention"
        problems.append(failed("archive-retention-missing", folder, what, drill_id=drill.drill_id))
    retention = asked(drill.report.archive) if drill.report and drill.report.archive else None
    if retention:
        locked = ((one, one.until) for one in objects if one.until)
        if short := [one for one, until in locked if retention.falls_short(one.mode, until, one.version.stored_at)]:
            least = min(one.until for one in short if one.until)
            what = f"is kept for less than its report says was asked for: {_names(short)} until {utc(least)}"
            problems.append(failed("archive-retention-short", folder, what, drill_id=drill.drill_id))
    if ends and min(ends) <= now:
        ended = f"its retention ended at {utc(min(ends))}"
        what = f"is no longer locked: {ended}, so nothing proves that nothing was removed"
        problems.append(unverified("archive-retention-ended", folder, what, drill_id=drill.drill_id))
    modes = sorted({one.mode for one in objects if one.mode})
    locked_until = min(ends) if ends and not bare else None
    return replace(drill, locked_until=locked_until, lock_mode=" and ".join(modes) or None), problems


def _names(objects: Sequence[Stored]) -> str:
    names = sorted(one.part.name if isinstance(one.part, DrillFile) else one.part.key for one in objects)
    return f"{listed(names, at_most=_NAMED)} {'is' if len(names) == 1 else 'are'}"
