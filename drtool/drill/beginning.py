"""Begins a drill: room for its evidence, its entry in the ledger, its folder. From here on there is a trace of it."""

from __future__ import annotations

import hashlib
import platform
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from drtool.drill.conditions import Conditions
from drtool.drill.handover import Handover
from drtool.drill.planning import Planned
from drtool.drill.recording import Course, operator, record_of
from drtool.errors import Unverifiable
from drtool.evidence import folder
from drtool.evidence.chain import LedgerEntry
from drtool.evidence.ledger import Ledger
from drtool.evidence.room import Room
from drtool.record.clock import Clock
from drtool.record.journal import DrillLog, Journal, Observer
from drtool.record.model import DrillRecord, LedgerPosition, encode
from drtool.record.objectives import counted_phases
from drtool.version import __version__


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A drill that has begun.

    Attributes:
        start: its entry in the ledger.
        journal: what its process fills; the process that watches it has it as it was at the beginning.
        room: held for its evidence.
        handover: where its process lays what it has.
    """

    planned: Planned
    conditions: Conditions
    drill_id: str
    disaster_at: datetime
    start: LedgerEntry
    journal: Journal
    room: Room
    handover: Handover = field(default_factory=Handover)

    @property
    def own_folder(self) -> Path:
        """Where its evidence goes."""
        return self.conditions.options.reports / self.drill_id

    @property
    def is_signed(self) -> bool:
        """Whether its record is to be signed."""
        return self.conditions.key is not None

    @property
    def ledger(self) -> Ledger:
        """The ledger that it is entered in."""
        return Ledger(self.conditions.options.reports)

    def record(self, journal: Journal, course: Course, *, over: bool = False) -> DrillRecord:
        """Return the record of the drill as far as it has come; once it is over, with the ledger's head by then."""
        head = self.start
        if over:
            with suppress(Unverifiable):  # it cannot be read any more: who ends the drill will meet that, and say so
                head = self.ledger.head() or self.start
        position = LedgerPosition(start_sequence=self.start.sequence, head_sequence=head.sequence, head=head.hash)
        return record_of(
            self.planned.scenario, self.conditions, journal, course, self.disaster_at, self.start, position
        )


def begin(planned: Planned, conditions: Conditions, observer: Callable[[], Observer]) -> Begun:
    """Begin a drill.

    Raises:
        Unverifiable: there is no room for its evidence, or the reports folder cannot be written to.
    """
    options, scenario = conditions.options, planned.scenario
    scenario.info  # noqa: B018 (git is asked once, and not while the drill runs)
    clock = Clock()
    safe = re.sub(r"[^a-z0-9_]+", "-", scenario.name.lower()).strip("-")[:40] or "drill"
    drill_id = f"{clock.started_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{safe}-{secrets.token_hex(3)}"
    room = Room(options.reports)
    start = Ledger(options.reports).start(
        drill_id=drill_id,
        scenario=scenario.name,
        operator=operator(),
        host=platform.node(),
        time_limit_seconds=scenario.time_limit.total_seconds(),
        at=clock.started_at,
    )
    broken = _made_no_folder(options.reports, drill_id)
    counted = counted_phases(includes_checks=scenario.rto_includes_checks)
    log = DrillLog(options.reports / drill_id / folder.LOG, clock)
    begun = Begun(
        planned=planned,
        conditions=conditions,
        drill_id=drill_id,
        disaster_at=options.at or clock.started_at,
        start=start,
        journal=Journal(clock=clock, observer=observer(), log=log, counted_phases=counted),
        room=room,
    )
    if broken:
        _take_back(begun, broken)
        raise broken
    log.line(f"drtool {__version__}: drill {drill_id} of scenario {scenario.name}")
    return begun


def _made_no_folder(reports: Path, drill_id: str) -> Unverifiable | None:
    try:
        folder.make(reports, drill_id)
    except Unverifiable as error:
        return error
    return None


def _take_back(begun: Begun, error: Unverifiable) -> None:
    """Enter the end of a drill that was entered and cannot begin; its record is lost with the folder that is not there.

    Whoever audits sees a drill without its report, and not one that might still run.
    """
    begun.journal.finding(error)
    record = begun.record(begun.journal, Course())
    begun.room.release()
    begun.handover.close()
    with suppress(Unverifiable):
        begun.ledger.end(
            drill_id=begun.drill_id,
            verdict=record.verdict,
            report_sha256=hashlib.sha256(encode(record)).hexdigest(),
            interrupted=False,
            at=begun.journal.clock.instant(),
        )
