"""An audit on the terminal: a line for each drill and each scenario, what is wrong, and the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import click
from tabulate import tabulate

from drtool.amounts import count
from drtool.audit.enclosures import EnclosureState
from drtool.audit.result import AuditedDrill, AuditResult, ScenarioHistory, State
from drtool.host.plain import visible
from drtool.record.verdicts import Effect, Verdict
from drtool.render.wording import duration_or_dash

_DRILLS = ("drill", "scenario", "began", "came to", "RTA", "RPA", "evidence", "signed by")
_SUMMARY = ("scenario", "drills", "passed", "failed", "last passed", "longest gap", "next due")
_COLOURS = {State.PASSED: "green", State.FAILED: "red", State.ABANDONED: "red", State.NOT_ENDED: "yellow"}
_VERDICT_COLOURS = {Verdict.PASSED: "green", Verdict.FAILED: "red", Verdict.UNVERIFIED: "yellow"}


def text(result: AuditResult) -> str:
    """Return an audit for people, with colours that say nothing that the words do not."""
    return "\n".join(_lines(result))


def _lines(result: AuditResult) -> Iterator[str]:
    trusted = result.signers.trusted_from or "none: this site has pinned no key"
    entries = count(result.entries, "ledger entry", "ledger entries")
    yield f"Reports  {result.reports}: {count(len(result.drills), 'drill')}, {entries}"
    yield f"Keys     {trusted}\n"
    if result.drills:
        columns = [(title, cell) for title, cell in _MORE.items() if any(cell(drill) for drill in result.drills)]
        table = [(*_row(drill), *(cell(drill) or "-" for _, cell in columns)) for drill in result.drills]
        yield tabulate(table, headers=(*_DRILLS, *(title for title, _ in columns)))
        yield ""
        yield tabulate(_summary(result), headers=_SUMMARY)
        yield ""
    for problem in result.problems:
        mark = click.style("WRONG  ", fg="red", bold=True) if problem.effect is Effect.FAILED else _unsure("UNSURE ")
        yield f"{mark}{problem.code}: {problem.sentence}"
    for note in result.notes:
        yield f"Note   {note}"
    if result.problems or result.notes:
        yield ""
    yield f"{click.style(str(result.verdict).upper(), fg=_VERDICT_COLOURS[result.verdict], bold=True)}: {result.reason}"
    states = Counter(str(drill.state) for drill in result.drills)
    yield f"Drills   {', '.join(f'{number} {state}' for state, number in sorted(states.items())) or 'none'}"
    yield f"Head     {result.head or 'none'}"


def _row(drill: AuditedDrill) -> tuple[str, ...]:
    evidence = "-" if drill.intact is None else "intact" if drill.intact else click.style("WRONG", fg="red", bold=True)
    signer = drill.signer or drill.signature or "-"
    return (
        visible(drill.drill_id),
        visible(drill.scenario),
        f"{drill.started_at:%Y-%m-%d %H:%MZ}",
        click.style(str(drill.state), fg=_COLOURS.get(drill.state, "yellow")),
        duration_or_dash(drill.report.rto.actual_seconds if drill.report else None),
        duration_or_dash(drill.report.rpo.actual_seconds if drill.report else None),
        evidence,
        _unsure(signer) if signer == "UNSIGNED" else visible(signer),
    )


def _stamp(drill: AuditedDrill) -> str:
    """Return the time that a drill's time-stamp names, and how that stands unless it is proved."""
    at = f"{drill.timestamp_at:%Y-%m-%d %H:%M:%SZ}" if drill.timestamp_at else ""
    standing = "" if drill.timestamp is EnclosureState.GENUINE else str(drill.timestamp or "")
    return f"{at}, {standing}" if at and standing else at or standing


_MORE: dict[str, Callable[[AuditedDrill], str]] = {
    "time-stamp": _stamp,
    "locked until": lambda one: f"{one.locked_until:%Y-%m-%d %H:%MZ} {one.lock_mode}" if one.locked_until else "",
}
"""Columns that are there where at least one drill has something in them."""


def _summary(result: AuditResult) -> list[tuple[str | int, ...]]:
    return [
        (
            visible(one.scenario),
            one.drills,
            one.passed,
            one.failed,
            f"{one.last_passed_at:%Y-%m-%d}" if one.last_passed_at else "never",
            duration_or_dash(one.longest_gap_seconds),
            _due(one),
        )
        for one in result.scenarios
    ]


def _due(one: ScenarioHistory) -> str:
    if one.overdue:
        return click.style("overdue", fg="red", bold=True)
    return f"{one.due_at:%Y-%m-%d}" if one.due_at else "-"


def _unsure(text: str) -> str:
    return click.style(text, fg="yellow", bold=True)
