"""What is asked of an audit, and what it comes to: of each drill what its report says, of each control its drills."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from drtool.audit.enclosures import EnclosureState
from drtool.audit.goalposts import Goalpost, Goals, goals_of
from drtool.audit.problems import Problem
from drtool.evidence import folder
from drtool.record.environment import Profile
from drtool.record.model import Archiving, DrillRecord
from drtool.record.recovery import Rpo, Rto
from drtool.record.verdicts import Verdict


class State(StrEnum):
    """How a drill stands. A report that nobody signed leaves its drill `unverified`, whatever it says.

    One that began and has not ended is `not ended` as long as it could be running; that its process is seen to run on
    this host, `running`, is for `drtool list` alone: an audit says the same on every host.
    """

    PASSED = "passed"
    FAILED = "failed"
    UNVERIFIED = "unverified"
    INTERRUPTED = "interrupted"
    ABANDONED = "abandoned"
    NOT_ENDED = "not ended"
    RUNNING = "running"


@dataclass(frozen=True, kw_only=True)
class Target:
    """An objective, its actual and what became of it, as in the record."""

    objective_seconds: float | None
    actual_seconds: float | None
    verdict: Verdict | None


@dataclass(frozen=True, kw_only=True)
class WorstLoss:
    """The largest RPA at any moment of a store's history, as in the record.

    Attributes:
        of: the backups: their series, or else the pattern.
    """

    of: str
    worst_rpa_seconds: float | None
    worst_at: datetime | None
    objective_seconds: float | None
    verdict: Verdict | None


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a drill's report says, as far as one needs it to look over many drills; the names are the record's.

    Attributes:
        page: where the page to read is, relative to the reports folder; None where there is none.
        description: of its scenario.
        every_seconds: how often that is to be drilled; None where it does not say so.
        archive: where a copy of its evidence was to be put; None where it does not say so.
        goals: what it was held to; None where that cannot be told, as where its script could not be loaded.
    """

    page: str | None
    description: str
    verdict: Verdict
    reason: str
    owner: str | None
    environment: str
    profile: Profile
    controls: tuple[str, ...]
    rto: Target
    rpo: Target
    exposure: tuple[WorstLoss, ...]
    every_seconds: float | None = None
    archive: Archiving | None = None
    goals: Goals | None = None


@dataclass(frozen=True, kw_only=True)
class AuditedDrill:
    """One drill; instants are UTC.

    Attributes:
        state: how it stands, by the ledger.
        intact: whether nothing is wrong with its evidence; None before it has ended, and where it may not be read.
        signature: what its signature proves, `UNSIGNED`, or None where none was to be had.
        signer: who signed, by the list of trusted keys.
        fingerprint: of the key that signed.
        report: what its report says; None unless it is intact, for else nothing in it can be taken for a fact.
        timestamp: how the time-stamp over its report stands; None where none was asked for.
        timestamp_at: the time that it names; None where it cannot be read.
        statement: how the statement about its report stands; None where none was asked for.
        locked_until: in an archive: until when all of it is under Object Lock; None where not all of it is.
        lock_mode: in an archive: the mode of that; both where there are two.
        passed_over: what file managers and shares left in its folder.
    """

    drill_id: str
    scenario: str
    state: State
    started_at: datetime
    ended_at: datetime | None
    intact: bool | None
    signature: str | None
    signer: str | None
    fingerprint: str | None
    report: Report | None
    timestamp: EnclosureState | None = None
    timestamp_at: datetime | None = None
    statement: EnclosureState | None = None
    locked_until: datetime | None = None
    lock_mode: str | None = None
    passed_over: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Control:
    """A control, and the drills that are evidence for it as their scenarios' authors claim; instants are UTC.

    Attributes:
        drills: the ids of all whose intact report claims it, the oldest first.
        passed: how many of them passed; one that nobody signed did not.
    """

    control: str
    drills: tuple[str, ...]
    passed: int
    last_passed: str | None
    last_passed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ScenarioHistory:
    """What became of a scenario's drills; instants are UTC.

    Attributes:
        longest_gap_seconds: between passed drills that follow each other; None where fewer than two passed.
        overdue: whether it has not passed for longer than it should; None where that was not asked.
        first_at: when its first drill began.
        every_seconds: how often it should pass; None where neither anybody nor its reports say so.
        due_at: by when it should pass again; None likewise, and where it was asked for and never passed.
    """

    scenario: str
    drills: int
    passed: int
    failed: int
    last_at: datetime | None
    last_passed_at: datetime | None
    longest_gap_seconds: float | None
    overdue: bool | None = None
    first_at: datetime | None = None
    every_seconds: float | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Signers:
    """The keys that were trusted, and those that signed.

    Attributes:
        trusted_from: the list of trusted keys; None where there is none.
        seen: the fingerprint of every key that signed a report, and how many it signed.
    """

    trusted_from: str | None
    seen: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class AuditResult:
    """What an audit found; instants are UTC.

    Attributes:
        verdict: `failed` where something is wrong, `unverified` where something cannot be told, else `passed`.
        reason: the same in a sentence.
        since: drills that began before this were not looked at; None where there was no such limit.
        until: drills that began after this were not looked at; None where there was no such limit.
        cadence_seconds: how often each scenario was asked to pass; None where its own reports say how often.
        entries: of the ledger, which is always checked whole.
        head: the hash of the ledger's last line, None where there is none.
        heads: those that were asked for; one that is gone is among the problems.
        drills: those that were looked at, the oldest first.
        scenarios: their histories over the whole ledger, up to `until`.
        notes: what is worth knowing and not wrong.
        goalposts: what drills were held to otherwise than the drill of their scenario before; `notes` say it too.
    """

    schema_version: int
    reports: str
    audited_at: datetime
    verdict: Verdict
    reason: str
    since: datetime | None
    until: datetime | None
    cadence_seconds: float | None
    entries: int
    head: str | None
    heads: tuple[str, ...]
    signers: Signers
    drills: tuple[AuditedDrill, ...]
    scenarios: tuple[ScenarioHistory, ...]
    controls: tuple[Control, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    goalposts: tuple[Goalpost, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What is asked of an audit.

    Attributes:
        since: drills that began before this are not looked at; the ledger is always checked whole.
        until: drills that began after this are not looked at; overdue is judged by it.
        heads: hashes that the ledger must hold, as they were noted after earlier drills.
        every: how often each scenario must pass; None for as often as its own reports say.
        scenarios: those it is asked of; all that were ever drilled where none is named.
        retired: scenarios that nobody drills any more, so that none of them is overdue.
    """

    since: datetime | None = None
    until: datetime | None = None
    heads: tuple[str, ...] = ()
    every: timedelta | None = None
    scenarios: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()


def reported(record: DrillRecord) -> Report:
    """Return what a record says, as far as one needs it to look over many drills."""
    return Report(
        page=f"{record.drill_id}/{folder.PAGE}" if folder.PAGE in record.files else None,
        description=record.scenario_info.description,
        verdict=record.verdict,
        reason=record.reason,
        owner=record.owner,
        environment=record.environment,
        profile=record.profile,
        controls=record.controls,
        rto=_target(record.rto),
        rpo=_target(record.rpo),
        exposure=tuple(
            WorstLoss(
                of=one.series or one.pattern,
                worst_rpa_seconds=one.worst_rpa_seconds,
                worst_at=one.worst_at,
                objective_seconds=one.objective_seconds,
                verdict=one.verdict,
            )
            for one in record.exposure
        ),
        every_seconds=record.every_seconds,
        archive=record.archive,
        goals=goals_of(record),
    )


def _target(goal: Rto | Rpo) -> Target:
    return Target(objective_seconds=goal.objective_seconds, actual_seconds=goal.actual_seconds, verdict=goal.verdict)


def controls(drills: Iterable[AuditedDrill]) -> tuple[Control, ...]:
    """Return every control that an intact report claims, in the order of their names.

    Args:
        drills: what was looked at, the oldest first.
    """
    by_name: dict[str, list[AuditedDrill]] = {}
    for drill in drills:
        for name in dict.fromkeys(drill.report.controls if drill.report else ()):
            by_name.setdefault(name, []).append(drill)
    return tuple(_control(name, found) for name, found in sorted(by_name.items()))


def _control(name: str, found: list[AuditedDrill]) -> Control:
    passed = [drill for drill in found if drill.state is State.PASSED]
    last = max(passed, key=lambda drill: drill.started_at, default=None)
    return Control(
        control=name,
        drills=tuple(drill.drill_id for drill in found),
        passed=len(passed),
        last_passed=last.drill_id if last else None,
        last_passed_at=last.started_at if last else None,
    )
