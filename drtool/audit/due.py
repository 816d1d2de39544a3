"""What of the drills in a ledger tells whether scenarios are drilled as often as they should be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from drtool.audit.cadence import Drilled
from drtool.audit.drills import LedgerDrill
from drtool.audit.result import AuditedDrill
from drtool.record.verdicts import Verdict


def last_passed_before(entered: Sequence[LedgerDrill], since: datetime | None) -> list[LedgerDrill]:
    """Return each scenario's last drill that passed, by the ledger, before a period: its report holds the rhythm."""
    if since is None:
        return []
    passed = [one for one in entered if one.end and one.end.verdict is Verdict.PASSED and one.start.at < since]
    return list({one.start.scenario: one for one in sorted(passed, key=lambda one: one.start.at)}.values())


def drilled(entered: Sequence[LedgerDrill], looked_at: Iterable[AuditedDrill], until: datetime | None) -> list[Drilled]:
    """Return all drills up to an instant: by what was found, or by the ledger where nobody looked."""
    by_id = {drill.drill_id: drill for drill in looked_at}
    return [_drilled(one, by_id.get(one.drill_id)) for one in entered if until is None or one.start.at <= until]


def _drilled(one: LedgerDrill, found: AuditedDrill | None) -> Drilled:
    scenario, at = one.start.scenario or "", one.start.at
    if found is None:
        return Drilled(scenario=scenario, at=at, state=str(one.end.verdict) if one.end else "open")
    if not found.intact:
        return Drilled(scenario=scenario, at=at, state="not intact")
    every = found.report.every_seconds if found.report else None
    return Drilled(
        scenario=scenario,
        at=at,
        state=str(found.state),
        read=found.report is not None,
        every_seconds=every if every and every > 0 else None,
    )
