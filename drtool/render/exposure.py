"""Exposure over a store's history as a column chart: in characters for the terminal, its geometry for the page."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from rich.style import Style

from drtool.record.exposure import Exposure, ExposureBar
from drtool.render.trend import Label
from drtool.render.wording import axis_date, short_duration
from drtool.times import spell, written

WIDTH, HEIGHT = 360, 98  # as wide as half a printed page, with words of 8 pt
LEFT, RIGHT, HIGH, BASE = 44, 354, 16, 78
_ROWS = 8
_WIDEST_COLUMN = 4
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_OVER, _WITHIN, _TARGET = Style.parse("bold red"), Style.parse("green"), Style.parse("yellow")
_HOUR, _DAY = 3_600.0, 86_400.0


@dataclass(frozen=True, kw_only=True)
class _Tick:
    column: int
    text: str


@dataclass(frozen=True, kw_only=True)
class DrawnColumn:
    """The largest RPA in a stretch of the period; `over` the objective or not."""

    x: float
    y: float
    width: float
    height: float
    over: bool


@dataclass(frozen=True, kw_only=True)
class Columns:
    """A chart.

    Attributes:
        ident: tells it from the others of its page.
        title: what the chart shows.
        words: the same as the chart, for those who do not see it.
        objective_y: None where there is no objective.
        ticks: where on the axis dates stand.
        labels: what is written on it.
    """

    ident: str
    title: str
    words: str
    columns: tuple[DrawnColumn, ...]
    objective_y: float | None
    ticks: tuple[float, ...]
    labels: tuple[Label, ...]


def chart(exposure: Exposure, width: int, colour: bool, *, ascii_only: bool = False) -> str:
    """Return a column chart of the largest RPA in each stretch of the period; empty where there is nothing to draw.

    Args:
        exposure: what to draw.
        width: in columns; from 40 on it can be read.
        colour: whether to use ANSI colours; they say nothing that the characters do not.
        ascii_only: for terminals whose encoding has no blocks.
    """
    if (largest := _largest(exposure)) is None:
        return ""
    top = max(largest, exposure.objective_seconds or 0.0)
    labels = {_ROWS - 1: short_duration(top)}
    if exposure.objective_seconds:
        labels[_row_of(exposure.objective_seconds, top)] = f"RPO {short_duration(exposure.objective_seconds)}"
    indent = max(map(len, labels.values())) + 2
    bars = _merged(exposure.bars, width - indent - 1)
    column = max(1, min(_WIDEST_COLUMN, (width - indent - 1) // len(bars)))
    canvas = [[" "] * (len(bars) * column) for _ in range(_ROWS)]
    styles: dict[tuple[int, int], Style] = {}
    target = _row_of(exposure.objective_seconds, top) if exposure.objective_seconds else None
    for at, bar in enumerate(bars):
        over = exposure.objective_seconds is not None and (bar.rpa_seconds or 0.0) > exposure.objective_seconds
        for row in range(_ROWS):
            cell = _cell(bar.rpa_seconds or 0.0, top, row, over=over, ascii_only=ascii_only)
            for place in range(at * column, at * column + max(1, column - 1)):
                canvas[row][place] = cell
                styles[row, place] = _OVER if over else _WITHIN
    if target is not None:
        for place, cell in enumerate(canvas[target]):
            if cell == " ":
                canvas[target][place] = "-" if ascii_only else "╌"
                styles[target, place] = _TARGET
    upright, corner = ("|", "+") if ascii_only else ("│", "└")
    lines = [_caption(exposure, bars, column, indent, ascii_only=ascii_only)]
    for row in range(_ROWS - 1, -1, -1):
        cells = _styled(canvas[row], [styles.get((row, at)) for at in range(len(canvas[row]))], colour=colour)
        lines.append(f"{labels.get(row, ''):>{indent - 1}} {upright}{cells}".rstrip())
    lines.append(f"{'0':>{indent - 1}} {corner}{('-' if ascii_only else '─') * len(bars) * column}")
    dates = ""
    for tick in _ticks(bars, column, 12):
        dates = f"{dates:<{tick.column}}{tick.text}"
    lines.append(" " * (indent + 1) + dates)
    return "\n".join(line for line in lines if line.strip())


def columns(exposure: Exposure) -> Columns | None:
    """Return the same chart as a page draws it, readable in black and white and by ear; None where there is nothing."""
    if (largest := _largest(exposure)) is None:
        return None
    top = max(largest, exposure.objective_seconds or 0.0) * 1.05
    bars = exposure.bars
    step = (RIGHT - LEFT) / len(bars)
    gap = min(1.5, step / 4)

    def y(seconds: float) -> float:
        return BASE - (BASE - HIGH) * seconds / top

    ticks = [(LEFT + tick.column * step, tick.text) for tick in _ticks(bars, 1, max(1, round(64 / step)))]
    objective = exposure.objective_seconds or None
    objective_y = y(objective) if objective else None
    name = hashlib.sha256(f"{exposure.pattern}\0{exposure.series}\0{exposure.until}".encode("utf-8", "replace"))
    return Columns(
        ident=f"exposure-{name.hexdigest()[:12]}",
        title=f"Largest RPA in each {_length(bars)} from {written(bars[0].start)} to {written(exposure.until)}",
        words=exposure.reason,
        columns=tuple(
            DrawnColumn(
                x=LEFT + at * step + gap / 2,
                y=y(bar.rpa_seconds),
                width=max(step - gap, 0.5),
                height=max(BASE - y(bar.rpa_seconds), 0.5),
                over=objective is not None and bar.rpa_seconds > objective,
            )
            for at, bar in enumerate(bars)
            if bar.rpa_seconds is not None
        ),
        objective_y=objective_y,
        ticks=tuple(x for x, _ in ticks),
        labels=(
            Label(x=LEFT - 6, y=BASE + 4, anchor="end", text="0"),
            *_objective_named(objective, objective_y),
            *_worst_named(exposure, step, y(largest)),
            *(Label(x=x, y=BASE + 16, anchor="start", text=text) for x, text in ticks),
        ),
    )


def _objective_named(seconds: float | None, at_y: float | None) -> list[Label]:
    if seconds is None or at_y is None:
        return []
    return [
        Label(x=LEFT - 6, y=min(at_y - 2, BASE - 18), anchor="end", text="RPO", strong=True),
        Label(x=LEFT - 6, y=min(at_y + 10, BASE - 6), anchor="end", text=short_duration(seconds)),
    ]


def _worst_named(exposure: Exposure, step: float, at_y: float) -> list[Label]:
    if (worst := _worst_column(exposure, exposure.bars)) is None:
        return []
    x = LEFT + (worst + 0.5) * step
    anchor = "start" if x < LEFT + 64 else "end" if x > RIGHT - 64 else "middle"
    return [Label(x=x, y=max(at_y - 5, 11), anchor=anchor, text=_worst_words(exposure), strong=True)]


def _largest(exposure: Exposure) -> float | None:
    return max((bar.rpa_seconds for bar in exposure.bars if bar.rpa_seconds), default=None)


def _merged(bars: Sequence[ExposureBar], at_most: int) -> list[ExposureBar]:
    """Return the bars, as many together as it takes to fit."""
    each = -(-len(bars) // max(1, at_most))
    groups = [bars[at : at + each] for at in range(0, len(bars), each)]
    return [
        ExposureBar(
            start=group[0].start,
            end=group[-1].end,
            rpa_seconds=max((bar.rpa_seconds for bar in group if bar.rpa_seconds is not None), default=None),
        )
        for group in groups
    ]


def _row_of(seconds: float, top: float) -> int:
    return min(_ROWS - 1, int(seconds / top * _ROWS))


def _cell(seconds: float, top: float, row: int, *, over: bool, ascii_only: bool) -> str:
    """Return the character of a column in one row: full, empty, or the column's top."""
    filled = max(0.0, min(1.0, seconds / top * _ROWS - row))
    if row == 0 and seconds > 0:
        filled = max(filled, 1 / 8)  # a short RPA is still one
    if ascii_only:
        return ("#" if over else ":") if filled >= 0.5 or (row == 0 and filled) else " "
    return ("█" if over else "▒") if filled >= 15 / 16 else _EIGHTHS[round(filled * 8)]


def _styled(cells: Sequence[str], styles: Sequence[Style | None], *, colour: bool) -> str:
    """Return a row of cells, with its colours if there are to be any."""
    if not colour:
        return "".join(cells)
    shown = [style if cell != " " else None for cell, style in zip(cells, styles, strict=True)]
    runs = groupby(zip(cells, shown, strict=True), key=lambda pair: pair[1])
    texts = ((style, "".join(cell for cell, _ in run)) for style, run in runs)
    return "".join(style.render(text) if style else text for style, text in texts)


def _worst_column(exposure: Exposure, bars: Sequence[ExposureBar]) -> int | None:
    if exposure.worst_at is None:
        return None
    return next((at for at, bar in enumerate(bars) if bar.start < exposure.worst_at <= bar.end), None)


def _worst_words(exposure: Exposure) -> str:
    assert exposure.worst_at is not None  # noqa: S101 (asked before)
    when = "now" if exposure.worst_at == exposure.until else f"{exposure.worst_at.day} {exposure.worst_at:%b}"
    return f"{spell(exposure.worst_rpa_seconds or 0.0)}, {when}"


def _caption(exposure: Exposure, bars: Sequence[ExposureBar], column: int, indent: int, *, ascii_only: bool) -> str:
    """Return the line above the chart that says in words which column is the worst."""
    if (at := _worst_column(exposure, bars)) is None:
        return ""
    place = indent + 1 + at * column
    text = _worst_words(exposure)
    arrow = "v" if ascii_only else "▼"
    return f"{text} {arrow}".rjust(place + 1) if place > len(text) else " " * place + f"{arrow} {text}"


def _ticks(bars: Sequence[ExposureBar], column: int, apart: int) -> list[_Tick]:
    """Return the dates below the chart, no closer than so many columns."""
    length = bars[-1].end - bars[0].start
    by_day = length > timedelta(days=2)
    ticks: list[_Tick] = []
    for at, bar in enumerate(bars):
        if by_day and (bar.start.hour or bar.start.minute) and at:
            continue
        if not ticks or at * column - ticks[-1].column >= apart:
            ticks.append(_Tick(column=at * column, text=axis_date(bar.start, length)))
    if len(ticks) > 1 and len(bars) * column - ticks[-1].column < apart / 2:
        ticks.pop()
    return ticks


def _length(bars: Sequence[ExposureBar]) -> str:
    """Return how long a stretch is that a column stands for."""
    seconds = max((bar.end - bar.start).total_seconds() for bar in bars)
    return {_HOUR: "hour", _DAY: "day", 7 * _DAY: "week"}.get(seconds, spell(seconds))
