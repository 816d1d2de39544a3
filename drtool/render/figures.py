"""The geometry of the page's drawings, in thousandths of their width."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from drtool.record.model import DrillRecord
from drtool.record.recovery import Rpo, Rto
from drtool.record.steps import Phase, Step
from drtool.record.verdicts import Verdict

WIDTH = 1000
_SLIVER = 4  # what took hardly any time is still to be seen
_MANY = 3  # so many that they are put together
_ROOM = 1.08  # so that the longer of the two bars does not touch the edge


@dataclass(frozen=True, kw_only=True)
class GoalBar:
    """An objective and its actual on one scale; `allowance` is the part of the actual that was not measured."""

    objective: int
    actual: int
    allowance: int


@dataclass(frozen=True, kw_only=True)
class StepBar:
    """Where a step lies in the drill; `steps` are the names of those that it stands for, where it is several."""

    start: int
    width: int
    steps: tuple[str, ...] = ()


def goal_bar(goal: Rto | Rpo) -> GoalBar | None:
    """Return how to draw an objective against its actual, or None where there are not both."""
    if goal.actual_seconds is None or not goal.objective_seconds:
        return None
    longest = max(goal.actual_seconds, goal.objective_seconds) * _ROOM
    actual = _part(goal.actual_seconds, longest)
    allowance = _part(goal.allowance_seconds, longest) if isinstance(goal, Rto) else 0
    objective = _part(goal.objective_seconds, longest)
    return GoalBar(objective=objective, actual=max(actual, _SLIVER), allowance=min(allowance, actual))


def step_bars(record: DrillRecord) -> list[tuple[Step, StepBar]]:
    """Return each step with how to draw it on the scale of the whole drill.

    Steps of verification that follow each other are one line, unless something came of them: the checks tell of each.
    """
    end = drill_seconds(record.steps)
    return [_drawn(group, end) for group in _groups(record.steps)]


def drill_seconds(steps: Iterable[Step]) -> float:
    """Return when the last step ended, in seconds from the drill's start."""
    return max((step.offset_seconds + step.elapsed_seconds for step in steps), default=0.0)


def _groups(steps: Iterable[Step]) -> Iterator[Sequence[Step]]:
    def is_quiet(step: Step) -> bool:
        return step.phase is Phase.VERIFY and step.outcome is Verdict.PASSED and not step.counted and not step.error

    for quiet, found in groupby(steps, key=is_quiet):
        group = list(found)
        if quiet and len(group) >= _MANY:
            yield group
        else:
            yield from ([step] for step in group)


def _drawn(group: Sequence[Step], end: float) -> tuple[Step, StepBar]:
    first, last = group[0], max(group, key=lambda step: step.offset_seconds + step.elapsed_seconds)
    width = max(_part(last.offset_seconds + last.elapsed_seconds - first.offset_seconds, end), _SLIVER)
    bar = StepBar(start=min(_part(first.offset_seconds, end), WIDTH - width), width=width)
    if len(group) == 1:
        return first, bar
    spent = sum(step.elapsed_seconds for step in group)
    whole = replace(first, name=f"{len(group)} steps of verification", elapsed_seconds=spent)
    return whole, replace(bar, steps=tuple(step.name for step in group))


def _part(seconds: float, whole: float) -> int:
    return max(0, min(WIDTH, round(WIDTH * seconds / whole))) if whole > 0 else 0
