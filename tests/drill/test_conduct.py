"""A drill leaves its evidence, whatever goes wrong, also in drtool itself."""

from __future__ import annotations

import io
from pathlib import Path
from typing import cast

import pytest

from drtool.audit.audit import audit
from drtool.drill import conduct as module
from drtool.drill import ending
from drtool.drill.conditions import Conditions
from drtool.drill.drill import Drill
from drtool.drill.ending import Conducted
from drtool.drill.options import DrillOptions
from drtool.drill.planning import Planned
from drtool.drill.recording import Course
from drtool.drill.scenarios import Scenario
from drtool.drill.supervision import conducted
from drtool.errors import RestoreFailed, Unverifiable
from drtool.record.model import DrillRecord
from drtool.record.verdicts import Verdict
from drtool.render.progress import Progress
from drtool.sandbox.engine import Engine
from drtool.sandbox.sandbox import Sandbox


@pytest.fixture(autouse=True)
def no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing here gets as far as an engine."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")


def drill(tmp_path: Path) -> Conducted:
    def scenario(_drill: Drill) -> None:
        raise AssertionError("there is no engine, so nothing should run")

    made = Scenario(name="shop", conduct=scenario, description="A drill.", file=Path(__file__))
    return conducted(
        Planned.of(made),
        Conditions(options=DrillOptions(reports=tmp_path / "reports"), key=None),
        lambda: Progress(io.StringIO()),
    )


def test_a_drill_without_an_engine_leaves_a_record_that_says_so(tmp_path: Path) -> None:
    done = drill(tmp_path)
    assert done.record.verdict is Verdict.UNVERIFIED
    assert [finding.code for finding in done.record.findings] == ["engine-unreachable"]
    assert sorted(path.name for path in done.folder.iterdir()) == ["drill.log", "report.html", "report.json"]


def test_a_page_that_cannot_be_made_does_not_take_the_record_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def page(_record: DrillRecord) -> str:
        raise KeyError("jane@example.org")

    monkeypatch.setattr(ending, "page", page)
    done = drill(tmp_path)
    said = (done.folder / "report.html").read_text()
    assert "could not be made" in said
    assert "KeyError at test_conduct.py" in said
    assert "jane@example.org" not in said
    assert {one.drill_id for one in audit(tmp_path / "reports").drills} == {done.record.drill_id}


def test_a_mistake_of_drtools_own_ends_in_a_finding_and_the_ledger_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect() -> None:
        raise ZeroDivisionError("12 rows of jane@example.org")

    monkeypatch.setattr(Engine, "connect", connect)
    done = drill(tmp_path)
    (finding,) = done.record.findings
    assert finding.code == "drtool-mistake"
    assert "ZeroDivisionError at test_conduct.py" in finding.message
    assert "jane" not in (done.folder / "drill.log").read_text()
    assert done.record.verdict is Verdict.UNVERIFIED
    assert (tmp_path / "reports" / "ledger.jsonl").read_text().count("\n") == 2


_ALONE = RestoreFailed("app-down", "The shop does not start on this data")


@pytest.mark.parametrize(
    ("raised", "codes"),
    [
        (ExceptionGroup("of a TaskGroup", [_ALONE]), ["app-down"]),
        (ExceptionGroup("of a TaskGroup", [KeyError("x"), ExceptionGroup("deeper", [_ALONE])]), ["app-down"]),
        (ExceptionGroup("of a TaskGroup", [ZeroDivisionError("no orders"), KeyError("x")]), ["scenario-broken"]),
        (_ALONE, ["app-down"]),
    ],
)
def test_what_happened_side_by_side_in_a_scenario_is_told_by_what_it_was(
    raised: Exception, codes: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scenario(_drill: Drill) -> None:
        raise raised

    monkeypatch.setattr(Engine, "connect", lambda: None)
    monkeypatch.setattr(module, "reap", lambda _: ())
    monkeypatch.setattr(module, "destroy", lambda *_, **__: None)
    made = Scenario(name="shop", conduct=scenario, description="A drill.", file=Path(__file__))
    conditions = Conditions(options=DrillOptions(reports=tmp_path / "reports"), key=None)
    done = conducted(Planned.of(made), conditions, lambda: Progress(io.StringIO()))
    assert [one.code for one in done.record.findings if one.code != "nothing-verified"] == codes
    if codes == ["scenario-broken"]:
        assert "ZeroDivisionError: no orders" in done.record.findings[0].message


@pytest.mark.parametrize("kept", [True, False])
def test_an_engine_that_is_lost_before_the_last_look_leaves_destruction_unseen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, kept: bool
) -> None:
    class Lost:
        def names(self) -> None:
            raise Unverifiable("engine-lost", "The Docker engine stopped answering")

        destroy = names

    def drilled(*arguments: object) -> None:
        (course,) = [one for one in arguments if isinstance(one, Course)]
        course.sandbox = cast(Sandbox, Lost())

    monkeypatch.setattr(module, "_drill", drilled)
    made = Scenario(name="shop", conduct=lambda _drill: None, description="A drill.", file=Path(__file__))
    options = DrillOptions(reports=tmp_path / "reports", keep=kept)
    done = conducted(Planned.of(made), Conditions(options=options, key=None), lambda: Progress(io.StringIO()))
    assert done.record.verdict is Verdict.UNVERIFIED
    assert done.record.destruction.looked_at is None
    assert done.record.findings
