"""`drtool list`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from tabulate import tabulate

from drtool.cli.options import json_option, reports_option
from drtool.cli.terminal import print_json
from drtool.drill.agenda import Row, agenda
from drtool.host.plain import printable
from drtool.render.wording import duration_or_dash
from drtool.times import format_duration


@click.command("list")
@click.argument("files", metavar="[FILE]...", nargs=-1)
@reports_option
@json_option
def command(files: tuple[str, ...], reports: Path, as_json: bool) -> int:
    """List scenarios, their targets, their last verdict and when the next drill is due.

    A verdict is shown only where signature, files and ledger bear it out; else TAMPERED or NOT VERIFIED stands there.

    \b
    drtool list
    drtool list scenarios/shop.py --json
    """
    rows = agenda(files, reports)
    if as_json:
        print_json(rows)
        return 0
    table = [
        (
            printable(row.scenario),
            printable(row.file),
            duration_or_dash(row.rto_seconds),
            duration_or_dash(row.rpo_seconds),
            printable(row.error) if row.error else _last(row),
            _due(row),
        )
        for row in rows
    ]
    click.echo(tabulate(table, headers=("scenario", "file", "RTO", "RPO", "last drill", "next due")))
    for row in rows:
        for doubt in row.last_doubts:
            click.echo(f"drtool: {row.scenario}: {doubt}", err=True)
    return 0


def _last(row: Row) -> str:
    if row.last_at is None or row.last_verdict is None:
        return "never drilled"
    word = row.last_verdict.upper() if row.last_doubts else row.last_verdict
    return f"{word} {row.last_at:%Y-%m-%d %H:%MZ}"


def _due(row: Row) -> str:
    if row.due_at is None:
        return "-"
    overdue = (datetime.now(UTC) - row.due_at).total_seconds()
    if overdue < 0:
        return f"{row.due_at:%Y-%m-%d}"
    return f"overdue by {format_duration(overdue)}" if overdue >= 1 else "now"
