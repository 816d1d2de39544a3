"""Carries out the drills of a command, prints their outcome and returns the exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from drtool.cli import exit_codes
from drtool.cli.terminal import print_json, shows_colours
from drtool.drill.conditions import conditions
from drtool.drill.ending import Conducted
from drtool.drill.options import DrillOptions
from drtool.drill.planning import Planned
from drtool.drill.supervision import NotBegun, Outcome, supervise
from drtool.errors import Unverifiable
from drtool.host.plain import printable
from drtool.record.model import DrillRecord
from drtool.render.junit import junit
from drtool.render.progress import Progress
from drtool.render.text import summary

_tell = partial(click.echo, err=True)


def carry_out(planned: Sequence[Planned], options: DrillOptions) -> int:
    """Carry out drills one after the other, or several at a time, and print what they came to.

    Returns:
        The exit code.

    Raises:
        Unverifiable: no evidence can be left: no key, or no folder to write to.
        WrongUse: the options contradict each other.
    """
    planned = [one.limited(options.time_limit) for one in planned]
    at_a_time = min(options.jobs, len(planned))
    under = conditions(replace(options, reports=options.reports.absolute()), unattended=at_a_time > 1, tell=_tell)
    records: list[DrillRecord] = []
    incomplete: set[str] = set()
    lost: list[str] = []

    def ended(outcome: Outcome) -> None:
        if isinstance(outcome, NotBegun):
            lost.append(outcome.planned.scenario.name)
            _tell(f"drtool: {printable(str(outcome.error))} [{outcome.error.code}]")
            return
        _tell_what_is_lacking(outcome, options)
        records.append(outcome.record)
        if not outcome.is_complete:
            incomplete.add(outcome.record.drill_id)
        if not options.as_json:
            click.echo(_closing(outcome, options))

    interrupted = supervise(planned, under, at_a_time=at_a_time, observer=Progress, ended=ended, tell=_tell)
    if options.as_json:
        print_json(records[0] if records and len(planned) == 1 else records)
    complete = not incomplete and not lost
    if options.junit:
        try:
            _write(options.junit, junit(records, incomplete, lost))
        except Unverifiable as error:
            _tell(f"drtool: {printable(str(error))} [{error.code}]")
            complete = False
    return exit_codes.INTERRUPTED if interrupted else exit_codes.of(records, complete=complete)


def _tell_what_is_lacking(done: Conducted, options: DrillOptions) -> None:
    for error in done.unwritten:
        _tell(f"drtool: {printable(str(error))} [{error.code}]")
    for error in done.lacking:
        _tell(f"drtool: {printable(str(error))} The report stands without; `drtool audit` will say so.")
    if done.unarchived:
        _tell(f"drtool: {printable(str(done.unarchived))}")
    elif options.archive and not done.unwritten:
        _tell(f"Archived in {options.archive}")


def _closing(done: Conducted, options: DrillOptions) -> str:
    """Return what a drill came to, and where its evidence is; without it, that this proves nothing to anybody."""
    lines = [summary(done.record, colour=shows_colours())]
    if done.unwritten:
        lines.append("Report       not written: nothing of this drill can be proved")
    else:
        lines.append(f"Report       {options.reports / done.record.drill_id / 'report.html'}")
    if done.ledger_head:
        lines.append(f"Ledger head  {done.ledger_head}")
    return "\n".join([*lines, ""])


def _write(file: Path, document: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(document, encoding="utf-8")
    except OSError as error:
        why = error.strerror or str(error)
        raise Unverifiable("junit-unwritable", f"The results cannot be written to {file}", why=why) from error
