"""Whether each scenario is drilled as often as it should be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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
        overdue: whether it has not passed for longer than it should; None where that was not asked.
    """

    scenario: str
    drills: int
    passed: int
    failed: int
    last_at: datetime | None
    last_passed_at: datetime | None
    longest_gap_seconds: float | None
    overdue: bool | None = None


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


def judged(
    found: Iterable[ScenarioHistory], cadence: timedelta, at: datetime, *, asked: Sequence[str]
) -> list[ScenarioHistory]:
    """Return the scenarios with whether each is overdue: without a passed drill for longer than the cadence.

    A drill that failed or could not be carried out shows no recovery, so it puts nothing off.

    Args:
        found: the scenarios.
        cadence: how often each should pass.
        at: the instant to judge by, UTC.
        asked: scenarios asked for by name; else those of `drtool verify` are left out.
    """
    return [
        one
        if one.scenario == AD_HOC and AD_HOC not in asked
        else replace(one, overdue=one.last_passed_at is None or at - one.last_passed_at > cadence)
        for one in found
    ]


def problems(judged: Iterable[ScenarioHistory], cadence: timedelta, at: datetime) -> list[Problem]:
    """Return the scenarios that are overdue as problems of the evidence; the arguments are those of `judged`."""
    return [_overdue(one, cadence, at) for one in judged if one.overdue]


def _overdue(one: ScenarioHistory, cadence: timedelta, at: datetime) -> Problem:
    last, back = "never passed a drill", ""
    if one.last_passed_at:
        last = f"last passed on {one.last_passed_at:%Y-%m-%d}"
        back = f", {format_duration((at - one.last_passed_at).total_seconds())} back"
    what = f"is overdue: it {last}{back}, and should pass every {format_duration(cadence.total_seconds())}"
    return failed("overdue", f"Scenario {visible(one.scenario)}", what)


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
