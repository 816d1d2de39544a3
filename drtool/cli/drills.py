"""Carries out the drills of a command, prints their outcome and returns the exit code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from drtool.cli import exit_codes
from drtool.cli.terminal import print_json, shows_colours
from drtool.drill.conditions import Conditions, conditions
from drtool.drill.conduct import conduct
from drtool.drill.crew import Left, Planned, side_by_side
from drtool.drill.options import DrillOptions
from drtool.errors import Unverifiable
from drtool.host import plain
from drtool.record.model import DrillRecord
from drtool.render.junit import junit
from drtool.render.progress import Progress
from drtool.render.text import summary

_tell = partial(click.echo, err=True)

Finished = Callable[[DrillRecord, str, bool], None]
"""Is told of a drill that is over: its record, the ledger's head, and whether all its evidence is there."""


def carry_out(planned: Sequence[Planned], options: DrillOptions) -> int:
    """Carry out drills one after the other, or several at a time, and print what they came to.

    Returns:
        The exit code.

    Raises:
        Unverifiable: no evidence can be left: no key, or no folder to write to.
        WrongUse: the options contradict each other.
    """
    several_at_a_time = options.jobs > 1 and len(planned) > 1
    under = conditions(replace(options, reports=options.reports.absolute()), unattended=several_at_a_time, tell=_tell)
    records: list[DrillRecord] = []
    incomplete: set[str] = set()

    def finished(record: DrillRecord, head: str, complete: bool) -> None:
        records.append(record)
        if not complete:
            incomplete.add(record.drill_id)
        if not options.as_json:
            click.echo(summary(record, colour=shows_colours()))
            click.echo(f"Report       {options.reports / record.drill_id / 'report.html'}")
            click.echo(f"Ledger head  {head}\n")

    def left(one: Left) -> None:
        finished(one.record, "see `drtool audit`", one.code == exit_codes.of([one.record]))

    if several_at_a_time:
        interrupted, lost = side_by_side(planned, options, left=left, tell=_tell)
    else:
        interrupted, lost = False, []  # or else its record says so
        _one_by_one(planned, under, finished)
    if options.as_json:
        print_json(records[0] if records and len(planned) == 1 else records)
    complete = not incomplete and not lost
    if options.junit:
        try:
            _write(options.junit, junit(records, incomplete, lost))
        except Unverifiable as error:
            _tell(f"drtool: {error} [{error.code}]")
            complete = False
    return exit_codes.INTERRUPTED if interrupted else exit_codes.of(records, complete=complete)


def _write(file: Path, document: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(document, encoding="utf-8")
    except OSError as error:
        why = error.strerror or str(error)
        raise Unverifiable("junit-unwritable", f"The results cannot be written to {file}", why=why) from error


def _one_by_one(planned: Sequence[Planned], under: Conditions, finished: Finished) -> None:
    for one in planned:
        _tell(f"Drill {one.scenario.name}: {plain.visible(one.scenario.description)}")
        done = conduct(one.scenario, under, Progress())
        for error in done.lacking:
            _tell(f"drtool: {error} The report stands without; `drtool audit` will say so.")
        if done.unarchived:
            _tell(f"drtool: {done.unarchived}")
        elif under.archive:
            _tell(f"Archived in {under.options.archive}")
        finished(done.record, done.ledger_head, not (done.lacking or done.unarchived))
        if done.record.interrupted:
            return
