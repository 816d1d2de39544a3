"""Examines drills one by one: how each stands by the ledger, and what is wrong with its evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from drtool.attest.timestamp import Authorities
from drtool.audit.drills import LedgerDrill, LedgerRead, read_until_settled
from drtool.audit.inspection import Inspection, inspect, unentered_verdict
from drtool.audit.problems import Problem, failed, unverified
from drtool.audit.result import AuditedDrill, State, reported
from drtool.errors import Unverifiable
from drtool.evidence import folder, ledger
from drtool.host import plain
from drtool.host.plain import NotPlain, visible
from drtool.keys import allowed_signers, site
from drtool.keys.verification import SignatureStanding, Verifier
from drtool.record.verdicts import Effect
from drtool.times import utc

Examined = tuple[AuditedDrill, tuple[Problem, ...]]


@dataclass(frozen=True, kw_only=True)
class Examiner:
    """Examines drills of a reports folder.

    Attributes:
        reports: the folder.
        found: its ledger.
        gone: the open drills that have lost their process.
        verifier: checks signatures.
        authorities: the time-stamp authorities that are trusted; None where nobody named any.
        now: the time of the audit, UTC.
    """

    reports: Path
    found: LedgerRead
    gone: frozenset[str]
    verifier: Verifier
    now: datetime
    authorities: Authorities | None = None

    def examine(self, drill: LedgerDrill) -> Examined:
        """Return how a drill stands and what is wrong with its evidence; however hostile, it raises no error."""
        inspection = self._inspection(drill)
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
            passed_over=inspection.passed_over,
        )
        return audited, inspection.problems

    def examine_alone(self, drill: LedgerDrill) -> Examined:
        """Return the same with all that keeps the verdict from being taken for a fact, which an audit says but once."""
        audited, problems = self.examine(drill)
        ledgers = (one for one in self.found.problems if one.drill_id in (None, drill.drill_id))
        signer = audited.fingerprint if audited.signature == SignatureStanding.SIGNER_UNKNOWN else None
        return audited, (*ledgers, *problems, *((signer_unknown(Counter([signer])),) if signer else ()))

    def _inspection(self, drill: LedgerDrill) -> Inspection:
        if not folder.DRILL_ID.fullmatch(drill.drill_id):
            where, what = f"{ledger.NAME}, entry {drill.start.sequence},", f"names a drill {visible(drill.drill_id)}"
            return Inspection(problems=(failed("bad-drill-id", where, f"{what}, which cannot be one"),))
        if drill.end:
            return inspect(self.reports, drill, self.found.entries, self.verifier, self.authorities)
        over = drill.drill_id in self.gone or drill.has_run_out_of_time(self.now)
        return Inspection(problems=(self._abandoned(drill) if over else _not_ended(drill),))

    def _abandoned(self, drill: LedgerDrill) -> Problem:
        why = "its process is gone" if drill.drill_id in self.gone else "its time limit passed long ago"
        verdict = unentered_verdict(self.reports, drill)
        left = f"; it left a report with the verdict {verdict} that was never entered" if verdict else ""
        what = f"was abandoned: it began at {utc(drill.start.at)} and never ended, {why}{left}"
        return failed("drill-abandoned", f"{drill.drill_id}/", what, drill_id=drill.drill_id)


def examine_one(document: Path, *, trusted: Path | None = None) -> tuple[Problem, ...]:
    """Examine the evidence of one drill, and the ledger that it stands in.

    Args:
        document: its report.
        trusted: the list of keys, in the format of `allowed_signers`; None for the keys that this site pinned.

    Returns:
        Everything that keeps its report from being taken for a fact.

    Raises:
        Unverifiable: the ledger may not be read, or there is no ssh-keygen.
        WrongUse: the list of keys cannot be read, or names no key.
    """
    own = document.parent.resolve()
    found, gone = read_until_settled(own.parent / ledger.NAME)
    if document.name != folder.RECORD or not (found.chain.hashes or found.problems):
        what = "lies in no drill's folder below a ledger, which would say what report that drill left"
        return (unverified("report-alone", visible(document.name), what),)
    if (drill := next((one for one in found.drills if one.drill_id == own.name), None)) is None:
        return (*(one for one in found.problems if one.drill_id is None), *unknown([own.name], found))
    with Verifier(trusted or pins()) as verifier:
        examiner = Examiner(reports=own.parent, found=found, gone=gone, verifier=verifier, now=datetime.now(UTC))
        return examiner.examine_alone(drill)[1]


def pins() -> Path | None:
    """Return the list of keys that this site has pinned, or None when it has pinned none."""
    try:
        path = site.pins_path()
        content = plain.read(path.resolve(), limit_bytes=plain.DOCUMENT_LIMIT_BYTES).decode("utf-8", "replace")
    except (Unverifiable, NotPlain):
        return None
    return path if allowed_signers.entries(content) else None


def unknown(folders: Sequence[str], found: LedgerRead) -> list[Problem]:
    """Return which of these folders the ledger does not know."""
    names = sorted(set(folders) - {drill.drill_id for drill in found.drills})
    problems = []
    if names and not found.chain.hashes:
        problems.append(failed("ledger-missing", ledger.NAME, "is missing or empty, though there are drills' folders"))
    for name in names:
        look_alike = "" if name.isascii() else "; its name has letters that look like others, written here as escapes"
        what = f"is a folder that the ledger does not know{look_alike}"
        problems.append(failed("folder-unknown", f"{visible(name)}/", what))
    return problems


def signer_unknown(seen: Counter[str]) -> Problem:
    """Return that nobody named the keys to trust, though there are signatures; `seen` counts their fingerprints."""
    who = f"the signer of {seen.total()} sound signatures is unknown ({', '.join(sorted(seen))})"
    mend = "get the site's keys by another way than with the reports, and name them with --allowed-signers"
    what = f"of this site's own configuration names no key, so {who}: {mend}"
    return unverified("signer-unknown", allowed_signers.NAME, what)


def _state(drill: LedgerDrill, inspection: Inspection, *, abandoned: bool) -> State:
    if drill.end is None:
        return State.ABANDONED if abandoned else State.NOT_ENDED
    if inspection.unsigned:
        return State.UNVERIFIED
    return State.INTERRUPTED if drill.end.interrupted else State(str(drill.end.verdict))


def _not_ended(drill: LedgerDrill) -> Problem:
    """Return what an open drill is to everybody: nothing is proved as long as it could be running."""
    what = f"has not ended: it began at {utc(drill.start.at)}, and counts as abandoned from {utc(drill.over_at)} on"
    return unverified("drill-not-ended", f"{drill.drill_id}/", what, drill_id=drill.drill_id)
