"""What is asked of an audit, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from drtool.evidence.cadence import ScenarioHistory
from drtool.evidence.problems import Problem
from drtool.record import Verdict


class State(StrEnum):
    """How a drill stands. A report that nobody signed leaves its drill `unverified`, whatever it says."""

    PASSED = "passed"
    FAILED = "failed"
    UNVERIFIED = "unverified"
    INTERRUPTED = "interrupted"
    ABANDONED = "abandoned"
    RUNNING = "running"


@dataclass(frozen=True, kw_only=True)
class AuditedDrill:
    """One drill; instants are UTC.

    Attributes:
        state: how it stands, by the ledger.
        intact: whether nothing is wrong with its evidence; None while it runs.
        signature: what its signature proves, `UNSIGNED`, or None where none was to be had.
        signer: who signed, by the list of trusted keys.
        fingerprint: of the key that signed.
        rto_actual_seconds: from its report, None unless it is intact.
        rpo_actual_seconds: from its report, None unless it is intact.
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
    rto_actual_seconds: float | None
    rpo_actual_seconds: float | None


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
        head: the hash of the ledger's last line, None where there is none.
        notes: what is worth knowing and not wrong.
    """

    schema_version: int
    reports: str
    audited_at: datetime
    verdict: Verdict
    reason: str
    entries: int
    head: str | None
    signers: Signers
    drills: tuple[AuditedDrill, ...]
    scenarios: tuple[ScenarioHistory, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What is asked of an audit.

    Attributes:
        since: drills that began before this are not looked at; the ledger is always checked whole.
        until: drills that began after this are not looked at; overdue is judged by it.
        heads: hashes that the ledger must hold, as they were noted after earlier drills.
        every: how often each scenario must pass; None to leave that open.
        scenarios: those it is asked of; all that were ever drilled where none is named.
    """

    since: datetime | None = None
    until: datetime | None = None
    heads: tuple[str, ...] = ()
    every: timedelta | None = None
    scenarios: tuple[str, ...] = ()
