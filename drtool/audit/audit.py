"""Checks all the evidence in a reports folder: the ledger, every drill's folder, every signature.

It trusts nothing that lies with the evidence: the keys come from the site's own configuration or from the auditor.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from drtool.attest.timestamp import Authorities
from drtool.audit import cadence
from drtool.audit.conclusions import notes_on, notes_on_droppings, notes_on_retired, notes_on_timestamps, verdict_over
from drtool.audit.drills import LedgerDrill, clock_set_back, read_until_settled
from drtool.audit.examination import Examiner, pins, signer_unknown, unknown
from drtool.audit.goalposts import Goalpost, Held, moved, renamed
from drtool.audit.problems import Problem, failed, unverified
from drtool.audit.result import AuditedDrill, AuditResult, ScenarioHistory, Scope, Signers, State, controls
from drtool.errors import Unverifiable
from drtool.evidence import chain, folder, ledger
from drtool.host.plain import visible
from drtool.keys.verification import Verifier


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
    keys = trusted or pins()
    with Verifier(keys) as verifier, ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
        examiner = Examiner(
            reports=reports, found=found, gone=gone, verifier=verifier, authorities=authorities, now=now
        )  # fmt: skip
        results = list(pool.map(examiner.examine, looked_at))
        before = cadence.last_passed_before(found.drills, scope.since)
        earlier = [drill for drill, _ in pool.map(examiner.examine, before)]
    drills = tuple(drill for drill, _ in results)
    problems = [
        *found.problems,
        *clock_set_back(found.chain.entries, scope.since, scope.until),
        *unknown(folders, found),
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
        problems.append(signer_unknown(seen))
    if found.chain.hashes and all(drill.state is State.NOT_ENDED for drill in drills):
        asked = " and began in the period asked for" if scope.since or scope.until else ""
        problems.append(unverified("no-drills", ledger.NAME, f"has no drill that is over{asked}: nothing was verified"))
    goalposts = _goalposts([*earlier, *drills], scenarios, scope.retired, at)
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
        goalposts=tuple(goalposts),
        notes=(
            *notes_on(found.chain, reports, keys),
            *notes_on_droppings(drills),
            *notes_on_timestamps(drills, authorities),
            *cadence.loosened(drilled),
            *map(str, goalposts),
            *cadence.late(drilled, scope.every, asked=scope.scenarios),
            *_further_notes(reports, scope, looked_at),
        ),
    )


def _goalposts(
    drills: Sequence[AuditedDrill], scenarios: Sequence[ScenarioHistory], retired: Sequence[str], at: datetime
) -> list[Goalpost]:
    anytime = {one.scenario for one in scenarios if one.every_seconds is None} - {*retired}
    held = [
        Held(scenario=one.scenario, drill_id=one.drill_id, at=one.started_at, goals=one.report.goals)
        for one in drills
        if one.report and one.report.goals and one.scenario != cadence.AD_HOC
    ]
    return [*moved(held), *renamed(held, anytime, at)]


def _folders(reports: Path) -> list[str]:
    """Return the names of what may be drills' folders."""
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
        return folder.may_be_drills(Path(found.path))
    except PermissionError:
        return found.is_dir()
    except OSError:
        return False  # a link in a circle, say: no folder, so nothing that could be one drill too many


def _further_notes(reports: Path, scope: Scope, looked_at: Sequence[LedgerDrill]) -> list[str]:
    """Return what was not looked at: scenarios nobody drills, folders with drills of their own, drills that go on."""
    try:
        others = sorted(path.parent.name for path in reports.glob(f"*/{ledger.NAME}"))
    except OSError:
        others = []
    return [
        *notes_on_retired(scope.retired),
        *(f"{visible(name)}/ holds a ledger of its own, which this audit did not look at." for name in others),
        *(f"{visible(one.drill_id)}: its process runs on this host." for one in looked_at if one.is_seen_to_run()),
    ]


def _heads(heads: Sequence[str], found: chain.Chain) -> list[Problem]:
    hashes = frozenset(found.hashes)
    lost = [head for head in heads if head.lower() not in hashes]
    why = "its end was cut off since, or its history replaced"
    return [failed("head-not-found", ledger.NAME, f"does not hold the head {head}: {why}") for head in lost]
