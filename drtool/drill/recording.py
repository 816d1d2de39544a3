"""The record of a drill that is over, made of its journal and its course."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from drtool.backups.choice import newest_unknown
from drtool.backups.clock_readings import LONGEST_RUN
from drtool.backups.naming import names_apart, skeleton
from drtool.drill.comparing import not_compared
from drtool.drill.conditions import Conditions
from drtool.drill.scenarios import Announced
from drtool.evidence.chain import LedgerEntry
from drtool.record.backups import Choice
from drtool.record.environment import Environment
from drtool.record.journal import Journal
from drtool.record.model import SCHEMA_VERSION, Destruction, DrillRecord, LedgerPosition
from drtool.record.objectives import judge_rto, overall, project_rta, rta_seconds, unsure_of_the_backup
from drtool.record.recovery import Projection, Rpo, Rto
from drtool.record.recovery_point import disagreements, finished_by, judge_rpo
from drtool.record.verdicts import Verdict
from drtool.sandbox.engine import Engine
from drtool.sandbox.sandbox import Sandbox
from drtool.times import utc
from drtool.version import __version__


@dataclass
class Course:
    """How far a drill has come: what its record needs beyond the journal."""

    engine: Engine | None = None
    sandbox: Sandbox | None = None
    completed: bool = False
    interrupted: bool = False
    destruction: Destruction = field(
        default_factory=lambda: Destruction(removed=(), left=(), looked_at=None, kept_on_request=False)
    )


def operator() -> str:
    """Return who runs drtool: the account's name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def conclude(journal: Journal) -> None:
    """Enter what can be said once a drill has measured all that it will."""
    for number, choice in enumerate(journal.choices):
        if why := _outdated(journal, choice):
            journal.finding(newest_unknown(choice, why))
            journal.choices[number] = replace(choice, is_a_guess=True)
    for disagreement in disagreements(journal.evidence):
        journal.warning("recovery-point-behind", disagreement)
    if sentence := not_compared(journal):
        journal.deviation(sentence)


def _outdated(journal: Journal, choice: Choice) -> str | None:
    """Return what shows that a backup was taken for the newest by the time of a copy, and may not be; None if nothing.

    It holds nothing from after it was finished, by its own record, and another was written more than a day after that,
    so that it was not uploaded in its turn. One of the very same size says nothing: where a job stands still, one
    backup is written again and again; nor does one of another thing.
    """
    read = journal.backups.get(choice.chosen)
    if choice.by_name or choice.is_a_guess or read is None:
        return None
    finished = finished_by(journal.evidence, read.resource)
    if finished is None:
        return None
    alike = [one for one in choice.older if skeleton(one.location) == skeleton(choice.chosen)]
    later = [one for one in alike if one.size_bytes != read.size_bytes and one.modified_at - finished > LONGEST_RUN]
    if not later:
        return None
    called = names_apart((choice.chosen, later[0].location))
    return (
        f"{called[choice.chosen]} is by its own record from {utc(finished)} at the latest, though the store says "
        f"{utc(read.modified_at)}, which is that of a copy; {called[later[0].location]} was written after that"
    )


def record_of(
    scenario: Announced,
    conditions: Conditions,
    journal: Journal,
    course: Course,
    disaster_at: datetime,
    start: LedgerEntry,
    ledger: LedgerPosition,
) -> DrillRecord:
    """Return the record of a drill as far as it has come; its files' digests are entered when they are written.

    Who ran it and where is what its entry in the ledger says: a scenario may have changed its process's environment.
    """
    options = conditions.options
    offset = journal.disaster_offset_seconds
    rto = judge_rto(
        objective_seconds=scenario.rto.total_seconds() if scenario.rto else None,
        measured_seconds=None if offset is None else rta_seconds(journal.steps, offset),
        allowance_seconds=scenario.allowance.total_seconds(),
        includes_checks=scenario.rto_includes_checks,
        judged=options.profile in scenario.judge_rto_in,
        recovered=course.completed and bool(journal.restored) and not journal.broken,
        broken=journal.broken,
    )
    rpo = _rpo(scenario, journal, disaster_at, completed=course.completed)
    scopes = journal.scopes
    verdict, reason = overall(rto, rpo, journal.checks, journal.findings, completed=course.completed, scopes=scopes)
    if course.interrupted:
        reason = f"The drill was interrupted. {reason}" if verdict is Verdict.FAILED else "The drill was interrupted."
    return DrillRecord(
        schema_version=SCHEMA_VERSION,
        drtool_version=__version__,
        drill_id=start.drill_id,
        scenario=scenario.name,
        scenario_info=scenario.info,
        owner=scenario.owner,
        operator=start.operator or "",
        host=start.host or "",
        environment=options.environment,
        controls=scenario.controls,
        profile=options.profile,
        verdict=verdict,
        reason=reason,
        interrupted=course.interrupted,
        signed=conditions.key is not None,
        started_at=journal.clock.started_at,
        disaster_at=disaster_at,
        recovered_at=_recovered_at(journal) if course.completed else None,
        finished_at=journal.clock.instant(),
        rto=rto,
        rpo=rpo,
        backups=tuple(journal.backups.values()),
        choices=tuple(journal.choices),
        sandbox=_environment(course.engine, journal),
        steps=tuple(journal.steps),
        checks=tuple(journal.checks),
        losses=tuple(journal.losses),
        findings=tuple(journal.findings),
        deviations=tuple(journal.deviations),
        assumptions=tuple(journal.assumptions),
        isolation=tuple(journal.isolation),
        destruction=course.destruction,
        ledger=ledger,
        files={},
        projection=_projection(journal, rto),
        exposure=tuple(journal.exposure),
        every_seconds=scenario.every.total_seconds() if scenario.every else None,
        timestamp_authority=options.authority.name if options.authority else None,
        statement=conditions.statement_key is not None,
        archive=conditions.archive.recorded if conditions.archive else None,
        rejected=tuple(journal.rejected),
        tolerances=tuple(dict.fromkeys(journal.tolerances)),
    )


def _rpo(scenario: Announced, journal: Journal, disaster_at: datetime, *, completed: bool) -> Rpo:
    def judged_of(restored: Sequence[str]) -> Rpo:
        return judge_rpo(
            objective_seconds=scenario.rpo.total_seconds() if scenario.rpo else None,
            disaster_at=disaster_at,
            evidence=[one for one in journal.evidence if one.resource not in guessed or one.resource in restored],
            restored=restored,
            recovered=completed,
            broken=journal.broken,
            clock_doubt_seconds=journal.clock_doubt_seconds,
        )

    taken = {choice.chosen for choice in journal.choices if choice.is_a_guess}
    guessed = {read.resource for read in journal.backups.values() if read.location in taken} & set(journal.restored)
    others = judged_of([name for name in journal.restored if name not in guessed])
    return unsure_of_the_backup(judged_of(journal.restored), others, sorted(guessed), broken=journal.broken)


def _projection(journal: Journal, rto: Rto) -> Projection | None:
    if rto.actual_seconds is None:
        return None
    sizes = {read.resource: read.size_bytes for read in journal.backups.values()}
    return project_rta(journal.steps, rto.actual_seconds, sizes, journal.production_bytes)


def _environment(engine: Engine | None, journal: Journal) -> Environment | None:
    if engine is None:
        return None
    return Environment(
        engine=engine.info.name,
        engine_version=engine.info.version,
        engine_os=engine.info.operating_system,
        cpus=engine.info.cpus,
        memory_bytes=engine.info.memory_bytes,
        containers=tuple(journal.containers),
        processor=engine.info.processor,
        storage_driver=engine.info.storage_driver,
    )


def _recovered_at(journal: Journal) -> datetime | None:
    recovery = [step for step in journal.steps if step.counted]
    last = max(recovery, key=lambda step: step.offset_seconds + step.elapsed_seconds, default=None)
    return last.started_at + timedelta(seconds=last.elapsed_seconds) if last else None
