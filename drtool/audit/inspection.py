"""Looks into one drill's folder: whether it holds what the ledger and the signed report say, and nothing else."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from drtool.attest.timestamp import Authorities
from drtool.audit import enclosures, line_ends
from drtool.audit.drills import CLOCK_TOLERANCE, LedgerDrill
from drtool.audit.enclosures import Enclosures
from drtool.audit.open_folder import OpenFolder
from drtool.audit.problems import Problem, failed, unverified
from drtool.errors import DrtoolError
from drtool.evidence import folder
from drtool.evidence.chain import LedgerEntry
from drtool.host import plain
from drtool.host.plain import NotPlain, visible
from drtool.keys.verification import SIGNATURE_LIMIT_BYTES, Signature, SignatureStanding, Verifier
from drtool.record.model import SCHEMA_VERSION, DrillRecord, decode, schema_version_of
from drtool.times import utc

_UNTRUSTED = {
    SignatureStanding.BROKEN: ("signature-broken", "is no valid signature over report.json: one of them was changed"),
    SignatureStanding.KEY_NOT_TRUSTED: (
        "key-not-trusted", "was made with a key that is not in the list of trusted keys ({key})"
    ),
    SignatureStanding.KEY_NOT_VALID_THEN: (
        "key-not-valid-then", "was made with a trusted key that was not valid when the drill finished ({key})"
    ),
    SignatureStanding.KEY_NOT_FOR_REPORTS: (
        "key-not-for-reports", "was made with a trusted key that is not trusted to sign drill reports ({key})"
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What was found in a drill's folder; `signature` is None where there was none to check."""

    problems: tuple[Problem, ...]
    record: DrillRecord | None = None
    signature: Signature | None = None
    unsigned: bool = False
    enclosures: Enclosures = field(default_factory=Enclosures)
    passed_over: tuple[str, ...] = ()

    @property
    def unread(self) -> bool:
        """Whether something in it may not be read."""
        return any(one.code == "evidence-unreadable" for one in self.problems)


def inspect(
    reports: Path,
    drill: LedgerDrill,
    entries: Mapping[int, LedgerEntry],
    verifier: Verifier,
    authorities: Authorities | None = None,
) -> Inspection:
    """Inspect the folder of a drill that has ended.

    Args:
        reports: the reports folder.
        drill: what the ledger says of it; its id is a proper one.
        entries: the ledger's entries by their number.
        verifier: checks the signature.
        authorities: the time-stamp authorities that are trusted; None where nobody named any.

    Returns:
        What was found; nothing in the folder, however hostile, raises an error.
    """
    assert drill.end is not None  # noqa: S101 (for the type checker)
    try:
        with plain.open_folder(reports / drill.drill_id) as handle:
            names = os.listdir(handle)  # noqa: PTH208 (of the folder that was opened, whatever has its name by now)
            opened = OpenFolder(drill=drill, end=drill.end, handle=handle, names=frozenset(names))
            return _inspect(opened, entries, verifier, authorities)
    except NotPlain as error:
        what = f"{error}, though the ledger has a drill of that name with the verdict {drill.end.verdict}"
        if error.refused:
            found = unverified("evidence-unreadable", f"{drill.drill_id}/", what, drill_id=drill.drill_id)
        else:
            code = "folder-missing" if error.missing else "folder-not-plain"
            found = failed(code, f"{drill.drill_id}/", what, drill_id=drill.drill_id)
        return Inspection(problems=(found,))


def unentered_verdict(reports: Path, drill: LedgerDrill) -> str | None:
    """Return the verdict of a report that a drill left but never entered, or None when it left none."""
    try:
        with plain.open_folder(reports / drill.drill_id) as handle:
            record = _decoded(plain.read(folder.RECORD, limit_bytes=plain.DOCUMENT_LIMIT_BYTES, folder=handle))
    except NotPlain:
        return None
    return str(record.verdict) if record else None


def _inspect(
    opened: OpenFolder, entries: Mapping[int, LedgerEntry], verifier: Verifier, authorities: Authorities | None
) -> Inspection:
    try:
        document = plain.read(folder.RECORD, limit_bytes=plain.DOCUMENT_LIMIT_BYTES, folder=opened.handle)
    except NotPlain as error:
        opened.unread(error, folder.RECORD, missing="report-missing")
        return Inspection(problems=tuple(opened.problems))
    if not (as_entered := hashlib.sha256(document).hexdigest() == opened.end.report_sha256):
        if (before := line_ends.as_it_was(document, opened.end.report_sha256 or "")) is not None:
            opened.fail("line-ends-converted", folder.RECORD, line_ends.WHAT)
            document, as_entered = before, True
        else:
            what = f"is not the report that entry {opened.end.sequence} of the ledger names: it was edited or exchanged"
            opened.fail("report-changed", folder.RECORD, what)
    if (record := _decoded(document)) is None:
        if as_entered:
            opened.fail("report-unreadable", folder.RECORD, _unreadable(document))
        return Inspection(problems=tuple(opened.problems))
    signature = _signature(opened, record, document, verifier)
    if unsigned := not record.signed and signature is None:
        what = "is UNSIGNED: the drill was run with --unsigned, so nothing proves who wrote it"
        opened.doubt("unsigned", folder.RECORD, what)
    for code, what in (*_disagreements(opened, record), *_position(opened, record, entries)):
        opened.fail(code, folder.RECORD, what)
    passed_over = _files(opened, record)
    enclosed = enclosures.check(opened, record, document, signature, authorities)
    problems = tuple(opened.problems)
    return Inspection(
        problems=problems,
        record=record,
        signature=signature,
        unsigned=unsigned,
        enclosures=enclosed,
        passed_over=passed_over,
    )


def _signature(opened: OpenFolder, record: DrillRecord, document: bytes, verifier: Verifier) -> Signature | None:
    if folder.SIGNATURE not in opened.names:
        if record.signed:
            opened.fail("signature-missing", folder.SIGNATURE, "is missing, though the report says that it is signed")
        return None
    try:
        content = plain.read(folder.SIGNATURE, limit_bytes=SIGNATURE_LIMIT_BYTES, folder=opened.handle)
    except NotPlain as error:
        opened.unread(error, folder.SIGNATURE, missing="signature-missing")
        return None
    signature = verifier.verify(document, content, record.finished_at)
    if signature.standing in _UNTRUSTED:
        code, what = _UNTRUSTED[signature.standing]
        opened.fail(code, folder.SIGNATURE, what.format(key=signature.fingerprint))
    return signature


def _disagreements(opened: OpenFolder, record: DrillRecord) -> Iterator[tuple[str, str]]:
    """Yield where the report and the ledger say different things of the same drill."""
    start, end = opened.drill.start, opened.end
    for code, what, reported, entered in (
        ("drill-id-disagrees", "drill id", record.drill_id, start.drill_id),
        ("scenario-disagrees", "scenario", record.scenario, start.scenario),
        ("operator-disagrees", "operator", record.operator, start.operator),
        ("host-disagrees", "host", record.host, start.host),
        ("verdict-disagrees", "verdict", str(record.verdict), str(end.verdict)),
        ("interrupted-disagrees", "interrupted", str(record.interrupted).lower(), str(end.interrupted).lower()),
    ):
        if reported != entered:
            yield code, f"has {what} {visible(reported)}, the ledger has {visible(str(entered))}"
    began, ended = utc(record.started_at), utc(record.finished_at)
    if abs(record.started_at - start.at) > CLOCK_TOLERANCE:
        yield "time-disagrees", f"says that the drill began at {began}, the ledger says {utc(start.at)}"
    if record.finished_at - end.at > CLOCK_TOLERANCE or record.finished_at < record.started_at:
        yield "time-disagrees", f"says that the drill ended at {ended}, the ledger says {utc(end.at)}"


def _position(opened: OpenFolder, record: DrillRecord, entries: Mapping[int, LedgerEntry]) -> Iterator[tuple[str, str]]:
    """Yield where the ledger is not the one that the report was written on."""
    if record.ledger is None:
        yield "ledger-position-missing", "does not say on what ledger it was written"
        return
    if record.ledger.start_sequence != opened.drill.start.sequence:
        now = f"where it is entry {opened.drill.start.sequence} now: the ledger was rebuilt"
        yield "ledger-replaced", f"says that the drill is entry {record.ledger.start_sequence} of the ledger, {now}"
    if (head := entries.get(record.ledger.head_sequence)) is None or head.hash != record.ledger.head:
        written = f"was written when entry {record.ledger.head_sequence} of the ledger had another hash"
        yield "ledger-replaced", f"{written} ({record.ledger.head[:12]}...): the ledger was changed or rebuilt since"
    elif not opened.drill.start.sequence <= head.sequence < opened.end.sequence:
        yield "ledger-replaced", f"was written on entry {head.sequence} of the ledger, which is not within the drill"


def _files(opened: OpenFolder, record: DrillRecord) -> tuple[str, ...]:
    """Hold every file of the folder against the digest in the report; return the names of those passed over."""
    for name, digest in sorted(record.files.items()):
        if "/" in name or name in (".", "..", *folder.NOT_IN_THE_REPORT):
            what = f"lists a file {visible(name)}, which cannot be in its folder"
            opened.fail("report-unreadable", folder.RECORD, what)
            continue
        try:
            if plain.sha256(name, folder=opened.handle) == digest:
                continue
            content = plain.read(name, limit_bytes=plain.LIMIT_BYTES, folder=opened.handle)
            if line_ends.as_it_was(content, digest) is not None:
                opened.fail("line-ends-converted", name, line_ends.WHAT)
            else:
                opened.fail("file-changed", name, "was changed: its digest is not the one in report.json")
        except NotPlain as error:
            opened.unread(error, name, missing="file-missing")
    passed_over = []
    for name in sorted(opened.names - {*record.files, folder.RECORD, *folder.enclosures_of(record)}):
        if folder.is_dropping(name):
            passed_over.append(visible(name))
        else:
            opened.fail("file-unlisted", name, "does not belong there: report.json has no digest of it")
    return tuple(passed_over)


def _decoded(document: bytes) -> DrillRecord | None:
    try:
        return decode(document)
    except DrtoolError:
        return None


def _unreadable(document: bytes) -> str:
    """Say what is wrong with a report that cannot be read."""
    version = schema_version_of(document)
    if version in (None, SCHEMA_VERSION):
        return "is no drill record that this drtool can read"
    return f"is a record of schema version {version}; this drtool reads version {SCHEMA_VERSION}: audit it with another"
