"""The list of scenarios: what each is held to, how its last drill stands, when the next is due."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from click.testing import CliRunner

from drtool.cli.list import command
from drtool.evidence.ledger import Ledger
from drtool.record.verdicts import Verdict

NOW = datetime.now(UTC)
SCRIPT = dedent("""
    from drtool import scenario

    @scenario(rto="30m", rpo="1d12h", every="31d")
    def shop(drill): ...

    @scenario()
    def blog(drill): ...
""")


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios/site.py").write_text(SCRIPT)
    monkeypatch.chdir(tmp_path)


def drilled(scenario: str, days_ago: float, verdict: Verdict | None, *, interrupted: bool = False) -> None:
    """Enter a drill in the ledger, as if it had taken place; without a verdict it never ended."""
    ledger, at, drill_id = Ledger(Path("reports")), NOW - timedelta(days=days_ago), f"{scenario}-{days_ago}"
    ledger.start(drill_id=drill_id, scenario=scenario, operator="ops", host="dr-1", time_limit_seconds=3600, at=at)
    if verdict:
        ledger.end(drill_id=drill_id, verdict=verdict, report_sha256="ab" * 32, interrupted=interrupted, at=at)


def rows(*arguments: str) -> dict[str, dict[str, Any]]:
    result = CliRunner().invoke(command, ["--json", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return {row["scenario"]: row for row in json.loads(result.stdout)}


def table(*arguments: str) -> str:
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def due(row: dict[str, Any]) -> timedelta:
    return datetime.fromisoformat(row["due_at"]) - NOW


def test_a_scenario_that_was_never_drilled_is_due_now() -> None:
    shop = rows()["shop"]
    assert (shop["rto_seconds"], shop["rpo_seconds"], shop["file"]) == (1800, 129_600, "scenarios/site.py")
    assert (shop["last_verdict"], shop["last_at"]) == (None, None)
    assert abs(datetime.fromisoformat(shop["due_at"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert [line.split()[-3:] for line in table().splitlines() if line.startswith("shop")] == [
        ["never", "drilled", "now"]
    ]


def test_a_scenario_without_targets_and_cadence_says_so() -> None:
    blog = rows()["blog"]
    assert (blog["rto_seconds"], blog["rpo_seconds"], blog["due_at"]) == (None, None, None)


def test_the_next_drill_is_due_after_the_last_that_passed() -> None:
    drilled("shop", 40, Verdict.PASSED)
    drilled("shop", 10, Verdict.PASSED)
    shop = rows()["shop"]
    assert (shop["last_verdict"], due(shop)) == ("passed", timedelta(days=21))
    assert f"{NOW + timedelta(days=21):%Y-%m-%d}" in table()


@pytest.mark.parametrize(("signed", "state"), [(True, "passed"), (False, "unverified")])
def test_a_drill_that_nobody_signed_puts_nothing_off(signed: bool, state: str) -> None:
    drilled("shop", 10, Verdict.PASSED)
    own = Path("reports", "shop-10")
    own.mkdir()
    for name in ("report.json", "report.json.sig")[: 1 + signed]:
        (own / name).touch()
    shop = rows()["shop"]
    assert (shop["last_verdict"], due(shop) > timedelta(days=1)) == (state, signed)


@pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.UNVERIFIED])
def test_a_drill_that_did_not_pass_puts_nothing_off(verdict: Verdict) -> None:
    drilled("shop", 40, Verdict.PASSED)
    drilled("shop", 1, verdict)
    shop = rows()["shop"]
    assert (shop["last_verdict"], due(shop)) == (verdict, timedelta(days=-9))
    assert "overdue by 9 d" in table()


def test_a_drill_that_never_ended_is_abandoned_and_hides_no_verdict() -> None:
    drilled("shop", 10, Verdict.PASSED)
    drilled("shop", 2, None)
    shop = rows()["shop"]
    assert (shop["last_verdict"], due(shop)) == ("abandoned", timedelta(days=21))


def test_a_drill_that_runs_is_running_and_one_that_was_stopped_interrupted() -> None:
    drilled("shop", 0, None)
    drilled("blog", 1, Verdict.UNVERIFIED, interrupted=True)
    assert [row["last_verdict"] for row in rows().values()] == ["running", "interrupted"]


def test_a_broken_script_is_listed_with_its_mistake_and_hides_no_other() -> None:
    Path("scenarios/broken.py").write_text("x = 1\ny = x / 0\n")
    listed = rows()
    assert set(listed) == {"broken", "shop", "blog"}
    assert listed["broken"]["error"] == (
        "The scenario script has a mistake in scenarios/broken.py, line 2: ZeroDivisionError: division by zero"
    )
    assert "line 2" in table()


def test_one_scenario_of_one_file_can_be_listed() -> None:
    assert set(rows("scenarios/site.py::blog")) == {"blog"}
