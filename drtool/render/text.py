"""A drill's record on the terminal: the summary after a drill, and the whole of it for `drtool show`."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from drtool.amounts import format_size
from drtool.audit.problems import TAMPERED
from drtool.record.model import DrillRecord
from drtool.record.recovery import Rpo, Rto
from drtool.record.verdicts import Check, Effect, Verdict
from drtool.render.answers import (
    CheckTally,
    Remains,
    Restoration,
    Restored,
    findings,
    losses_in_sum,
    open_checks,
    projection_in_words,
    remains,
    restorations,
    used_evidence,
)
from drtool.render.details import OUTCOMES, write_details
from drtool.render.sheet import Sheet, words
from drtool.render.wording import RANKS, UNSIGNED, format_instant, format_share, goal_reason, goal_word
from drtool.times import format_both, format_duration

_NAMED_AT_MOST = 5
_EFFECTS = {Effect.FAILED: "bold red", Effect.UNVERIFIED: "bold yellow", Effect.WARNING: "yellow"}


def summary(record: DrillRecord, *, colour: bool, width: int | None = None) -> str:
    """Return what a drill came to, in some twenty lines.

    Args:
        record: the drill.
        colour: whether to use ANSI colours; they say nothing that the words do not.
        width: in columns; the terminal's own if not given.
    """
    sheet = Sheet(colour=colour, width=width)
    _answer(sheet, record, at_most=_NAMED_AT_MOST)
    _rows(sheet, "", [_open_check(check) for check in open_checks(record)], at_most=_NAMED_AT_MOST)
    _findings(sheet, record, at_most=_NAMED_AT_MOST)
    _rows(sheet, "Deviations", [words("- ", text) for text in record.deviations], at_most=_NAMED_AT_MOST)
    _sandbox(sheet, record)
    return sheet.text()


def full(
    record: DrillRecord, *, colour: bool, width: int | None = None, standing: str = "", why: Sequence[str] = ()
) -> str:
    """Return everything that a record holds; the arguments are those of `summary`, and what to say for its verdict.

    Args:
        record: the drill.
        colour: whether to use ANSI colours.
        width: in columns.
        standing: what stands in place of its verdict; nothing where the verdict may.
        why: that, in sentences.
    """
    sheet = Sheet(colour=colour, width=width)
    if standing:
        _doubted(sheet, standing, record.scenario, why)
    _answer(sheet, record, verified=not standing)
    _findings(sheet, record)
    _rows(sheet, "Deviations", [words("- ", text) for text in record.deviations])
    _rows(sheet, "Assumptions", [words("- ", text) for text in record.assumptions])
    _sandbox(sheet, record)
    write_details(sheet, record)
    return sheet.text()


def tampered(name: str, why: Sequence[str], *, colour: bool) -> str:
    """Return what there is to say of a drill whose report is not what it left: nothing that the report says."""
    sheet = Sheet(colour=colour, width=None)
    _doubted(sheet, TAMPERED, name, why)
    sheet.row("", "Nothing in the report counts, so it is not shown.")
    return sheet.text()


def _doubted(sheet: Sheet, standing: str, name: str, why: Sequence[str]) -> None:
    """Write what stands in place of a verdict."""
    sheet.row(standing.upper(), words((name, "bold")), style="bold red" if standing == TAMPERED else "bold yellow")
    sheet.rows("", why)


def _answer(sheet: Sheet, record: DrillRecord, *, at_most: int | None = None, verified: bool = True) -> None:
    """Write what everybody asks first."""
    if verified:
        sheet.row(record.verdict.upper(), words((record.scenario, "bold")), style=OUTCOMES[record.verdict])
        sheet.row("", record.reason)
    if not record.signed:
        sheet.row("UNSIGNED", UNSIGNED, style="bold yellow")
    if record.interrupted:
        sheet.row("INTERRUPTED", "The drill was stopped before its end.", style="bold yellow")
    took = format_duration((record.finished_at - record.started_at).total_seconds())
    sheet.row("Drill", f"{record.drill_id}, took {took}, profile {record.profile}")
    if record.disaster_at != record.started_at:
        sheet.row("Disaster", f"supposed at {format_instant(record.disaster_at)}")
    sheet.row("RTO", _goal(record.rto))
    if reckoned := projection_in_words(record):
        sheet.row("", reckoned)
    sheet.row("RPO", _goal(record.rpo))
    if used := used_evidence(record):
        sheet.row("", f"recovery point {format_instant(used.recovery_point)}, by {RANKS.get(used.rank, used.source)}")
    restored = [_restoration(one) for one in restorations(record)] or [words("no backup was read")]
    _rows(sheet, "Restored", restored, at_most=at_most)
    if record.losses:
        sheet.row("Losses", losses_in_sum(record))
    sheet.row("Checks", str(CheckTally.of(record.checks)))
    exposed = [one for one in record.exposure if one.gap_count > 1]
    told = [words(f"- {one.series or one.pattern.rpartition('/')[2]}: {one.reason}") for one in exposed]
    _rows(sheet, "Exposure", told, at_most=at_most)


def _goal(goal: Rto | Rpo) -> Text:
    """Return an objective and its actual, or the reason where those two do not say it all."""
    word = (goal_word(goal), OUTCOMES[goal.verdict] if goal.verdict else "")
    if goal.objective_seconds is None:
        actual = "not known" if goal.actual_seconds is None else format_duration(goal.actual_seconds)
        return words(word, f"; actual {actual}")
    if goal.actual_seconds is None or goal.verdict is Verdict.UNVERIFIED:
        return words(word, f": {goal_reason(goal)}")
    actual, objective = format_both(goal.actual_seconds, goal.objective_seconds)
    text = f": {actual} of {objective}, {format_share(goal.actual_seconds, goal.objective_seconds)}"
    if isinstance(goal, Rto) and goal.allowance_seconds:
        text += f", with an allowance of {format_duration(goal.allowance_seconds)}"
    return words(word, text if goal.verdict else f"{text}; {goal_reason(goal)}")


def _restoration(one: Restoration) -> Text:
    backup, age = one.backup, one.age_seconds
    style = "" if one.outcome is Restored.WHOLE else "bold red" if one.outcome is Restored.IN_PART else "bold yellow"
    when = f"{format_duration(abs(age))} {'before' if age >= 0 else 'after'} the disaster"
    what = f"- {backup.resource}: " if backup.resource else "- "
    where = f"{': ' if one.outcome in (Restored.NOT, Restored.REJECTED) else ' from '}{backup.location}"
    size, written = format_size(backup.size_bytes), format_instant(backup.modified_at)
    return words(what, (one.outcome, style), f"{where}, {size}, written {written}, {when}")


def _open_check(check: Check) -> Text:
    said = f" {check.resource}: {check.name}: expected {check.expected}, observed {check.observed}"
    return words((check.outcome.upper(), OUTCOMES[check.outcome]), said)


def _findings(sheet: Sheet, record: DrillRecord, *, at_most: int | None = None) -> None:
    """Write the findings; in a summary none is written out again that the reason above holds word for word."""
    label = "Findings"
    ordered = findings(record)
    for found in ordered[:at_most]:
        whose = f" in {found.resource}" if found.resource else ""
        known = at_most is not None and found.message.rstrip(".") in record.reason
        said = f" ({found.effect}){whose}" + ("" if known else f": {found.message}")
        sheet.row(label, words((found.code, _EFFECTS[found.effect]), said))
        if found.mend:
            sheet.row("", words(("Mend: ", "bold"), found.mend))
        label = ""
    _more(sheet, len(ordered) - len(ordered[:at_most]))


def _rows(sheet: Sheet, label: str, texts: Sequence[Text], *, at_most: int | None = None) -> None:
    sheet.rows(label, texts[:at_most])
    _more(sheet, len(texts) - len(texts[:at_most]))


def _more(sheet: Sheet, number: int) -> None:
    if number:
        sheet.row("", f"... and {number} more; `drtool show` has them all")


def _sandbox(sheet: Sheet, record: DrillRecord) -> None:
    """Write what is left of the sandbox, which holds restored data."""
    left = remains(record)
    style = "" if left in (Remains.GONE, Remains.NONE_MADE) else "bold yellow"
    names = f": {', '.join(record.destruction.left)}" if record.destruction.left else ""
    sheet.row("Sandbox", words((left, style), names))
