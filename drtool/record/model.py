"""The record of one drill: what `report.json` holds, and its reader. Its parts have files of their own beside this one.

Frozen dataclasses with units in their names; every instant is an aware UTC `datetime`, written as RFC 3339.
The names that scripts outside rely on are fixed (see docs/report.md). Within schema version 1 fields may be added, each
with a default, so that records written before can be read; none is renamed or removed. The docstrings here are the
descriptions in docs/report.schema.json: after a change run `make schema`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from drtool.errors import Unverifiable
from drtool.record.backups import BackupRead, Choice, Rejected
from drtool.record.environment import Environment, Profile
from drtool.record.exposure import Exposure
from drtool.record.recovery import Projection, Rpo, Rto
from drtool.record.steps import Step
from drtool.record.verdicts import AgreedTolerance, Check, Finding, IsolationProbe, Loss, Verdict

SCHEMA_VERSION = 1

# Beyond them lie the limits of dates and of arithmetic. Whole numbers count bytes and things, fractions are seconds.
_MOST, _MOST_SECONDS = 2**63, 1e12


@dataclass(frozen=True, kw_only=True)
class ScenarioInfo:
    """Which script told the drill what to do, down to its bytes."""

    description: str
    file: str
    sha256: str | None
    git_commit: str | None


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
        tolerances: what the scenario's comparisons were to let pass; None in records older than this field.
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
    tolerances: tuple[AgreedTolerance, ...] | None = None


class _Versioned(msgspec.Struct):
    """As much of a record as every version of the schema has."""

    schema_version: int


# Made here and not where they are used: msgspec 0.22 works out what a type looks like when it is first decoded, and
# crashes the process where two threads do so at once.
_decoder = msgspec.json.Decoder(DrillRecord)
_version_decoder = msgspec.json.Decoder(_Versioned)


def encode(document: object) -> bytes:
    """Return a record as the bytes of `report.json`, and other JSON likewise: UTF-8, indented, a newline at its end."""
    return msgspec.json.format(compact(document), indent=2) + b"\n"


def compact(document: object) -> bytes:
    """Return values as JSON on one line.

    Text that is no text (a path with bytes of another encoding in it) is written with its bytes escaped: the
    drill that met it must leave its evidence all the same.
    """
    try:
        return msgspec.json.encode(document)
    except UnicodeEncodeError:
        return msgspec.json.encode(_escaped(msgspec.to_builtins(document)))


def decode(document: bytes) -> DrillRecord:
    """Read a record back from the bytes of `report.json`.

    Records of an earlier drtool lack fields that were added since: those have their defaults. Fields that a later
    drtool added are passed over.

    Raises:
        Unverifiable: the bytes are no record of a schema version that this drtool knows, or one that no drill leaves.
    """
    version = schema_version_of(document)
    if version not in (None, SCHEMA_VERSION):
        what = f"This drill record is of schema version {version}"
        raise Unverifiable("record-unreadable", what, why=f"this drtool reads version {SCHEMA_VERSION}")
    try:
        record = _decoder.decode(document)
        for value in _values(record):
            _refuse_what_no_drill_leaves(value)
    except (msgspec.DecodeError, ValueError, OverflowError, RecursionError) as error:
        mend = "" if document.lstrip().startswith(b"{") else "Name the drill's folder, or the report.json in it"
        what = "This is not a drill record that drtool can read"
        raise Unverifiable("record-unreadable", what, why=str(error), mend=mend) from error
    return record


def schema_version_of(document: bytes) -> int | None:
    """Return the schema version that a record names, or None where it names none: then it is no record."""
    try:
        return _version_decoder.decode(document).schema_version
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _values(value: object) -> Iterator[object]:
    """Yield what is in a record, whatever it is in."""
    if is_dataclass(value):
        for one in fields(value):
            yield from _values(getattr(value, one.name))
    elif isinstance(value, (dict, tuple)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _values(each)
    else:
        yield value


def _refuse_what_no_drill_leaves(value: object) -> None:
    """Refuse what nobody could reckon with, so that no reader has to: what drtool writes is within these bounds."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"the time {value.isoformat()} has no zone")
        value.astimezone(UTC)  # or an OverflowError
    elif isinstance(value, (int, float)) and not abs(value) <= (_MOST if isinstance(value, int) else _MOST_SECONDS):
        raise ValueError("it holds a number that is too large")


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
