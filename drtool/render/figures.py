"""The geometry of the page's drawings, in thousandths of their width."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from drtool.record import DrillRecord, Rpo, Rto, Step

WIDTH = 1000
_SLIVER = 4  # what took hardly any time is still to be seen
_ROOM = 1.08  # so that the longer of the two bars does not touch the edge


@dataclass(frozen=True, kw_only=True)
class GoalBar:
    """An objective and its actual on one scale; `allowance` is the part of the actual that was not measured."""

    objective: int
    actual: int
    allowance: int


@dataclass(frozen=True, kw_only=True)
class StepBar:
    """Where a step lies in the drill."""

    start: int
    width: int


def goal_bar(goal: Rto | Rpo) -> GoalBar | None:
    """Return how to draw an objective against its actual, or None where there are not both."""
    if goal.actual_seconds is None or not goal.objective_seconds:
        return None
    longest = max(goal.actual_seconds, goal.objective_seconds) * _ROOM
    actual = _part(goal.actual_seconds, longest)
    allowance = _part(goal.allowance_seconds, longest) if isinstance(goal, Rto) else 0
    return GoalBar(
        objective=_part(goal.objective_seconds, longest), actual=max(actual, _SLIVER), allowance=min(allowance, actual)
    )


def step_bars(record: DrillRecord) -> list[tuple[Step, StepBar]]:
    """Return each step with how to draw it on the scale of the whole drill."""
    end = drill_seconds(record.steps)
    return [(step, _step_bar(step, end)) for step in record.steps]


def drill_seconds(steps: Iterable[Step]) -> float:
    """Return when the last step ended, in seconds from the drill's start."""
    return max((step.offset_seconds + step.elapsed_seconds for step in steps), default=0.0)


def _step_bar(step: Step, end: float) -> StepBar:
    width = max(_part(step.elapsed_seconds, end), _SLIVER)
    return StepBar(start=min(_part(step.offset_seconds, end), WIDTH - width), width=width)


def _part(seconds: float, whole: float) -> int:
    return max(0, min(WIDTH, round(WIDTH * seconds / whole))) if whole > 0 else 0
