"""What an audit comes to: the verdict over all problems, and what is worth knowing besides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from drtool.amounts import count, listed
from drtool.attest.timestamp import Authorities
from drtool.audit.enclosures import EnclosureState
from drtool.audit.problems import Problem
from drtool.audit.result import AuditedDrill, AuditResult
from drtool.evidence import chain, ledger
from drtool.host.plain import visible
from drtool.keys.verification import SignatureStanding
from drtool.record.verdicts import Effect, Verdict


def extended(
    result: AuditResult,
    *,
    reports: str | None = None,
    drills: tuple[AuditedDrill, ...] | None = None,
    problems: Sequence[Problem] = (),
    notes: Sequence[str] = (),
) -> AuditResult:
    """Return the result of an audit with what was found beside it, and the verdict over all of it.

    Args:
        result: of the audit.
        reports: what was audited, where that has another name for people than the folder has.
        drills: the same drills, with more known of each.
        problems: what else is wrong.
        notes: what else is worth knowing.
    """
    drills = result.drills if drills is None else drills
    everything = (*problems, *result.problems)
    verdict, reason = verdict_over(everything, drills)
    return replace(
        result,
        reports=visible(reports) if reports else result.reports,
        verdict=verdict,
        reason=reason,
        drills=drills,
        problems=everything,
        notes=(*result.notes, *notes),
    )


def notes_on(found: chain.Chain, reports: Path, keys: Path | None) -> list[str]:
    """Return what is worth knowing of a ledger and of where the keys came from."""
    notes = [
        f"{ledger.NAME}, line {number}, is torn: its write did not end (a crash or a full disk). This is not tampering."
        for number in found.torn
    ]
    if keys and keys.resolve().is_relative_to(reports.resolve()):
        notes.append(
            f"{visible(str(keys))} lies with the evidence: whoever can change the reports can change it too. "
            "It proves nothing unless you compare it with a copy from elsewhere."
        )
    return notes


def notes_on_timestamps(drills: Sequence[AuditedDrill], authorities: Authorities | None) -> list[str]:
    """Return what is worth knowing of time-stamps that nobody could check, or that nobody asked for."""
    if unknown := sum(drill.timestamp is EnclosureState.UNKNOWN for drill in drills):
        mend = "name the certificates of those that you trust with --tsa-certificates"
        return [f"Who made the time-stamps of {count(unknown, 'report')} is unknown: {mend}."]
    without = sum(drill.ended_at is not None and drill.timestamp is None for drill in drills)
    if without and authorities:
        reports = count(without, "report")
        return [f"No time-stamp was asked for over {reports}: when they were made, this site alone says."]
    return []


def notes_on_droppings(drills: Sequence[AuditedDrill]) -> list[str]:
    """Return what lies in drills' folders that neither is evidence nor could be taken for it."""
    with_some = [drill for drill in drills if drill.passed_over]
    if not with_some:
        return []
    names = listed(sorted({name for drill in with_some for name in drill.passed_over}))
    where = count(len(with_some), "drill's folder", "drills' folders")
    return [f"Passed over in {where}: {names}. File managers and shares leave such files; they are no evidence."]


def notes_on_retired(names: Sequence[str]) -> list[str]:
    """Return what was taken for granted of scenarios that nobody drills any more."""
    return [f"Scenario {visible(name)} is taken to be retired, so nobody asks whether it is overdue." for name in names]


def verdict_over(problems: Sequence[Problem], drills: Sequence[AuditedDrill]) -> tuple[Verdict, str]:
    """Return the verdict of an audit, and its reason in a sentence."""
    if wrong := sum(one.effect is Effect.FAILED for one in problems):
        return Verdict.FAILED, f"{count(wrong, 'thing is', 'things are')} wrong with this evidence."
    if any(drill.signature == SignatureStanding.SIGNER_UNKNOWN for drill in drills):
        return Verdict.UNVERIFIED, "Intact, signer unknown."
    if problems:
        return Verdict.UNVERIFIED, "Nothing is known to be wrong, but not everything could be verified."
    reports = count(sum(drill.ended_at is not None for drill in drills), "report is", "reports are")
    return Verdict.PASSED, f"Nothing is wrong: the ledger is whole, and {reports} intact and signed by a trusted key."
