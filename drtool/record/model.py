"""The record of one drill: what `report.json` holds, and its reader.

Frozen dataclasses with units in their names; every instant is an aware UTC `datetime`, written as RFC 3339.
The names that scripts outside rely on are fixed (see docs/report.md). Within schema version 1 fields may be added, each
with a default, so that records written before can be read; none is renamed or removed. The docstrings here are the
descriptions in docs/report.schema.json: after a change run `make schema`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from drtool.errors import DrtoolError

SCHEMA_VERSION = 1


class Verdict(StrEnum):
    """What a drill, an objective or a check came to."""

    PASSED = "passed"
    FAILED = "failed"
    UNVERIFIED = "unverified"


class Phase(StrEnum):
    """What a step is for; recovery phases count toward the RTA."""

    PREPARE = "prepare"
    LOCATE = "locate"
    FETCH = "fetch"
    PROVISION = "provision"
    RESTORE = "restore"
    REPLAY = "replay"
    START = "start"
    VERIFY = "verify"
    DESTROY = "destroy"


RECOVERY_PHASES = frozenset({Phase.LOCATE, Phase.FETCH, Phase.PROVISION, Phase.RESTORE, Phase.REPLAY, Phase.START})


class Profile(StrEnum):
    """How the sandbox is tuned: like production (what an RTO is judged by), or for speed."""

    FAITHFUL = "faithful"
    FAST = "fast"


class Effect(StrEnum):
    """What a finding does to the verdict."""

    FAILED = "failed"
    UNVERIFIED = "unverified"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class ScenarioInfo:
    """Which script told the drill what to do, down to its bytes."""

    description: str
    file: str
    sha256: str | None
    git_commit: str | None


@dataclass(frozen=True, kw_only=True)
class Rto:
    """Recovery time: objective and actual.

    `actual_seconds` is `measured_seconds` plus `allowance_seconds`; None when nothing was recovered.
    `verdict` is None when there is no objective, or when the profile's RTO is measured but not judged.
    """

    objective_seconds: float | None
    actual_seconds: float | None
    measured_seconds: float | None
    allowance_seconds: float
    includes_checks: bool
    verdict: Verdict | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One indication of a recovery point.

    `rank` follows the order of trust: 1 a witness in the restored data, 2 the log position replayed to,
    3 the backup's own record, 4 the store's record. What it indicates lies between `recovery_point` and `latest`;
    the earlier one counts, so that a loss is never made out smaller than it may be. `latest` is None where the
    indication is exact.
    """

    resource: str
    rank: int
    source: str
    recovery_point: datetime
    detail: str
    latest: datetime | None = None
    used: bool = False


@dataclass(frozen=True, kw_only=True)
class Rpo:
    """Recovery point: objective and actual; the oldest recovery point of all that was restored decides.

    Attributes:
        actual_seconds: from the recovery point to the disaster; None where there is no evidence of it.
        recovery_point: everything committed before it is in the restored data.
        evidence: all that was found, also what was not used.
    """

    objective_seconds: float | None
    actual_seconds: float | None
    recovery_point: datetime | None
    verdict: Verdict | None
    reason: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BackupRead:
    """A backup file as the store listed it and as it was read.

    Attributes:
        resource: what the scenario restored it as, such as `db`; empty where it was not restored.
        modified_at: by the store's record.
        sha256: in hex, of the bytes that were read; None where it was not read to its end.
        version_id: of the object, where the store keeps versions.
        lock_state: of the object, where the store locks objects.
        format: what it is by its content.
        server_version: of the server that made it, as its header says.
        header: what else its header says.
    """

    resource: str
    location: str
    size_bytes: int
    modified_at: datetime
    sha256: str | None
    version_id: str | None
    lock_state: str | None
    format: str
    compression: str
    server_version: str | None
    header: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One backup that a pattern matched."""

    location: str
    size_bytes: int
    modified_at: datetime


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a pattern matched, what was chosen, and why; `newest` lists at most ten, newest first."""

    pattern: str
    considered: int
    chosen: str
    why: str
    newest: tuple[Candidate, ...]


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """A backup that was restored, or was to be, and found unusable on the way back to one that is usable.

    Attributes:
        pattern: what was looked for.
        modified_at: when it was last written, as the store says.
        findings: why it was rejected; they do not count toward the drill's verdict.
        checks: those it was put to; nor do they.
    """

    pattern: str
    location: str
    modified_at: datetime
    findings: tuple[Finding, ...]
    checks: tuple[Check, ...]

    @property
    def reason(self) -> str:
        """The first thing that spoke against it, in a sentence without its full stop."""
        failed = [found.message.rstrip(".") for found in self.findings if found.effect is Effect.FAILED]
        failed += [f"check failed: {check.name}" for check in self.checks if check.outcome is Verdict.FAILED]
        return failed[0] if failed else "it is not what was looked for"


@dataclass(frozen=True, kw_only=True)
class Container:
    """A sandbox container of the drill, as it ran.

    Attributes:
        disk_limit_bytes: 0 where drtool sets none.
        data_storage: what the restored data lay on, such as `volume`.
        settings: server options that were set for it, by the scenario, its profile or production's option file.
        config_file: production's option file, where the scenario names one; of it the server got what the data needs.
        config_sha256: of that file, in hex.
        requested_series: the MariaDB series that the scenario asked for in place of the backup's own.
    """

    resource: str
    image: str
    image_digest: str
    server_version: str | None
    memory_limit_bytes: int
    process_limit: int
    disk_limit_bytes: int
    data_storage: str
    settings: dict[str, str] = field(default_factory=dict)
    config_file: str | None = None
    config_sha256: str | None = None
    requested_series: str | None = None


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Where the drill ran and on what."""

    engine: str
    engine_version: str
    engine_os: str
    cpus: int
    memory_bytes: int
    containers: tuple[Container, ...] = ()
    processor: str | None = None
    storage_driver: str | None = None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One timed piece of a drill. `offset_seconds` counts from the drill's start on the monotonic clock.

    Attributes:
        size_bytes: what it moved, where that is known.
        counted: whether it counts toward the RTA.
        resource: what it was about, where it was about one.
    """

    phase: Phase
    name: str
    started_at: datetime
    offset_seconds: float
    elapsed_seconds: float
    size_bytes: int | None
    counted: bool
    outcome: Verdict
    error: str | None = None
    resource: str | None = None


@dataclass(frozen=True, kw_only=True)
class Projection:
    """What the RTA would be at production's size, where the drill restored a sample: reckoned, not measured.

    `actual_seconds` holds the allowance too; `assumption` says how it was reckoned.
    """

    production_bytes: dict[str, int]
    actual_seconds: float
    assumption: str


@dataclass(frozen=True, kw_only=True)
class Check:
    """A question to the restored data. `observed` is a number, a time or an error code, never row contents.

    Attributes:
        question: the SQL, the pattern of paths, or the same in words.
        builtin: whether drtool asks it of every backup of that kind; else the scenario asked.
    """

    resource: str
    name: str
    question: str
    expected: str
    observed: str
    outcome: Verdict
    builtin: bool
    elapsed_seconds: float


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A fact that matters for the verdict, with a stable code, a sentence for people and the mend.

    Attributes:
        code: stable; scripts may rely on it.
        resource: what it is about, where it is about one.
        mend: what to do; empty where there is nothing to be done.
    """

    code: str
    effect: Effect
    resource: str | None
    message: str
    mend: str


@dataclass(frozen=True, kw_only=True)
class Loss:
    """What is missing, extra or changed in one table or folder, measured against a baseline.

    Attributes:
        subject: the table or folder; the figures count its rows or files.
    """

    resource: str
    subject: str
    missing: int
    extra: int
    changed: int


@dataclass(frozen=True, kw_only=True)
class IsolationProbe:
    """One attempt of a sandbox to get out, made by the drill itself; `contained` is what is hoped for."""

    resource: str
    attempt: str
    observed: str
    contained: bool


@dataclass(frozen=True, kw_only=True)
class Destruction:
    """What was removed at the end, and what a look afterwards still found.

    Attributes:
        looked_at: when the look was; None where none was possible.
        kept_on_request: whether the sandbox was left in place because somebody asked for it.
    """

    removed: tuple[str, ...]
    left: tuple[str, ...]
    looked_at: datetime | None
    kept_on_request: bool


@dataclass(frozen=True, kw_only=True)
class LedgerPosition:
    """The drill's start entry in the ledger, and the newest entry when the record was written.

    Attributes:
        head: the SHA-256 in hex of the line of the newest entry.
    """

    start_sequence: int
    head_sequence: int
    head: str


@dataclass(frozen=True, kw_only=True)
class Archiving:
    """Where a copy of the evidence was to be put, under Object Lock.

    Attributes:
        location: the bucket and prefix, as s3://bucket/prefix.
        mode: COMPLIANCE or GOVERNANCE; None where the bucket's own applies and could not be seen.
        retention_seconds: for how long at least; None where the bucket's own applies and could not be seen.
    """

    location: str
    mode: str | None
    retention_seconds: float | None


class TimeBasis(StrEnum):
    """Where the times of a recovery point in a store's history come from."""

    STORE = "store"
    NAME_AND_STORE = "name and store"
    NAME = "name"


@dataclass(frozen=True, kw_only=True)
class RecoveryPoint:
    """A usable backup in a store's history.

    `recovery_point` is when it began, as far as that is known, and `restorable_at` when it was finished and uploaded.
    `rpa_seconds` is what a disaster just before `restorable_at` would have lost; None for the first of a history, and
    for one that was no newer than what could be restored already. `objects` counts its parts and copies. `doubt`
    says why it may not restore.
    """

    location: str
    objects: int
    size_bytes: int
    recovery_point: datetime
    restorable_at: datetime
    basis: TimeBasis
    rpa_seconds: float | None
    doubt: str | None = None


@dataclass(frozen=True, kw_only=True)
class UnusableBackup:
    """Something in the store that is no recovery point, and why."""

    location: str
    size_bytes: int
    modified_at: datetime
    why: str


@dataclass(frozen=True, kw_only=True)
class MissingRuns:
    """Backups that the rhythm of the others makes one expect between two recovery points, or up to now if `overdue`."""

    after: datetime
    before: datetime
    count: int
    overdue: bool


@dataclass(frozen=True, kw_only=True)
class ExposureBar:
    """The largest RPA within a stretch of time; None before the first recovery point was restorable."""

    start: datetime
    end: datetime
    rpa_seconds: float | None


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """How much a disaster would have lost at the worst moment of a period, from a store's history.

    `series` names the backups where a pattern matches several kinds. The period runs from `since` (None where nothing
    is known of it) to `until`. `objects` counts what matched, checksums and the like aside, `point_count` the recovery
    points that the period rests on, `gap_count` its gaps, the open one included, and `over_count` those beyond the
    objective. Lists are bounded: `points` at 400, of which the worst is always one, `unusable`, `doubtful` and
    `missing` at 50, newest kept; the counts beside them are of all. `worst_rpa_seconds` takes the doubtful for usable,
    `worst_without_doubtful_seconds` does not. `bars` are the period in at most 60 stretches of equal length.
    Verdicts are None without an objective; `verdict` is of the whole period, now included.
    """

    pattern: str
    series: str | None
    since: datetime | None
    until: datetime
    objects: int
    point_count: int
    gap_count: int
    over_count: int
    current_rpa_seconds: float | None
    current_recovery_point: datetime | None
    worst_rpa_seconds: float | None
    worst_at: datetime | None
    worst_recovery_point: datetime | None
    worst_without_doubtful_seconds: float | None
    objective_seconds: float | None
    verdict_now: Verdict | None
    verdict: Verdict | None
    reason: str
    store_times_trusted: bool
    usual_lag_seconds: float | None
    rhythm_seconds: float | None
    rhythm: str
    thinned_before: datetime | None
    missing_count: int
    missing: tuple[MissingRuns, ...]
    unusable_count: int
    unusable: tuple[UnusableBackup, ...]
    doubtful_count: int
    doubtful: tuple[RecoveryPoint, ...]
    points: tuple[RecoveryPoint, ...]
    bars: tuple[ExposureBar, ...]
    warnings: tuple[str, ...]
    assumptions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DrillRecord:
    """Everything a drill leaves for the reader; its bytes are what is signed.

    Attributes:
        schema_version: of this format; a reader refuses one that it does not know.
        drtool_version: of the drtool that carried out the drill.
        drill_id: names the drill, and its folder among the reports.
        scenario: the name of what was drilled.
        scenario_info: which script told the drill what to do.
        owner: who answers for this recovery, as the scenario says.
        operator: the account that ran the drill.
        host: the machine that ran drtool.
        environment: what the drill was part of, such as `monthly` or `ci`.
        controls: what the drill is evidence for, as the scenario's author claims.
        profile: how the sandbox was tuned.
        verdict: of the whole drill.
        reason: the verdict in one sentence.
        interrupted: whether somebody stopped the drill before its end.
        signed: whether `report.json.sig` belongs beside the record.
        started_at: when the drill began.
        disaster_at: when the disaster struck, as the drill supposed; by default when it began.
        recovered_at: when the last recovery step had ended; None where the recovery did not come to its end.
        finished_at: when all was over, the removal of the sandbox included.
        rto: recovery time, objective and actual.
        rpo: recovery point, objective and actual.
        backups: each backup that was looked at.
        choices: what each pattern matched, and which backup was taken.
        sandbox: where the drill ran and on what; None where no engine was reached.
        steps: in the order in which they began.
        checks: every question to the restored data, drtool's own included.
        losses: what is missing, extra or changed against a baseline; empty also where none was compared, which
            `deviations` then say.
        findings: what decided the verdict, and warnings.
        deviations: every fallback, retry and omission.
        assumptions: what was taken for granted, time zones above all.
        isolation: each attempt of a sandbox to get out.
        destruction: what was removed at the end, and what was left.
        ledger: where the drill stands in the ledger; None where it was not entered.
        files: the SHA-256 in hex of every other file in the drill's folder, but for the signature and for what is made
            of the signed record: a time-stamp, a statement.
        projection: the recovery time at production's size, where a sample was restored.
        exposure: the largest loss at any moment, by the history of each store.
        every_seconds: how often the scenario is to be drilled; None where it does not say so.
        timestamp_authority: who was to be asked for a time-stamp over this record, as a URL without credentials; None
            where nobody was. Whether it gave one the record cannot say.
        statement: whether an in-toto statement about this record was to be made.
        rejected: newer backups that were found unusable before one was taken that is usable.
        archive: where a copy of the evidence was to be put once the record is signed; None where nobody asked for one.
    """

    schema_version: int
    drtool_version: str
    drill_id: str
    scenario: str
    scenario_info: ScenarioInfo
    owner: str | None
    operator: str
    host: str
    environment: str
    controls: tuple[str, ...]
    profile: Profile
    verdict: Verdict
    reason: str
    interrupted: bool
    signed: bool
    started_at: datetime
    disaster_at: datetime
    recovered_at: datetime | None
    finished_at: datetime
    rto: Rto
    rpo: Rpo
    backups: tuple[BackupRead, ...]
    choices: tuple[Choice, ...]
    sandbox: Environment | None
    steps: tuple[Step, ...]
    checks: tuple[Check, ...]
    losses: tuple[Loss, ...]
    findings: tuple[Finding, ...]
    deviations: tuple[str, ...]
    assumptions: tuple[str, ...]
    isolation: tuple[IsolationProbe, ...]
    destruction: Destruction
    ledger: LedgerPosition | None
    files: dict[str, str]
    projection: Projection | None = None
    exposure: tuple[Exposure, ...] = ()
    every_seconds: float | None = None
    timestamp_authority: str | None = None
    statement: bool = False
    rejected: tuple[Rejected, ...] = ()
    archive: Archiving | None = None


class _Versioned(msgspec.Struct):
    """As much of a record as every version of the schema has."""

    schema_version: int


# Made here and not where they are used: msgspec 0.22 works out what a type looks like when it is first decoded, and
# crashes the process where two threads do so at once.
_decoder = msgspec.json.Decoder(DrillRecord)
_version_decoder = msgspec.json.Decoder(_Versioned)


def encode(record: DrillRecord) -> bytes:
    """Return the record as the bytes of `report.json`: UTF-8, two-space indent, a newline at the end.

    Text that is no text (a path with bytes of another encoding in it) is written with its bytes escaped: the
    drill that met it must leave its record all the same.
    """
    try:
        document = msgspec.json.encode(record)
    except UnicodeEncodeError:
        document = msgspec.json.encode(_escaped(msgspec.to_builtins(record)))
    return msgspec.json.format(document, indent=2) + b"\n"


def decode(document: bytes) -> DrillRecord:
    """Read a record back from the bytes of `report.json`.

    Records of an earlier drtool lack fields that were added since: those have their defaults. Fields that a later
    drtool added are passed over.

    Raises:
        DrtoolError: the bytes are no record of a schema version that this drtool knows.
    """
    version = schema_version_of(document)
    if version not in (None, SCHEMA_VERSION):
        raise DrtoolError(
            "report-unreadable",
            f"This drill record is of schema version {version}",
            why=f"this drtool reads version {SCHEMA_VERSION}",
            mend="Read it with the drtool that wrote it, or a newer one",
        )
    try:
        return _decoder.decode(document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DrtoolError(
            "report-unreadable", "This is not a drill record that drtool can read", why=str(error)
        ) from error


def schema_version_of(document: bytes) -> int | None:
    """Return the schema version that a record names, or None where it names none: then it is no record."""
    try:
        return _version_decoder.decode(document).schema_version
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _escaped(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {_escaped(name): _escaped(one) for name, one in value.items()}
        case list() | tuple():
            return [_escaped(one) for one in value]
        case _:
            return value
