"""The geometry of a chart of actuals against their objective, drill by drill over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from drtool.amounts import count
from drtool.audit.result import AuditedDrill, Target
from drtool.record.verdicts import Verdict
from drtool.render.wording import axis_date, short_duration
from drtool.times import format_duration

WIDTH, HEIGHT = 480, 208
LEFT, RIGHT, HIGH, BASE = 62, 468, 14, 164
STRIP = BASE + 11  # below the axis: what has no figure
_ROOM = 1.12  # above the largest, for its figure
_MANY = 60  # from here on points are drawn smaller


@dataclass(frozen=True, kw_only=True)
class Point:
    """One drill's actual; `outcome` is `met`, `missed` or `open`."""

    x: float
    y: float
    outcome: str


@dataclass(frozen=True, kw_only=True)
class Level:
    """An objective for as long as it stood."""

    start: float
    end: float
    y: float


@dataclass(frozen=True, kw_only=True)
class Label:
    """A word on a chart; `anchor` is as in SVG."""

    x: float
    y: float
    anchor: str
    text: str
    strong: bool = False


@dataclass(frozen=True, kw_only=True)
class Trend:
    """A chart.

    Attributes:
        points: the drills that have an actual.
        without: where on the axis drills lie that have none.
        levels: the objective.
        labels: what is written on it.
        radius: of a point.
        title: what the chart shows.
        words: the same as the chart, for those who do not see it.
    """

    points: tuple[Point, ...]
    without: tuple[float, ...]
    levels: tuple[Level, ...]
    labels: tuple[Label, ...]
    radius: float
    title: str
    words: str

    @property
    def line(self) -> str:
        """The points as the coordinates of a line through them."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)


@dataclass(frozen=True, kw_only=True)
class Drilled:
    """A drill with its target; None where there is no report to take it from."""

    at: datetime
    target: Target | None

    @property
    def actual_seconds(self) -> float | None:
        """Its actual; None where it has none."""
        return self.target.actual_seconds if self.target else None

    @property
    def objective_seconds(self) -> float | None:
        """Its objective; None where it has none."""
        return self.target.objective_seconds if self.target else None


def rta(drills: Sequence[AuditedDrill], since: datetime, until: datetime) -> Trend:
    """Return the chart of the recovery times of drills, the oldest first, over a period."""
    drilled = [Drilled(at=one.started_at, target=one.report.rto if one.report else None) for one in drills]
    return _trend("RTA", "RTO", drilled, since, until)


def rpa(drills: Sequence[AuditedDrill], since: datetime, until: datetime) -> Trend:
    """Return the chart of how much the drills would have lost, the oldest first, over a period."""
    drilled = [Drilled(at=one.started_at, target=one.report.rpo if one.report else None) for one in drills]
    return _trend("RPA", "RPO", drilled, since, until)


def _trend(short: str, goal: str, drilled: Sequence[Drilled], since: datetime, until: datetime) -> Trend:
    known = [one for one in drilled if one.actual_seconds is not None]
    actuals = [max(0.0, one.actual_seconds or 0.0) for one in known]
    objectives = [one.objective_seconds for one in drilled if one.objective_seconds]
    top = max([*actuals, *objectives], default=0.0) * _ROOM
    length = (until - since).total_seconds()

    def x(at: datetime) -> float:
        share = (at - since).total_seconds() / length if length > 0 else 0.5
        return LEFT + 6 + (RIGHT - LEFT - 12) * min(max(share, 0.0), 1.0)

    def y(seconds: float) -> float:
        return BASE - (BASE - HIGH) * (seconds / top if top > 0 else 0.0)

    pairs = zip(known, actuals, strict=True)
    points = tuple(Point(x=x(one.at), y=y(actual), outcome=_outcome(one.target)) for one, actual in pairs)
    levels = _levels([(x(one.at), one.objective_seconds) for one in drilled if one.target], y)
    dates = [Label(x=x(at), y=HEIGHT - 8, anchor=anchor, text=text) for at, anchor, text in _dates(since, until)]
    return Trend(
        points=points,
        without=tuple(x(one.at) for one in drilled if one.actual_seconds is None),
        levels=levels,
        labels=(*_levels_named(levels, objectives, goal), *_longest_named(points, actuals, levels), *dates),
        radius=3.2 if len(points) <= _MANY else 2.2,
        title=f"{short} against the {goal}, drill by drill",
        words=_words(short, goal, drilled),
    )


def _outcome(target: Target | None) -> str:
    if target is None or target.verdict not in (Verdict.PASSED, Verdict.FAILED):
        return "open"
    return "met" if target.verdict is Verdict.PASSED else "missed"


def _levels(objectives: Sequence[tuple[float, float | None]], y: Callable[[float], float]) -> tuple[Level, ...]:
    """Return the objective as steps, each from the drill that first had it to the one that had another."""
    levels: list[Level] = []
    start, current = float(LEFT), None
    for at, objective in [*objectives, (float(RIGHT), None)]:
        if objective == current and at < RIGHT:
            continue
        if current:
            levels.append(Level(start=start, end=at, y=y(current)))
        start, current = (at if levels or current is not None else float(LEFT)), objective
    return tuple(levels)


def _levels_named(levels: Sequence[Level], objectives: Sequence[float], goal: str) -> list[Label]:
    """Return the words on the axis: nought, and the objective as it stands at the end."""
    at_y = levels[-1].y if levels else 0.0
    nought = Label(x=LEFT - 6, y=BASE + 4, anchor="end", text="0")
    if not levels:
        return [nought]
    named = [
        Label(x=LEFT - 6, y=at_y - 2, anchor="end", text=goal),
        Label(x=LEFT - 6, y=at_y + 11, anchor="end", text=short_duration(objectives[-1])),
    ]
    return [*named, nought] if at_y < BASE - 24 else named


def _longest_named(points: Sequence[Point], actuals: Sequence[float], levels: Sequence[Level]) -> list[Label]:
    if not points:
        return []
    point, longest = max(zip(points, actuals, strict=True), key=lambda pair: pair[1])
    anchor = "start" if point.x < LEFT + 60 else "end" if point.x > RIGHT - 60 else "middle"
    struck = any(0 < point.y - level.y < 20 for level in levels)  # the objective's line would go through the words
    y = point.y + 18 if struck else point.y - 7
    return [Label(x=point.x, y=y, anchor=anchor, text=format_duration(longest))]


def _dates(since: datetime, until: datetime) -> list[tuple[datetime, str, str]]:
    """Return what to write below the axis: an instant, how it is anchored, and its text."""
    if not (length := until - since):
        return [(since, "middle", f"{since.day} {since:%b %Y}")]
    wanted = ((since, "start"), (since + length / 2, "middle"), (until, "end"))
    return [(at, anchor, axis_date(at, length)) for at, anchor in wanted]


def _words(short: str, goal: str, drilled: Sequence[Drilled]) -> str:
    if not (known := [(one.at, one.actual_seconds) for one in drilled if one.actual_seconds is not None]):
        return f"No drill has an {short}."
    (last_at, last), (worst_at, worst) = known[-1], max(known, key=lambda pair: pair[1])
    missed = sum(_outcome(one.target) == "missed" for one in drilled)
    said = [f"{short}: latest {format_duration(last)} ({last_at:%Y-%m-%d})"]
    if len(known) > 1:
        said.append(f"longest {format_duration(worst)} ({worst_at:%Y-%m-%d})")
    if any(one.objective_seconds for one in drilled):
        became = f"missed by {missed} of {count(len(drilled), 'drill')}" if missed else "never missed"
        said.append(f"{goal} {became}")
    if without := len(drilled) - len(known):
        said.append(f"{count(without, 'drill')} without an {short}")
    return f"{', '.join(said)}."
