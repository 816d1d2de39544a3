"""`drtool list`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import msgspec
from tabulate import tabulate

from drtool.audit.drills import LedgerDrill, drills
from drtool.audit.result import State
from drtool.cli.options import json_option, reports_option
from drtool.drill import scenarios
from drtool.errors import Unverifiable
from drtool.evidence.ledger import Ledger
from drtool.times import format_duration


@dataclass(frozen=True, kw_only=True)
class Row:
    """What is known of one scenario; instants are UTC.

    `last_verdict` is how the last drill stands, also where that is no verdict: `running`, `abandoned`, `interrupted`.
    A drill that did not pass shows no recovery, so the next is due by the last that did.
    """

    scenario: str
    file: str
    rto_seconds: float | None
    rpo_seconds: float | None
    last_verdict: str | None
    last_at: datetime | None
    due_at: datetime | None
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class _History:
    """How a scenario's last drill stands, and when one passed last."""

    last: State
    last_at: datetime
    passed_at: datetime | None


@click.command("list")
@click.argument("files", metavar="[FILE]...", nargs=-1)
@reports_option
@json_option
def command(files: tuple[str, ...], reports: Path, as_json: bool) -> int:
    """List scenarios, their targets, their last verdict and when the next drill is due.

    \b
    drtool list
    drtool list scenarios/shop.py --json
    """
    known = _histories(reports)
    rows = [row for path, name in scenarios.find(files) for row in _rows(path, name, known)]
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(rows), indent=2))
        return 0
    table = [
        (
            row.scenario,
            row.file,
            _duration(row.rto_seconds),
            _duration(row.rpo_seconds),
            row.error or (f"{row.last_verdict} {row.last_at:%Y-%m-%d %H:%MZ}" if row.last_at else "never drilled"),
            _due(row),
        )
        for row in rows
    ]
    click.echo(tabulate(table, headers=("scenario", "file", "RTO", "RPO", "last drill", "next due")))
    return 0


def _rows(path: Path, name: str | None, known: dict[str, _History]) -> list[Row]:
    try:
        chosen = scenarios.select(scenarios.load(path), name, path)
    except Unverifiable as error:
        stem, mistake = name or path.stem, f"{error.what}: {error.why}" if error.why else error.what
        broken = Row(
            scenario=stem, file=str(path), rto_seconds=None, rpo_seconds=None,
            last_verdict=None, last_at=None, due_at=None, error=mistake,
        )  # fmt: skip
        return [broken]
    rows = []
    for one in chosen:
        history = known.get(one.name)
        passed_at = history.passed_at if history else None
        rows.append(
            Row(
                scenario=one.name,
                file=str(path),
                rto_seconds=_seconds(one.rto),
                rpo_seconds=_seconds(one.rpo),
                last_verdict=history.last if history else None,
                last_at=history.last_at if history else None,
                due_at=(passed_at + one.every if passed_at else datetime.now(UTC)) if one.every else None,
            )
        )
    return rows


def _histories(reports: Path) -> dict[str, _History]:
    """Return what the ledger tells of each scenario."""
    known: dict[str, _History] = {}
    for drill in drills(Ledger(reports).entries())[0]:
        if name := drill.start.scenario:
            state, at = _standing(drill), (drill.end or drill.start).at
            before = known[name].passed_at if name in known else None
            known[name] = _History(last=state, last_at=at, passed_at=at if state is State.PASSED else before)
    return known


def _standing(drill: LedgerDrill) -> State:
    if drill.end is None:
        lost = drill.has_lost_its_process() or drill.has_run_out_of_time(datetime.now(UTC))
        return State.ABANDONED if lost else State.RUNNING
    if drill.end.interrupted:
        return State.INTERRUPTED
    return State(drill.end.verdict or State.UNVERIFIED)


def _due(row: Row) -> str:
    if row.due_at is None:
        return "-"
    overdue = (datetime.now(UTC) - row.due_at).total_seconds()
    if overdue < 0:
        return f"{row.due_at:%Y-%m-%d}"
    return f"overdue by {format_duration(overdue)}" if overdue >= 1 else "now"


def _duration(seconds: float | None) -> str:
    return "-" if seconds is None else format_duration(seconds)


def _seconds(duration: timedelta | None) -> float | None:
    return duration.total_seconds() if duration else None
