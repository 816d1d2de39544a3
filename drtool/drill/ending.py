"""Ends a drill whose process is over, however it ended: evidence, the entry in the ledger, a copy in the archive."""

from __future__ import annotations

import hashlib
import html
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from drtool.attest.enclosures import Enclosed, enclose, makers
from drtool.drill.beginning import Begun
from drtool.drill.conduct import destroy
from drtool.drill.handover import Given
from drtool.drill.recording import Course
from drtool.errors import DrtoolError, Unverifiable, finding_of
from drtool.evidence import folder
from drtool.evidence.folder import Written
from drtool.host.child import how_it_ended
from drtool.keys.signing import SigningKey
from drtool.record.model import DrillRecord, encode
from drtool.record.objectives import overall
from drtool.record.verdicts import Verdict
from drtool.render.page import page
from drtool.sandbox.engine import Engine
from drtool.sandbox.sandbox import Sandbox
from drtool.times import format_duration

_PAUSE_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class Conducted:
    """A drill that is over.

    Attributes:
        record: what it came to.
        folder: where its evidence is.
        ledger_head: the ledger's head after it; None where its end could not be entered.
        unwritten: why its evidence, or its entry in the ledger, is not there.
        lacking: why evidence that was asked for beyond the signed record is not there.
        unarchived: why not all of the evidence is in the archive that was asked for.
    """

    record: DrillRecord
    folder: Path
    ledger_head: str | None
    unwritten: tuple[DrtoolError, ...] = ()
    lacking: tuple[DrtoolError, ...] = ()
    unarchived: DrtoolError | None = None

    @property
    def is_complete(self) -> bool:
        """Whether all evidence that was asked for is there."""
        return not (self.unwritten or self.lacking or self.unarchived)


@dataclass(frozen=True, kw_only=True)
class AskedToStop:
    """What the process of a drill was told by the one that watches it, if anything.

    Attributes:
        signal_name: somebody asked for the end.
        too_late: it went on long after its time limit.
    """

    signal_name: str | None = None
    too_late: bool = False


def end(begun: Begun, status: int, stopped: AskedToStop) -> Conducted:
    """End a drill whose process is over.

    Args:
        begun: the drill.
        status: the exit code of its process, or the negative number of the signal that ended it.
        stopped: what that was told.
    """
    try:
        given = begun.handover.taken()
    except Unverifiable:  # that is no record: whatever it was, nothing is known of the drill
        given = None
    finally:
        begun.handover.close()
    if given and given.final and (given.record.drill_id, given.record.signed) == (begun.drill_id, begun.is_signed):
        record = given.record
    else:
        record = _of_a_lost_process(begun, given, status, stopped)
    begun.room.release()
    try:
        return _leave_evidence(begun, record)
    finally:
        begun.journal.log.close()


def _of_a_lost_process(begun: Begun, given: Given | None, status: int, stopped: AskedToStop) -> DrillRecord:
    """Take the sandbox away and return the record of a drill whose process did not end as it should."""
    journal, course = begun.journal, Course()
    doing = f" at {given.doing}" if given and given.doing else ""
    if stopped.too_late:
        limit = format_duration(begun.planned.scenario.time_limit.total_seconds())
        what = (
            f"The drill did not end within its time limit of {limit}, nor when it was asked to, and was killed{doing}"
        )
        error = Unverifiable("time-limit", what)
    elif stopped.signal_name:
        course.interrupted = True
        error = Unverifiable("interrupted", f"The drill was interrupted by {stopped.signal_name}{doing}")
    else:
        error = Unverifiable(
            "drill-process-lost", f"The drill's process {how_it_ended(status)}{doing}, before the drill was over"
        )
    record = given.record if given and given.record.drill_id == begun.drill_id else begun.record(journal, course)
    journal.findings = [*record.findings]
    journal.deviations = [*record.deviations]
    journal.steps = [*record.steps]
    journal.finding(error)
    journal.observer.note(str(error))
    try:
        time_limit, kept = begun.planned.scenario.time_limit, begun.conditions.options.keep
        course.sandbox = Sandbox(Engine.connect(), begun.drill_id, time_limit=time_limit, kept=kept, unanswered=True)
        destroy(course, journal, kept=kept)
    except Exception as refused:  # whatever it is, the drill has ended, and its end is entered
        if record.sandbox is not None:  # before an engine was reached there was nothing to remove
            what = "The sandbox, which holds restored data, could not be removed"
            journal.finding(Unverifiable("not-destroyed", what, why=finding_of(refused).what))
    verdict, reason = overall(
        record.rto, record.rpo, record.checks, journal.findings, completed=False, scopes=journal.scopes
    )
    if course.interrupted:
        reason = f"The drill was interrupted. {reason}" if verdict is Verdict.FAILED else "The drill was interrupted."
    journal.log.line(f"verdict: {verdict}: {reason}")
    journal.log.close()
    return replace(
        record,
        verdict=verdict,
        reason=reason,
        interrupted=course.interrupted,
        finished_at=journal.clock.instant(),
        recovered_at=None,
        findings=tuple(journal.findings),
        deviations=tuple(journal.deviations),
        steps=tuple(journal.steps),
        destruction=course.destruction,
    )


def _leave_evidence(begun: Begun, record: DrillRecord) -> Conducted:
    """Write and sign what a drill came to, and enter its end; what of that cannot be done holds up nothing else."""
    conditions, reports = begun.conditions, begun.conditions.options.reports
    unwritten: list[DrtoolError] = []
    enclosed = Enclosed()
    written = None
    try:
        written, key = _composed(begun, record)
        record = written.record
        folder.write(reports, written, key=key)
        enclosed = enclose(
            begun.own_folder, written.document, makers(conditions.options.authority, conditions.statement_key)
        )
    except Exception as error:  # whatever it is, the drill has ended, and its end is entered
        unwritten.append(finding_of(error))
    head = _entered(begun, record, written, enclosed)
    if isinstance(head, DrtoolError):
        unwritten.append(head)
    return Conducted(
        record=record,
        folder=begun.own_folder,
        ledger_head=None if isinstance(head, DrtoolError) else head,
        unwritten=tuple(unwritten),
        lacking=enclosed.lacking,
        unarchived=None if unwritten else _archive(begun),
    )


def _entered(begun: Begun, record: DrillRecord, written: Written | None, enclosed: Enclosed) -> str | DrtoolError:
    """Enter the end of a drill, also of one whose report could not be written; return the head, or why it is not in.

    A disk that gives way for a moment must not have a drill taken for one that never ended, so it is tried twice.
    """
    enter = partial(
        begun.ledger.end,
        drill_id=begun.drill_id,
        verdict=record.verdict,
        report_sha256=written.report_sha256 if written else hashlib.sha256(encode(record)).hexdigest(),
        interrupted=record.interrupted,
        at=begun.journal.clock.instant(),
        enclosed=enclosed.digests,
    )
    try:
        try:
            return enter().hash
        except DrtoolError:
            time.sleep(_PAUSE_SECONDS)
            return enter().hash
    except DrtoolError as error:
        return error


def _composed(begun: Begun, record: DrillRecord) -> tuple[Written, SigningKey | None]:
    """Return the evidence as it is to be written; where the key does not sign any more, without a signature."""
    key, reports = begun.conditions.key, begun.conditions.options.reports
    try:
        return folder.compose(reports, record, render_page=_page, key=key), key
    except Unverifiable as error:
        if key is None or error.code == "evidence-not-plain":
            raise
        begun.journal.findings = [*record.findings]
        begun.journal.finding(error)
        findings, completed = tuple(begun.journal.findings), record.recovered_at is not None
        scopes = begun.journal.scopes
        verdict, reason = overall(record.rto, record.rpo, record.checks, findings, completed=completed, scopes=scopes)
        record = replace(record, findings=findings, verdict=verdict, reason=reason)
        return folder.compose(reports, record, render_page=_page, key=None), None


def _archive(begun: Begun) -> DrtoolError | None:
    """Archive the evidence of a drill that is over; it lies in the reports folder whatever comes of this."""
    try:
        if begun.conditions.archive is not None:
            begun.conditions.archive.keep_drill(begun.conditions.options.reports, begun.drill_id)
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
