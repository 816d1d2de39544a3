"""How the last drill of each scenario stands, and when one passed last: of these few alone the evidence is examined."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from drtool.audit.drills import LedgerDrill, read_until_settled
from drtool.audit.examination import Examiner, pins
from drtool.audit.problems import standing
from drtool.audit.result import State
from drtool.evidence import ledger
from drtool.keys.verification import Verifier
from drtool.record.verdicts import Verdict

_OPEN = {"drill-abandoned", "drill-not-ended"}


@dataclass(frozen=True, kw_only=True)
class LastDrill:
    """A scenario's last drill, and when one passed last; instants are UTC.

    Attributes:
        standing: a `State`; `tampered` or `not verified` where nothing shows that its verdict is a fact.
        why: that, in sentences.
    """

    standing: str
    at: datetime
    passed_at: datetime | None
    why: tuple[str, ...] = ()

    def due_at(self, every: timedelta, now: datetime) -> datetime:
        """Return when the next is due; one that did not pass shows no recovery, so it puts nothing off."""
        return self.passed_at + every if self.passed_at else now


def last_drills(reports: Path, names: Sequence[str]) -> dict[str, LastDrill]:
    """Return the last drill of each of these scenarios that the ledger knows.

    Raises:
        Unverifiable: the ledger may not be read, or there is no ssh-keygen.
    """
    found, gone = read_until_settled(reports / ledger.NAME)
    by_name: dict[str, list[LedgerDrill]] = {}
    for drill in found.drills:
        by_name.setdefault(drill.start.scenario or "", []).append(drill)
    with Verifier(pins()) as verifier, ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
        examiner = Examiner(reports=reports, found=found, gone=gone, verifier=verifier, now=datetime.now(UTC))
        drilled = [name for name in names if name in by_name]
        last = pool.map(lambda name: _last(by_name[name], examiner), drilled)
        return dict(zip(drilled, last, strict=True))


def _last(drilled: Sequence[LedgerDrill], examiner: Examiner) -> LastDrill:
    newest = drilled[-1]
    examined = examiner.examine_alone(newest)
    state = examined[0].state
    state = State.RUNNING if state is State.NOT_ENDED and newest.is_seen_to_run() else state
    # An open drill has no verdict that could be in doubt.
    told = [one for one in examined[1] if newest.end or one.code not in _OPEN]
    passed = (one for one in reversed(drilled) if one.end and one.end.verdict is Verdict.PASSED)
    shown = (examined if one is newest else examiner.examine_alone(one) for one in passed)
    return LastDrill(
        standing=standing(told) or state,
        at=newest.start.at,
        passed_at=next((one.started_at for one, problems in shown if not problems), None),
        why=tuple(one.sentence for one in told),
    )
