"""Exposure in words and as a chart, for the terminal."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from drtool.amounts import count, format_size
from drtool.record.exposure import Exposure
from drtool.record.verdicts import Verdict
from drtool.render.details import OUTCOMES
from drtool.render.exposure import chart
from drtool.render.sheet import Sheet
from drtool.render.wording import format_instant
from drtool.times import spell

_AT_MOST = 5
_WORDS = {Verdict.PASSED: "MET", Verdict.FAILED: "MISSED", Verdict.UNVERIFIED: "UNVERIFIED"}


def text(
    exposure: Exposure, *, colour: bool, width: int | None = None, ascii_only: bool = False, said: Sequence[str] = ()
) -> str:
    """Return an exposure for people: the answer, the chart, and what stands behind them.

    Args:
        exposure: what to show.
        colour: whether to use ANSI colours; they say nothing that the words do not.
        width: in columns; the terminal's own if not given.
        ascii_only: for terminals whose encoding has no more.
        said: warnings that were shown with another series of the same pattern already.
    """
    width = max(40, min(width or shutil.get_terminal_size((100, 24)).columns, 100))
    sheet = Sheet(colour=colour, width=width)
    word = _WORDS[exposure.verdict] if exposure.verdict else "EXPOSURE"
    series = f" ({exposure.series})" if exposure.series else ""
    sheet.row(word, f"{exposure.pattern}{series}", style=OUTCOMES[exposure.verdict] if exposure.verdict else "bold")
    sheet.row("", exposure.reason)
    if exposure.point_count:
        _figures(sheet, exposure)
    drawn = chart(exposure, width - 1, colour, ascii_only=ascii_only)
    behind = Sheet(colour=colour, width=width)
    _behind(behind, exposure, said)
    return "\n\n".join(part for part in (sheet.text(), drawn, behind.text().lstrip("\n")) if part.strip())


def _figures(sheet: Sheet, exposure: Exposure) -> None:
    if exposure.current_rpa_seconds is not None and exposure.current_recovery_point:
        point = format_instant(exposure.current_recovery_point)
        sheet.row("RPA now", f"{spell(exposure.current_rpa_seconds)}, recovery point {point}")
    if exposure.worst_rpa_seconds is not None and exposure.worst_at and exposure.worst_recovery_point:
        when = "now" if exposure.worst_at == exposure.until else f"just before {format_instant(exposure.worst_at)}"
        point = format_instant(exposure.worst_recovery_point)
        sheet.row("Worst RPA", f"{spell(exposure.worst_rpa_seconds)}, {when}, recovery point {point}")
    if exposure.since:
        points = count(exposure.point_count, "recovery point")
        sheet.row("Period", f"{format_instant(exposure.since)} to {format_instant(exposure.until)}, {points}")
    lag = f"; {spell(exposure.usual_lag_seconds)} from start to restorable" if exposure.usual_lag_seconds else ""
    sheet.row("Rhythm", f"{exposure.rhythm}{lag}")


def _behind(sheet: Sheet, exposure: Exposure, said: Sequence[str]) -> None:
    missing = [
        f"{count(one.count, 'run')} {'overdue since' if one.overdue else 'between'} {format_instant(one.after)}"
        + ("" if one.overdue else f" and {format_instant(one.before)}")
        for one in reversed(exposure.missing)
    ]
    _rows(sheet, "Missing", missing, len(exposure.missing))
    doubtful = [f"{one.location}: {one.doubt}" for one in reversed(exposure.doubtful)]
    _rows(sheet, "Doubtful", doubtful, exposure.doubtful_count)
    if exposure.doubtful and exposure.worst_without_doubtful_seconds is not None:
        sheet.row("", f"without them the worst RPA is {spell(exposure.worst_without_doubtful_seconds)}")
    unusable = [
        f"{one.location}: {one.why}" + (f" ({format_size(one.size_bytes)})" if one.size_bytes else "")
        for one in reversed(exposure.unusable)
    ]
    _rows(sheet, "Unusable", unusable, exposure.unusable_count)
    warnings = [one for one in exposure.warnings if one not in said]
    _rows(sheet, "Warnings", warnings, len(warnings), at_most=len(warnings))
    _rows(sheet, "Assumed", exposure.assumptions, len(exposure.assumptions), at_most=len(exposure.assumptions))


def _rows(sheet: Sheet, label: str, rows: Sequence[str], total: int, *, at_most: int = _AT_MOST) -> None:
    sheet.rows(label, rows[:at_most])
    if rows and total > at_most:
        sheet.row("", f"and {total - at_most} more")
