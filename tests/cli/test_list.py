"""The list of scenarios: what each is held to, how its last drill stands, when the next is due."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from click.testing import CliRunner

from drtool.cli.list import command
from drtool.keys.signing import make_site_key
from drtool.record.verdicts import Verdict
from tests import pace
from tests.evidence.builder import Site

Drilled = Callable[..., Path]

NOW = datetime.now(UTC)
SCRIPT = dedent("""
    from drtool import scenario

    @scenario(rto="30m", rpo="1d12h", every="31d")
    def shop(drill): ...

    @scenario()
    def blog(drill): ...
""")


@pytest.fixture(autouse=True)
def own_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site with scenarios and a key of its own."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios/site.py").write_text(SCRIPT)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return Site(reports=Path("reports"), config=tmp_path / "config", key=make_site_key())


@pytest.fixture
def drilled(own_site: Site) -> Drilled:
    """Leave the evidence of a drill that began so many days ago; without a verdict it never ended."""

    def leave(scenario: str, days_ago: float, verdict: Verdict | None, *, interrupted: bool = False) -> Path:
        own_site.now = NOW - timedelta(days=days_ago)
        if verdict:
            return own_site.reports / own_site.drill(verdict, scenario=scenario, interrupted=interrupted)
        own_site.begin(f"{scenario}-{days_ago}", scenario, own_site.now)
        return own_site.reports / f"{scenario}-{days_ago}"

    return leave


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


def test_the_next_drill_is_due_after_the_last_that_passed(drilled: Drilled) -> None:
    drilled("shop", 40, Verdict.PASSED)
    drilled("shop", 10, Verdict.PASSED)
    shop = rows()["shop"]
    assert (shop["last_verdict"], due(shop)) == ("passed", timedelta(days=21))
    assert f"{NOW + timedelta(days=21):%Y-%m-%d}" in table()


def test_a_drill_that_nobody_signed_puts_nothing_off(own_site: Site, drilled: Drilled) -> None:
    drilled("shop", 20, Verdict.PASSED)
    own_site.key = None
    drilled("shop", 10, Verdict.PASSED)
    shop = rows()["shop"]
    assert (shop["last_verdict"], due(shop)) == ("not verified", timedelta(days=11))
    assert "is UNSIGNED" in shop["last_doubts"][0]


def edit(own: Path) -> None:
    document = own / "report.json"
    document.write_text(document.read_text().replace('"verdict": "failed"', '"verdict": "passed"'))


def lose(own: Path) -> None:
    shutil.rmtree(own)


def claim(own: Path) -> None:
    ledger = own.parent / "ledger.jsonl"
    ledger.write_text(ledger.read_text().replace('"verdict":"failed"', '"verdict":"passed"'))


def rewrite(own: Path) -> None:
    ledger = own.parent / "ledger.jsonl"
    ledger.write_text(ledger.read_text().replace('"verdict":"passed"', '"verdict":"failed"', 1))


@pytest.mark.parametrize("tamper", [edit, lose, claim, rewrite])
def test_a_verdict_that_the_evidence_does_not_bear_out_is_not_listed(
    tamper: Callable[[Path], None], drilled: Drilled
) -> None:
    drilled("blog", 20, Verdict.PASSED)
    drilled("shop", 12, Verdict.PASSED)
    own = drilled("shop", 10, Verdict.FAILED)
    whole = rows()
    assert [(row["last_verdict"], row["last_doubts"]) for row in whole.values()] == [("failed", []), ("passed", [])]
    tamper(own)
    found, of_all = rows(), tamper is rewrite  # the ledger is whole or it is not; a folder is one drill's
    assert found["shop"]["last_verdict"] == "tampered"
    assert found["blog"]["last_verdict"] == ("tampered" if of_all else "passed")
    assert due(found["shop"]) // timedelta(days=1) == (0 if of_all else 19)
    assert "TAMPERED" in table()


def test_without_a_known_key_no_verdict_is_listed(own_site: Site, drilled: Drilled) -> None:
    drilled("shop", 10, Verdict.PASSED)
    (own_site.config / "drtool" / "allowed_signers").unlink()
    assert rows()["shop"]["last_verdict"] == "not verified"


@pytest.mark.long
def test_fifty_scenarios_with_a_history_are_listed_soon(own_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"s{number}" for number in range(50)]
    Path("scenarios/site.py").write_text(
        "from drtool import scenario\n" + "".join(f"@scenario(every='31d')\ndef {name}(drill): ...\n" for name in names)
    )
    own_site.now, own_site.every = NOW - timedelta(days=20), timedelta(minutes=13)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        for name in names * 2:
            own_site.drill(Verdict.PASSED, scenario=name)
    began = time.monotonic()
    assert {row["last_verdict"] for row in rows().values()} == {"passed"}
    assert time.monotonic() - began < pace.seconds(5.0)


@pytest.mark.parametrize("verdict", [Verdict.FAILED, Verdict.UNVERIFIED])
def test_a_drill_that_did_not_pass_puts_nothing_off(verdict: Verdict, drilled: Drilled) -> None:
    drilled("shop", 40, Verdict.PASSED)
    drilled("shop", 1, verdict)
    shop = rows()["shop"]
    assert (shop["last_verdict"], due(shop)) == (verdict, timedelta(days=-9))
    assert "overdue by 9 d" in table()


def test_a_drill_that_never_ended_is_abandoned_and_hides_no_verdict(drilled: Drilled) -> None:
    drilled("shop", 10, Verdict.PASSED)
    drilled("shop", 2, None)
    shop = rows()["shop"]
    assert (shop["last_verdict"], due(shop)) == ("abandoned", timedelta(days=21))


@pytest.mark.parametrize(("boot", "word"), [(None, "running"), ("another boot", "not ended")])
def test_a_drill_that_runs_is_running_here_and_not_ended_elsewhere(
    boot: str | None, word: str, drilled: Drilled, monkeypatch: pytest.MonkeyPatch
) -> None:
    drilled("blog", 1, Verdict.UNVERIFIED, interrupted=True)
    drilled("shop", 0, None)
    if boot:
        monkeypatch.setattr("drtool.host.owner._boot", lambda: boot)
        monkeypatch.setattr("platform.node", lambda: "elsewhere")
    assert [row["last_verdict"] for row in rows().values()] == [word, "interrupted"]


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
