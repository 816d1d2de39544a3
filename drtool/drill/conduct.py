"""Carries out one drill from its ledger entry to its signed record, whatever happens in between."""

from __future__ import annotations

import html
import platform
import re
import secrets
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from drtool.attest.enclosures import enclose, makers
from drtool.drill.conditions import Conditions
from drtool.drill.drill import Drill
from drtool.drill.mistakes import broken, leaf
from drtool.drill.recording import Course, operator, record_of
from drtool.drill.scenarios import Scenario
from drtool.errors import DrtoolError, Unverifiable, WrongUse, finding_of
from drtool.evidence import folder
from drtool.evidence.ledger import Ledger
from drtool.host.interruption import Interrupted, TimeLimitReached, interruptible, signals_restored
from drtool.host.standard_output import kept_from_programs
from drtool.record.clock import DRIFT_TOLERANCE_SECONDS, Clock
from drtool.record.journal import DrillLog, Journal, Observer, PrintedLines
from drtool.record.model import Destruction, DrillRecord, LedgerPosition
from drtool.record.objectives import counted_phases
from drtool.record.steps import Phase
from drtool.render.page import page
from drtool.restore.context import RestoreContext, Terms
from drtool.sandbox.engine import Engine
from drtool.sandbox.reaper import reap
from drtool.sandbox.sandbox import Sandbox
from drtool.times import format_duration
from drtool.version import __version__


@dataclass(frozen=True, kw_only=True)
class Conducted:
    """A drill that is over.

    Attributes:
        record: what it came to.
        folder: where its evidence is.
        ledger_head: the ledger's head after it.
        lacking: why evidence that was asked for beyond the signed record is not there.
        unarchived: why not all of the evidence is in the archive that was asked for.
    """

    record: DrillRecord
    folder: Path
    ledger_head: str
    lacking: tuple[DrtoolError, ...] = ()
    unarchived: DrtoolError | None = None


def conduct(scenario: Scenario, conditions: Conditions, observer: Observer) -> Conducted:
    """Carry out one drill and leave its evidence.

    Args:
        scenario: what to do.
        conditions: how.
        observer: is told what happens.

    Returns:
        The record, also of a drill that failed, could not be carried out or was interrupted.

    Raises:
        WrongUse: the disaster time lies in the future.
        Unverifiable: the reports folder cannot be written or the record cannot be signed: no evidence was left.
    """
    with signals_restored():
        return _conduct(scenario, conditions, observer)


def _conduct(scenario: Scenario, conditions: Conditions, observer: Observer) -> Conducted:
    options = conditions.options
    clock = Clock()
    disaster_at = options.at or clock.started_at
    safe = re.sub(r"[^a-z0-9_]+", "-", scenario.name.lower()).strip("-")[:40] or "drill"
    drill_id = f"{clock.started_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{safe}-{secrets.token_hex(3)}"
    ledger = Ledger(options.reports)
    start = ledger.start(
        drill_id=drill_id,
        scenario=scenario.name,
        operator=operator(),
        host=platform.node(),
        time_limit_seconds=scenario.time_limit.total_seconds(),
        at=clock.started_at,
    )
    own_folder = folder.make(options.reports, drill_id)
    log = DrillLog(own_folder / folder.LOG, clock)
    counted = counted_phases(includes_checks=scenario.rto_includes_checks)
    journal = Journal(clock=clock, observer=observer, log=log, counted_phases=counted)
    log.line(f"drtool {__version__}: drill {drill_id} of scenario {scenario.name}")
    course = Course()
    terms = Terms(
        disaster_at=disaster_at,
        rpo=scenario.rpo,
        profile=options.profile,
        image=options.image,
        folder=scenario.file.parent,
    )
    try:
        with interruptible(scenario.time_limit):
            _drill(scenario, conditions, terms, journal, course, drill_id)
    except Interrupted as stop:
        course.interrupted = True
        journal.finding(Unverifiable("interrupted", f"The drill was interrupted by {stop.signal_name}"))
    except TimeLimitReached:
        limit = format_duration(scenario.time_limit.total_seconds())
        what = f"The drill did not end within its time limit of {limit} and was stopped"
        journal.finding(Unverifiable("time-limit", what))
    except Exception as error:  # whatever it is, the sandbox must go and the record must say so
        journal.finding(finding_of(error))
    _destroy(journal, course, kept=options.keep)
    _look_at_clock(journal)
    head = ledger.head()
    record = record_of(
        scenario, conditions, journal, course, drill_id, disaster_at,
        LedgerPosition(start_sequence=start.sequence, head_sequence=head.sequence, head=head.hash) if head else None,
    )  # fmt: skip
    log.line(f"verdict: {record.verdict}: {record.reason}")
    log.close()
    written = folder.write(options.reports, record, render_page=_page, key=conditions.key)
    enclosed = enclose(own_folder, written.document, makers(options.authority, conditions.statement_key))
    end = ledger.end(
        drill_id=drill_id,
        verdict=record.verdict,
        report_sha256=written.report_sha256,
        interrupted=record.interrupted,
        at=clock.instant(),
        enclosed=enclosed.digests,
    )
    return Conducted(
        record=written.record,
        folder=own_folder,
        ledger_head=end.hash,
        lacking=enclosed.lacking,
        unarchived=_archive(conditions, drill_id),
    )


def _drill(
    scenario: Scenario, conditions: Conditions, terms: Terms, journal: Journal, course: Course, drill_id: str
) -> None:
    """Prepare, declare the disaster, run the scenario, then the built-in checks of all that came back."""
    try:
        _archive_start(conditions, journal)
        with journal.step(Phase.PREPARE, "reach the Docker engine"):
            course.engine = engine = Engine.connect()
            for leftover in reap(engine):
                done = f"Could not remove ({leftover.refused})" if leftover.refused else "Removed"
                journal.deviation(f"{done} {leftover.name}, left behind by drill {leftover.drill_id}")
        course.sandbox = Sandbox(engine, drill_id, time_limit=scenario.time_limit, kept=conditions.options.keep)
        drill = Drill(drill_id, RestoreContext(terms=terms, journal=journal, sandbox=course.sandbox))
        journal.declare_disaster()
        try:
            with PrintedLines(journal) as lines, redirect_stdout(lines), kept_from_programs(), chdir("."):
                scenario.conduct(drill)
            course.completed = True
        except BaseException as raised:  # sys.exit() too: a scenario that ends itself has not run to its end
            error = leaf(raised)
            if isinstance(error, (Interrupted, TimeLimitReached)):
                raise error from None
            if isinstance(error, DrtoolError) and not isinstance(error, WrongUse):
                journal.failure(error)
            else:
                journal.finding(broken(scenario.file, error))
        drill.run_builtin_checks()
        drill.measure_exposure()
    except DrtoolError as error:
        journal.failure(error)


def _archive_start(conditions: Conditions, journal: Journal) -> None:
    """Have the archive know of the drill before anybody can know how it ends."""
    if (archive := conditions.archive) is None:
        return
    if not archive.lock_seen:
        journal.deviation("Whether the archive's bucket has Object Lock could not be seen; each object's retention is")
    with journal.step(Phase.PREPARE, "enter the drill's beginning in the archive"):
        try:
            archive.keep_ledger(conditions.options.reports)
        except DrtoolError as error:
            journal.deviation(f"The drill's beginning could not be archived. {error}")
    if not archive.conditional:
        journal.deviation("The archive's store knows no If-None-Match: that nothing is put twice, drtool alone sees to")


def _archive(conditions: Conditions, drill_id: str) -> DrtoolError | None:
    """Archive the evidence of a drill that is over; it lies in the reports folder whatever comes of this."""
    try:
        if conditions.archive is not None:
            conditions.archive.keep_drill(conditions.options.reports, drill_id)
    except Exception as error:
        return finding_of(error)
    return None


def _page(record: DrillRecord) -> str:
    """Return the drill's page; where it cannot be made, one that says so, for the record must be left all the same."""
    try:
        return page(record)
    except Exception as error:
        why = html.escape(str(finding_of(error)))
        return (
            f'<!DOCTYPE html>\n<html lang="en"><title>{record.drill_id}</title>\n'
            f"<p>The page of drill {record.drill_id} could not be made. {why} Its record, report.json, is whole.</p>\n"
        )


def _destroy(journal: Journal, course: Course, *, kept: bool) -> None:
    """Take the sandbox away, then check whether anything is left; the record says what was seen."""
    if course.sandbox is None:
        return
    removed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    looked_at = None
    try:
        if kept:
            journal.deviation("The sandbox was kept on request; `drtool prune --kept` removes it")
        else:
            with journal.step(Phase.DESTROY, "remove containers and volumes"):
                removed = tuple(course.sandbox.destroy())
        left, looked_at = tuple(course.sandbox.names()), journal.clock.instant()
    except DrtoolError as error:
        what = "The sandbox, which holds restored data, could not be removed"
        journal.finding(error if kept else Unverifiable("not-destroyed", what, why=error.what))
    if left and not kept:
        what = f"Still there after removal: {', '.join(left)}"
        journal.finding(Unverifiable("not-destroyed", what, mend="Run `drtool prune`"))
    course.destruction = Destruction(removed=removed, left=left, looked_at=looked_at, kept_on_request=kept)


def _look_at_clock(journal: Journal) -> None:
    drift = journal.clock.drift_seconds()
    if abs(drift) > DRIFT_TOLERANCE_SECONDS:
        direction = "forward" if drift > 0 else "back"
        what = f"The host's clock was set {direction} by {format_duration(abs(drift))} during the drill"
        journal.finding(Unverifiable("clock-changed", what, why="durations are right, instants may not be"))
