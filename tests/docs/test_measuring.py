"""docs/measuring.md works its examples out by hand; here the same figures go through the code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drtool.backups.clock_readings import WallTimes
from drtool.backups.when_taken import StoreRecord, when_taken
from drtool.baseline.database.compare_database import compare_database
from drtool.baseline.database.model import Part, Table
from drtool.record.objectives import counted_phases, judge_rto, project_rta, rta_seconds
from drtool.record.recovery import Evidence, Rpo
from drtool.record.recovery_point import judge_rpo
from drtool.record.steps import Phase, Step
from drtool.record.verdicts import Verdict
from tests.baseline.builder import a_baseline, a_table

PAGE = (Path(__file__).parents[2] / "docs" / "measuring.md").read_text(encoding="utf-8")
DISASTER = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

STEPS = [
    ("reach the engine", Phase.PREPARE, 0.0, 4.0),
    ("find the newest dump", Phase.LOCATE, 4.0, 1.0),
    ("fetch it", Phase.FETCH, 5.0, 20.0),
    ("start an empty server", Phase.PROVISION, 25.0, 1.5),
    ("prove that it is isolated", Phase.PREPARE, 26.5, 0.5),
    ("restore the dump", Phase.RESTORE, 27.0, 300.0),
    ("there are orders", Phase.VERIFY, 327.0, 12.0),
    ("restore the uploads", Phase.RESTORE, 339.0, 60.0),
    ("built-in checks", Phase.VERIFY, 399.0, 30.0),
]


def steps(*, includes_checks: bool) -> list[Step]:
    return [
        Step(
            phase=phase,
            name=name,
            started_at=DISASTER + timedelta(seconds=offset),
            offset_seconds=offset,
            elapsed_seconds=elapsed,
            size_bytes=None,
            counted=phase in counted_phases(includes_checks=includes_checks),
            outcome=Verdict.PASSED,
        )
        for name, phase, offset, elapsed in STEPS
    ]


def test_the_example_of_the_rta_comes_out_as_the_page_says() -> None:
    for name, phase, offset, elapsed in STEPS:
        assert f"| {name} | {phase} | {offset} s | {elapsed} s |" in PAGE
    measured = rta_seconds(steps(includes_checks=False), 4.0)
    assert measured == pytest.approx(382.5)
    judged = judge_rto(
        objective_seconds=1800,
        measured_seconds=measured,
        allowance_seconds=600,
        includes_checks=False,
        judged=True,
        recovered=True,
        broken=False,
    )
    assert judged.actual_seconds == pytest.approx(982.5)
    assert "**RTA is 982.5 s** (16 min 22 s)" in PAGE
    assert rta_seconds(steps(includes_checks=True), 4.0) == pytest.approx(424.5)
    assert "429.0 − 4.0 − 0.5 + 600 = 1,024.5 s" in PAGE  # noqa: RUF001 (a minus sign, as it is printed)


def rpo(objective_seconds: float, *, heartbeat: bool) -> Rpo:
    taken = when_taken(
        StoreRecord(
            location="s3://backups/shop/db-20261124T030000Z.sql.zst",
            modified_at=datetime(2026, 11, 24, 3, 7, 12, tzinfo=UTC),
            is_own=True,
        ),
        WallTimes(ended=datetime.fromisoformat("2026-11-24 05:07:10")),
        zone=None,
        host_zone=UTC,
        longest=timedelta(minutes=1),
    )
    assert "UTC+2 is the only one" in taken.assumptions[0]
    evidence = [Evidence(resource="db", **vars(one)) for one in taken.indications]
    if heartbeat:
        beat = datetime(2026, 11, 24, 2, 59, 59, tzinfo=UTC)
        evidence.append(
            Evidence(resource="db", rank=1, source="witness in the data", recovery_point=beat, detail="heartbeat")
        )
    return judge_rpo(
        objective_seconds=objective_seconds,
        disaster_at=DISASTER,
        evidence=evidence,
        restored=["db"],
        recovered=True,
        broken=False,
    )


def test_the_example_of_the_rpa_comes_out_as_the_page_says() -> None:
    assert rpo(86_400, heartbeat=True).actual_seconds == 21_601
    assert "**RPA = 9:00:00 − 2:59:59 = 21,601 s**" in PAGE  # noqa: RUF001
    assert rpo(86_400, heartbeat=False).actual_seconds == 21_600


@pytest.mark.parametrize(
    ("objective", "verdict"), [(21_600, Verdict.PASSED), (21_300, Verdict.UNVERIFIED), (21_000, Verdict.FAILED)]
)
def test_the_verdict_without_a_heartbeat_is_sure_or_unverified(objective: float, verdict: Verdict) -> None:
    assert f"({objective:,} s)" in PAGE
    assert rpo(objective, heartbeat=False).verdict is verdict


def test_the_example_of_the_loss_comes_out_as_the_page_says() -> None:
    def orders(*parts: tuple[int, str]) -> Table:
        bounds: list[tuple[str | None, str | None]] = [("1", "4"), ("4", "6"), ("6", None)]
        made = [
            Part(rows=rows, digest=digest, lower=lower, upper=upper)
            for (rows, digest), (lower, upper) in zip(parts, bounds, strict=True)
        ]
        return a_table("orders", parts=made)

    then = a_baseline([orders((3, "a"), (2, "b"), (0, "0"))])
    restored = a_baseline([orders((3, "c"), (1, "d"), (1, "e"))])
    (table,) = compare_database(then, restored).differing
    assert (table.missing, table.extra, table.changed, table.exact) == (1, 1, 1, False)
    assert "| 4 to below 6 | 2 | 1 | differs | at least 1 missing |" in PAGE


def test_the_example_of_the_projection_comes_out_as_the_page_says() -> None:
    taken = [
        Step(
            phase=phase,
            name="a step",
            started_at=DISASTER,
            offset_seconds=0,
            elapsed_seconds=elapsed,
            size_bytes=None,
            counted=True,
            outcome=Verdict.PASSED,
            resource="db",
        )
        for phase, elapsed in ((Phase.FETCH, 30.0), (Phase.RESTORE, 300.0), (Phase.PROVISION, 30.0))
    ]
    projection = project_rta(taken, 360, {"db": 10 * 2**30}, {"db": 120 * 2**30})
    assert projection is not None
    assert projection.actual_seconds == pytest.approx(3990)
    assert "= 3,990 s" in PAGE
