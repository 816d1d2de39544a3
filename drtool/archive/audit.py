"""Audits the evidence straight from an archive, and holds a reports folder against its archive."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from drtool.archive.bucket import Bucket
from drtool.archive.fetching import Stored, fetch
from drtool.archive.keeping import OBJECT_LIMIT
from drtool.archive.layout import DrillFile, LedgerLine, Location, part
from drtool.archive.locks import judged
from drtool.archive.retention import BucketLock
from drtool.attest.timestamp import Authorities
from drtool.audit.audit import audit
from drtool.audit.conclusions import extended
from drtool.audit.problems import Problem, failed, unverified
from drtool.audit.result import AuditResult, Scope
from drtool.errors import Unverifiable
from drtool.evidence import chain, folder, ledger
from drtool.host import plain
from drtool.host.interruption import interruptible, signals_restored
from drtool.host.plain import NotPlain, visible

_LONGEST = timedelta(days=7)
_NAMED = 20


def audit_archive(
    location: Location,
    *,
    trusted: Path | None = None,
    authorities: Authorities | None = None,
    scope: Scope | None = None,
) -> AuditResult:
    """Check the evidence in an archive, of which a copy is made for the time of the audit.

    Args:
        location: the archive.
        trusted: as for `drtool.audit.audit.audit`.
        authorities: likewise.
        scope: likewise.

    Returns:
        What that audit finds, and what is wrong with the archive's objects and their retention.

    Raises:
        Unverifiable: the archive cannot be read, holds no evidence or too much of it, or there is no ssh-keygen.
        WrongUse: the auditor's list of keys cannot be read, or names no key.
    """
    bucket = Bucket(location)
    lock = bucket.lock()
    with signals_restored(), tempfile.TemporaryDirectory(prefix="drtool-archive-") as copy, interruptible(_LONGEST):
        reports = Path(copy)
        fetched = fetch(bucket, reports)
        if not any(reports.iterdir()):
            why = fetched.problems[0].sentence.rstrip(".") if fetched.problems else ""
            mend = "Name the bucket and prefix that drills were archived to: s3://bucket/prefix"
            raise Unverifiable("no-evidence", f"There is no evidence in {location}", why=why, mend=mend)
        result = audit(reports, trusted=trusted, authorities=authorities, scope=scope)
        lines = _about(reports)
    drills, problems = result.drills, list(fetched.problems)
    if unlocked := _unlocked(bucket, lock, fetched.stored):
        problems.append(unlocked)
    else:
        drills, wrong = judged(fetched.stored, drills, lines, result.audited_at)
        problems += wrong
    # Nobody can follow a link to a page: the copy that was audited is gone.
    drills = tuple(replace(one, report=replace(one.report, page=None)) if one.report else one for one in drills)
    return extended(result, reports=str(location), drills=drills, problems=problems, notes=fetched.notes)


def compared(result: AuditResult, reports: Path, location: Location) -> AuditResult:
    """Hold a reports folder against its archive, by the names of the archive's objects alone.

    Args:
        result: of the audit of the folder.
        reports: the folder.
        location: the archive.

    Returns:
        The same, with what the archive has and the folder lost, and what the archive lacks.

    Raises:
        Unverifiable: the archive cannot be listed.
    """
    keys = [part(key) for key in Bucket(location).sizes(limit=OBJECT_LIMIT)]
    # After the archive: whoever adds a line to both meanwhile adds it to the folder first.
    here = _about(reports)
    archived = {one for one in keys if isinstance(one, LedgerLine)}
    files = {one for one in keys if isinstance(one, DrillFile)}
    problems = []
    if lost := sorted((one for one in archived if one not in here), key=lambda one: one.sequence):
        which = f"{len(lost)} entries from {lost[0].sequence} on" if len(lost) > 1 else f"entry {lost[0].sequence}"
        what = f"lacks {which} of the archive {location}: it was cut, changed or rebuilt since"
        problems.append(failed("ledger-behind-archive", ledger.NAME, what))
    for drill_id in sorted({one.drill_id for one in files} - set(here.values()))[:_NAMED]:
        what = f"is in the archive {location}, and this folder's ledger knows no such drill"
        problems.append(failed("drill-lost", f"{visible(drill_id)}/", what, drill_id=drill_id))
    for drill in result.drills:
        asked = drill.report.archive if drill.report else None
        if asked and asked.location == str(location) and DrillFile(drill.drill_id, folder.RECORD) not in files:
            what = f"was to be archived in {location} and is not there: `drtool archive` adds what is missing"
            problems.append(unverified("not-archived", f"{drill.drill_id}/", what, drill_id=drill.drill_id))
    return extended(result, problems=problems)


def _about(reports: Path) -> dict[LedgerLine, str]:
    """Return the lines of a ledger, and the id of the drill that each is about; a note is about none."""
    try:
        content = plain.read(reports / ledger.NAME, limit_bytes=plain.LIMIT_BYTES)
    except NotPlain:
        return {}
    found = {}
    for number, line in enumerate(chain.split(content), start=1):
        entry = chain.decode(line)
        found[LedgerLine(number, chain.digest(line))] = entry.drill_id if entry else ""
    return found


def _unlocked(bucket: Bucket, lock: BucketLock | None, stored: Sequence[Stored]) -> Problem | None:
    """Return why the retention of single objects need not be looked at, or None where it must be."""
    where = str(bucket.location)
    if lock is None:
        what = "is in a bucket without Object Lock: whoever can write to it can change and remove the evidence"
        return failed("archive-unlocked", where, what)
    if not stored or any(one.until for one in stored) or bucket.has_no_retention(stored[0].version):
        return None
    what = "shows no retention on any object: there is none, or this key may not see it (s3:GetObjectRetention)"
    return unverified("archive-retention-unseen", where, what)
