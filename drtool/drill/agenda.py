"""What there is to drill: every scenario, what it is held to, how its last drill stands, when the next is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from drtool.audit.latest import LastDrill, last_drills
from drtool.drill import scenarios
from drtool.drill.scenarios import Scenario


@dataclass(frozen=True, kw_only=True)
class Row:
    """What is known of one scenario; instants are UTC.

    `last_verdict` is how the last drill stands, also where that is no verdict: `running`, `not ended`, `abandoned`,
    `interrupted`; or `tampered` or `not verified`, where the evidence does not bear the verdict out: see `last_doubts`.
    A drill that did not pass shows no recovery, so the next is due by the last that did.
    """

    scenario: str
    file: str
    rto_seconds: float | None = None
    rpo_seconds: float | None = None
    last_verdict: str | None = None
    last_at: datetime | None = None
    due_at: datetime | None = None
    last_doubts: tuple[str, ...] = ()
    error: str | None = None


def agenda(targets: Sequence[str], reports: Path) -> list[Row]:
    """Return a row for each scenario.

    Args:
        targets: the scenarios as `FILE[::NAME]`; all in `scenarios/` where none is named.
        reports: the folder whose ledger tells of their drills.

    Raises:
        WrongUse: there is no such script or scenario.
        Unverifiable: the ledger may not be read, or there is no ssh-keygen.
    """
    chosen = scenarios.chosen(targets)
    known = last_drills(reports, [one.name for _, one in chosen])
    return [_row(one, path, known.get(one.name)) for path, one in chosen]


def _row(one: Scenario, path: Path, last: LastDrill | None) -> Row:
    if one.broken:
        what, why = one.broken.what, one.broken.why
        return Row(scenario=one.name, file=str(path), error=f"{what}: {why}" if why else what)
    now = datetime.now(UTC)
    return Row(
        scenario=one.name,
        file=str(path),
        rto_seconds=one.rto.total_seconds() if one.rto else None,
        rpo_seconds=one.rpo.total_seconds() if one.rpo else None,
        last_verdict=last.standing if last else None,
        last_at=last.at if last else None,
        due_at=(last.due_at(one.every, now) if last else now) if one.every else None,
        last_doubts=last.why if last else (),
    )
