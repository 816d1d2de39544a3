"""Whether each scenario is drilled as often as it should be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from drtool.evidence.plain import visible
from drtool.evidence.problems import Problem, failed
from drtool.objectives import format_duration

AD_HOC = "verify"
"""The scenario that `drtool verify` makes for a backup; nobody has to drill it again."""


@dataclass(frozen=True, kw_only=True)
class Drilled:
    """One drill, as far as the cadence is concerned; `state` is as in `AuditedDrill`."""

    scenario: str
    at: datetime
    state: str


@dataclass(frozen=True, kw_only=True)
class ScenarioHistory:
    """What became of a scenario's drills; instants are UTC.

    Attributes:
        longest_gap_seconds: between passed drills that follow each other; None where fewer than two passed.
    """

    scenario: str
    drills: int
    passed: int
    failed: int
    last_at: datetime | None
    last_passed_at: datetime | None
    longest_gap_seconds: float | None


def histories(drilled: Iterable[Drilled], names: Sequence[str] = ()) -> list[ScenarioHistory]:
    """Return each scenario's history in the order of their names.

    Args:
        drilled: all drills that count.
        names: the scenarios asked for, also those that were never drilled; all that were, where none is given.
    """
    by_name: dict[str, list[Drilled]] = {name: [] for name in names}
    for one in drilled:
        if not names or one.scenario in names:
            by_name.setdefault(one.scenario, []).append(one)
    return [_history(name, sorted(found, key=lambda one: one.at)) for name, found in sorted(by_name.items())]


def overdue(
    found: Iterable[ScenarioHistory], cadence: timedelta, at: datetime, *, asked: Sequence[str]
) -> list[Problem]:
    """Return the scenarios without a passed drill for longer than the cadence.

    A drill that failed or could not be carried out shows no recovery, so it puts nothing off.

    Args:
        found: the scenarios.
        cadence: how often each should pass.
        at: the instant to judge by, UTC.
        asked: scenarios asked for by name; else those of `drtool verify` are left out.
    """
    problems = []
    for one in found:
        if one.scenario == AD_HOC and AD_HOC not in asked:
            continue
        since = at - one.last_passed_at if one.last_passed_at else None
        if since is None or since > cadence:
            last = f"last passed on {one.last_passed_at:%Y-%m-%d}" if one.last_passed_at else "never passed a drill"
            back = f", {format_duration(since.total_seconds())} back" if since else ""
            what = f"is overdue: it {last}{back}, and should pass every {format_duration(cadence.total_seconds())}"
            problems.append(failed("overdue", f"Scenario {visible(one.scenario)}", what))
    return problems


def _history(name: str, found: Sequence[Drilled]) -> ScenarioHistory:
    passed = [one.at for one in found if one.state == "passed"]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(passed)]
    return ScenarioHistory(
        scenario=name,
        drills=len(found),
        passed=len(passed),
        failed=sum(one.state == "failed" for one in found),
        last_at=found[-1].at if found else None,
        last_passed_at=passed[-1] if passed else None,
        longest_gap_seconds=max(gaps, default=None),
    )
