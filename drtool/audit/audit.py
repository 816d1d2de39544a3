"""Checks all the evidence in a reports folder: the ledger, every drill's folder, every signature.

It trusts nothing that lies with the evidence: the keys come from the site's own configuration or from the auditor.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from drtool.attest.timestamp import Authorities
from drtool.audit import cadence
from drtool.audit.conclusions import notes_on, notes_on_retired, notes_on_timestamps, verdict_over
from drtool.audit.drills import LedgerDrill, LedgerRead, clock_set_back, read_until_settled
from drtool.audit.inspection import Inspection, inspect, unentered_verdict
from drtool.audit.problems import Problem, failed, unverified
from drtool.audit.result import AuditedDrill, AuditResult, Scope, Signers, State, controls, reported
from drtool.errors import Unverifiable
from drtool.evidence import chain, folder, ledger
from drtool.host import plain
from drtool.host.plain import NotPlain, visible
from drtool.keys import allowed_signers, site
from drtool.keys.verification import Verifier
from drtool.record.verdicts import Effect
from drtool.times import utc


def audit(
    reports: Path, *, trusted: Path | None = None, authorities: Authorities | None = None, scope: Scope | None = None
) -> AuditResult:
    """Check the evidence in a reports folder.

    Args:
        reports: the folder.
        trusted: the auditor's list of keys, in the format of `allowed_signers`; None for the keys this site pinned.
        authorities: the time-stamp authorities that the auditor trusts; None leaves theirs unknown.
        scope: what is asked; everything where it is None.

    Returns:
        What was found. Nothing in the folder, however hostile, raises an error.

    Raises:
        Unverifiable: there is no evidence at all, or no ssh-keygen.
        WrongUse: the auditor's list of keys cannot be read, or names no key.
    """
    now = datetime.now(UTC)
    scope = scope or Scope()
    # The folders before the ledger: a drill is entered before its folder is made, so none can seem unknown.
    folders = _folders(reports)
    found, gone = read_until_settled(reports / ledger.NAME)
    if not found.chain.hashes and not found.problems and not folders:
        what = f"There is no evidence in {visible(str(reports))}"
        raise Unverifiable("no-evidence", what, why="it holds neither a ledger nor a drill's folder")
    looked_at = [one for one in found.drills if one.within(scope.since, scope.until)]
    keys = trusted or _pins()
    with Verifier(keys) as verifier, ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
        audited = partial(_audited, reports, found, gone, verifier, authorities, now)
        results = list(pool.map(audited, looked_at))
        earlier = [drill for drill, _ in pool.map(audited, cadence.last_passed_before(found.drills, scope.since))]
    drills = tuple(drill for drill, _ in results)
    problems = [
        *found.problems,
        *clock_set_back(found.chain.entries, scope.since, scope.until),
        *_unknown(folders, found),
        *(problem for _, problems in results for problem in problems),
        *_heads(scope.heads, found.chain),
    ]
    drilled = cadence.past_drills(found.drills, [*earlier, *drills], scope.until)
    at = min(scope.until or now, now)
    scenarios = cadence.histories(drilled, scope.scenarios)
    scenarios = cadence.judged(scenarios, scope.every, at, asked=scope.scenarios, retired=scope.retired)
    problems += cadence.problems(scenarios, at)
    seen = Counter(drill.fingerprint for drill in drills if drill.fingerprint)
    if keys is None and seen:
        problems.append(_signer_unknown(seen))
    if found.chain.hashes and all(drill.state is State.NOT_ENDED for drill in drills):
        asked = " and began in the period asked for" if scope.since or scope.until else ""
        problems.append(unverified("no-drills", ledger.NAME, f"has no drill that is over{asked}: nothing was verified"))
    verdict, reason = verdict_over(problems, drills)
    return AuditResult(
        schema_version=1,
        reports=visible(str(reports)),
        audited_at=now,
        verdict=verdict,
        reason=reason,
        since=scope.since,
        until=scope.until,
        cadence_seconds=scope.every.total_seconds() if scope.every else None,
        entries=len(found.chain.entries),
        head=found.chain.hashes[-1] if found.chain.hashes else None,
        heads=scope.heads,
        signers=Signers(trusted_from=visible(str(keys)) if keys else None, seen=dict(seen)),
        drills=drills,
        scenarios=tuple(scenarios),
        controls=controls(drills),
        problems=tuple(problems),
        notes=(
            *notes_on(found.chain, reports, keys),
            *notes_on_timestamps(drills, authorities),
            *cadence.loosened(drilled),
            *notes_on_retired(scope.retired),
            *(f"{visible(one.drill_id)}: its process runs on this host." for one in looked_at if one.is_seen_to_run()),
        ),
    )


def _pins() -> Path | None:
    """Return the list of keys that this site has pinned, or None when it has pinned none."""
    try:
        path = site.pins_path()
        content = plain.read(path.resolve(), limit_bytes=plain.DOCUMENT_LIMIT_BYTES).decode("utf-8", "replace")
    except (Unverifiable, NotPlain):
        return None
    return path if allowed_signers.entries(content) else None


def _folders(reports: Path) -> list[str]:
    """Return the names of what may be drills' folders; a repository's or a file system's own are left out."""
    try:
        with os.scandir(reports) as found:
            return sorted(one.name for one in found if _may_be_drill(one))
    except FileNotFoundError:
        return []
    except OSError as error:
        what = f"{visible(str(reports))} cannot be read"
        raise Unverifiable("no-evidence", what, why=error.strerror or str(error)) from error


def _may_be_drill(found: os.DirEntry[str]) -> bool:
    try:
        if found.name.startswith(".") or found.name == "lost+found":
            return Path(found.path, folder.RECORD).exists()
        return found.is_dir()
    except OSError:
        return False  # a link in a circle, say: no folder, so nothing that could be one drill too many


def _audited(
    reports: Path,
    found: LedgerRead,
    gone: frozenset[str],
    verifier: Verifier,
    authorities: Authorities | None,
    now: datetime,
    drill: LedgerDrill,
) -> tuple[AuditedDrill, tuple[Problem, ...]]:
    inspection = Inspection(problems=())
    if not folder.DRILL_ID.fullmatch(drill.drill_id):
        where, what = f"{ledger.NAME}, entry {drill.start.sequence},", f"names a drill {visible(drill.drill_id)}"
        inspection = Inspection(problems=(failed("bad-drill-id", where, f"{what}, which cannot be one"),))
    elif drill.end:
        inspection = inspect(reports, drill, found.entries, verifier, authorities)
    elif drill.drill_id in gone or drill.has_run_out_of_time(now):
        inspection = Inspection(problems=(_abandoned(reports, drill, gone),))
    else:
        inspection = Inspection(problems=(_not_ended(drill),))
    intact = not any(one.effect is Effect.FAILED for one in inspection.problems)
    state = _state(drill, inspection, abandoned=not intact)
    record = inspection.record if intact else None
    signature = inspection.signature
    audited = AuditedDrill(
        drill_id=drill.drill_id,
        scenario=drill.start.scenario or "",
        state=state,
        started_at=drill.start.at,
        ended_at=drill.end.at if drill.end else None,
        intact=None if state is State.NOT_ENDED or (intact and inspection.unread) else intact,
        signature="UNSIGNED" if inspection.unsigned else str(signature.standing) if signature else None,
        signer=signature.principal if signature else None,
        fingerprint=signature.fingerprint if signature else None,
        report=reported(record) if record else None,
        timestamp=inspection.enclosures.timestamp,
        timestamp_at=inspection.enclosures.timestamp_at,
        statement=inspection.enclosures.statement,
    )
    return audited, inspection.problems


def _state(drill: LedgerDrill, inspection: Inspection, *, abandoned: bool) -> State:
    if drill.end is None:
        return State.ABANDONED if abandoned else State.NOT_ENDED
    if inspection.unsigned:
        return State.UNVERIFIED
    return State.INTERRUPTED if drill.end.interrupted else State(str(drill.end.verdict))


def _abandoned(reports: Path, drill: LedgerDrill, gone: frozenset[str]) -> Problem:
    why = "its process is gone" if drill.drill_id in gone else "its time limit passed long ago"
    verdict = unentered_verdict(reports, drill)
    left = f"; it left a report with the verdict {verdict} that was never entered" if verdict else ""
    what = f"was abandoned: it began at {utc(drill.start.at)} and never ended, {why}{left}"
    return failed("drill-abandoned", f"{drill.drill_id}/", what, drill_id=drill.drill_id)


def _not_ended(drill: LedgerDrill) -> Problem:
    """Return what an open drill is to everybody: nothing is proved as long as it could be running."""
    what = f"has not ended: it began at {utc(drill.start.at)}, and counts as abandoned from {utc(drill.over_at)} on"
    return unverified("drill-not-ended", f"{drill.drill_id}/", what, drill_id=drill.drill_id)


def _unknown(folders: Sequence[str], found: LedgerRead) -> list[Problem]:
    unknown = sorted(set(folders) - {drill.drill_id for drill in found.drills})
    problems = []
    if unknown and not found.chain.hashes:
        problems.append(failed("ledger-missing", ledger.NAME, "is missing or empty, though there are drills' folders"))
    for name in unknown:
        look_alike = "" if name.isascii() else "; its name has letters that look like others, written here as escapes"
        what = f"is a folder that the ledger does not know{look_alike}"
        problems.append(failed("folder-unknown", f"{visible(name)}/", what))
    return problems


def _heads(heads: Sequence[str], found: chain.Chain) -> list[Problem]:
    hashes = frozenset(found.hashes)
    lost = [head for head in heads if head.lower() not in hashes]
    why = "its end was cut off since, or its history replaced"
    return [failed("head-not-found", ledger.NAME, f"does not hold the head {head}: {why}") for head in lost]


def _signer_unknown(seen: Counter[str]) -> Problem:
    unknown = f"the signer of {seen.total()} sound signatures is unknown ({', '.join(sorted(seen))})"
    mend = "get the site's keys by another way than with the reports, and name them with --allowed-signers"
    what = f"of this site's own configuration names no key, so {unknown}: {mend}"
    return unverified("signer-unknown", allowed_signers.NAME, what)
