"""What a scenario is told is wrong is on record though it catches the error: nothing of what it meant was verified."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from drtool.backups.backup import Backup
from drtool.drill import conduct
from drtool.drill import drill as drill_module
from drtool.drill.conditions import Conditions
from drtool.drill.drill import Drill
from drtool.drill.options import DrillOptions
from drtool.drill.planning import Planned
from drtool.drill.restored import Database, Files
from drtool.drill.scenarios import Scenario
from drtool.drill.supervision import conducted
from drtool.drill.walking_back import walk_back
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable, WrongUse
from drtool.record.backups import Choice
from drtool.record.clock import Clock
from drtool.record.journal import DrillLog, Journal
from drtool.record.model import DrillRecord
from drtool.record.verdicts import Check, Effect, Verdict
from drtool.render.progress import Progress
from drtool.sandbox.engine import Engine
from drtool.stores.interface import StoredObject

_NOTHING = cast(Any, None)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    clock = Clock()
    return Journal(clock=clock, observer=Progress(), log=DrillLog(tmp_path / "drill.log", clock))


def _record(scenario: Callable[[Drill], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DrillRecord:
    monkeypatch.setattr(Engine, "connect", lambda: None)
    monkeypatch.setattr(conduct, "reap", lambda _: ())
    monkeypatch.setattr(conduct, "destroy", lambda *_, **__: None)
    made = Scenario(name="shop", conduct=scenario, description="A drill.", file=Path(__file__))
    conditions = Conditions(options=DrillOptions(reports=tmp_path / "reports"), key=None)
    return conducted(Planned.of(made), conditions, lambda: Progress()).record


def test_what_a_scenario_catches_of_its_own_mistakes_is_found_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken(drill: Drill) -> None:
        with suppress(Exception):
            drill.latest("ftp://elsewhere/db-*.sql")
        with suppress(Exception):
            cast(Any, drill).restore_mariadb(dumped="db.sql")
        with suppress(Exception):
            drill.step("cleaning", "warm the cache")

    record = _record(mistaken, tmp_path, monkeypatch)
    assert record.verdict is Verdict.UNVERIFIED
    assert [one.effect for one in record.findings] == [Effect.UNVERIFIED] * 3
    assert [one.code for one in record.findings] == ["unknown-store", "scenario-broken", "bad-phase"]
    assert all("test_on_record.py, line" in one.message for one in record.findings)
    assert _record(lambda _drill: None, tmp_path, monkeypatch).findings == ()


async def _asks(drill: Drill) -> None:
    drill.latest("/nowhere/*.sql")


def _yields(drill: Drill) -> Iterator[Backup]:
    yield drill.latest("/nowhere/*.sql")


def _throws_away(drill: Drill) -> None:
    cast(Any, _asks)(drill)


def _has_it_run(drill: Drill) -> None:
    with suppress(Unverifiable):
        asyncio.run(_asks(drill))


@pytest.mark.parametrize(
    ("scenario", "told"),
    [
        (lambda drill: _asks(drill), "The scenario returned a coroutine"),
        (lambda drill: _yields(drill), "The scenario returned a generator"),
        (_throws_away, "coroutine '_asks' was never awaited"),
        (_has_it_run, "there is no folder /nowhere"),
    ],
)
def test_what_a_scenario_has_not_run_is_found(
    scenario: Callable[[Drill], None], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = _record(scenario, tmp_path, monkeypatch)
    (finding,) = record.findings
    assert told.lower() in finding.message.lower()
    assert finding.code == ("store-unreachable" if scenario is _has_it_run else "scenario-broken")


@pytest.mark.parametrize("attempt", [_asks, _yields, lambda backup: backup])
def test_an_attempt_that_restores_nothing_finds_no_backup_usable(
    attempt: Callable[[Any], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def walk(_context: object, _choice: object, _candidates: object, *more: Any) -> None:
        more[2](_NOTHING)

    def goes_on(drill: Drill) -> None:
        with suppress(DrtoolError):
            drill.walk_back(str(tmp_path / "db-*.sql"), attempt)

    (tmp_path / "db-20261101T000000Z.sql").write_bytes(b"-- MariaDB dump\n" * 20)
    monkeypatch.setattr(drill_module, "walk_back", walk)
    record = _record(goes_on, tmp_path, monkeypatch)
    assert [one.code for one in record.findings] == ["scenario-broken"]
    assert "The attempt of walk_back" in record.findings[0].message


def test_that_no_backup_is_usable_fails_the_drill_though_the_scenario_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object) -> None:
        raise RestoreFailed("no-usable-backup", "None of the 2 newest backups is usable")

    def goes_on(drill: Drill) -> None:
        with suppress(RestoreFailed):
            drill.walk_back(str(tmp_path / "db-*.sql"), lambda backup: backup)

    (tmp_path / "db-20261101T000000Z.sql").write_bytes(b"-- MariaDB dump\n" * 20)
    monkeypatch.setattr(drill_module, "walk_back", none)
    record = _record(goes_on, tmp_path, monkeypatch)
    assert (record.verdict, [one.code for one in record.findings]) == (Verdict.FAILED, ["no-usable-backup"])


@pytest.mark.parametrize(
    "mistaken",
    [
        lambda db, _: db.check("orders", "SELECT 1"),
        lambda db, _: db.check("orders", "SELECT 1", at_least="1"),
        lambda db, _: db.check("orders", question="SELECT 1", at_least=1),
        lambda db, _: db.check_freshness("SELECT 1", within="soon"),
        lambda db, _: db.check_baseline(ignore={"shop.cache": ""}),
        lambda db, _: db.check_baseline(drift={"shop.orders": 1.5}),
        lambda db, _: db.check_baseline(drift={"shop.orders": "1"}),
        lambda db, _: db.check_baseline(drift={"shop.orders": -1}),
        lambda db, _: db.compare_to("shop"),
        lambda _, files: files.check_count("*"),
        lambda _, files: files.check_exists("../passwd"),
        lambda _, files: files.check_exists(5),
    ],
)
def test_a_check_that_cannot_be_meant_is_no_check_that_passed(
    mistaken: Callable[[Any, Any], object], journal: Journal
) -> None:
    files = Files(journal, "files", _NOTHING, _NOTHING)
    db = Database(journal, "db", _NOTHING, _NOTHING, None, datetime.now(UTC))
    with pytest.raises((WrongUse, TypeError, AttributeError)) as raised:
        mistaken(db, files)
    assert journal.mistakes == [raised.value]


def test_a_question_is_recorded_as_text_whatever_a_scenario_gives(journal: Journal) -> None:
    server = SimpleNamespace(asking=lambda **_: None)
    db = Database(journal, "db", _NOTHING, cast(Any, SimpleNamespace(server=server)), None, datetime.now(UTC))
    with pytest.raises((AttributeError, TypeError)):  # there is no server
        db.check("orders", cast(Any, 5), at_least=1)
    assert [one.question for one in journal.checks] == ["5"]


@pytest.mark.parametrize("passes", [False, True])
def test_an_attempt_that_asserts_its_checks_is_rejected_where_one_fails_and_broken_where_none_does(
    journal: Journal, *, passes: bool
) -> None:
    sandbox = SimpleNamespace(names=set, discard_but=id)
    context = cast(Any, SimpleNamespace(journal=journal, sandbox=sandbox, terms=SimpleNamespace(rpo=None)))
    choice = Choice(pattern="db-*.sql", considered=1, chosen="db-2.sql", why="", newest=())
    found = StoredObject(location="db-2.sql", size_bytes=9, modified_at=datetime.now(UTC))

    def attempt(backup: Backup) -> Backup:
        outcome = Verdict.PASSED if passes else Verdict.FAILED
        journal.check(
            Check(
                resource="db", name="orders", question="", expected="", observed="", outcome=outcome, builtin=False,
                elapsed_seconds=0.0,
            )
        )  # fmt: skip
        raise AssertionError("no orders")

    def walk() -> None:
        walk_back(context, choice, [found], {found.location: None}, lambda one: cast(Any, one), attempt, {})

    with pytest.raises(AssertionError if passes else RestoreFailed):
        walk()
    assert [one.reason for one in journal.rejected] == ([] if passes else ["check failed: orders"])
