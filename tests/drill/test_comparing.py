"""What a drill that compares with a baseline says of what it could not compare."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from drtool.baseline.database.model import DatabaseBaseline, ObjectKind, Part
from drtool.baseline.kept import Standing
from drtool.baseline.tolerance import Tolerances
from drtool.drill import comparing
from drtool.record.clock import Clock
from drtool.record.journal import DrillLog, Journal
from drtool.record.verdicts import Verdict
from drtool.render.progress import Progress
from tests.baseline.builder import TAKEN_AT, a_baseline, a_table, an_object


@pytest.mark.parametrize("blind", [(), (ObjectKind.VIEW, ObjectKind.TRIGGER)])
def test_kinds_that_a_baseline_is_blind_to_are_a_deviation(
    blind: tuple[ObjectKind, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = a_baseline([a_table()], kinds=tuple(kind for kind in ObjectKind if kind not in blind))
    with _compared(was, a_baseline([a_table()]), Standing.TRUSTED, tmp_path, monkeypatch) as journal:
        said = "db: not compared, since one side may not see them: views, triggers"
        assert journal.deviations == ([said] if blind else [])
        (check,) = journal.checks  # which is the summary that a report shows first
        left_out = "; not compared: views, triggers" if blind else ""
        assert check.observed.endswith(f"compared 300 rows in 1 tables{left_out}")


@pytest.mark.parametrize("now", ["utf8mb4_general_ci", "utf8mb4_uca1400_ai_ci"])
def test_collations_that_another_series_gave_are_a_deviation(
    now: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of(collation: str, version: str) -> DatabaseBaseline:
        column = an_object(ObjectKind.COLUMN, "shop.orders.note", table="shop.orders", collation=collation)
        return a_baseline([a_table()], [column], server_version=version)

    was, here = of("utf8mb4_general_ci", "10.5.23-MariaDB"), of(now, "11.8.3-MariaDB")
    with _compared(was, here, Standing.TRUSTED, tmp_path, monkeypatch) as journal:
        told = f"db: 1 column came back with the collation {now} instead of utf8mb4_general_ci (shop.orders.note), the"
        assert [one.startswith(told) for one in journal.deviations] == [True] * (now != "utf8mb4_general_ci")
        assert [check.outcome for check in journal.checks] == [Verdict.PASSED]


def test_history_that_the_dump_did_not_bring_is_counted_and_named_and_what_came_is_covered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prices = a_table("prices")
    past, none = a_table("prices", history=True), a_table("prices", parts=[Part(rows=0, digest="0")], history=True)
    with _compared(
        a_baseline([prices, past]), a_baseline([prices, none]), Standing.TRUSTED, tmp_path, monkeypatch, versioned=True
    ) as journal:
        what = "300 rows of shop.prices (history), which the backup does not have"
        assert journal.deviations == [f"db: not compared, since a backup need not bring that: {what}"]
        assert [check.outcome for check in journal.checks] == [Verdict.PASSED]
        assert what in journal.checks[0].observed
    with _compared(
        a_baseline([prices, past]), a_baseline([prices, past]), Standing.TRUSTED, tmp_path, monkeypatch, versioned=True
    ) as journal:
        assert journal.deviations == []


@pytest.mark.parametrize(
    ("standing", "equal", "differs"),
    [
        (Standing.TRUSTED, Verdict.PASSED, Verdict.FAILED),
        (Standing.UNSIGNED, Verdict.UNVERIFIED, Verdict.FAILED),
        (Standing.UNKNOWN_SIGNER, Verdict.UNVERIFIED, Verdict.FAILED),
    ],
)
def test_what_anybody_may_have_written_proves_nothing_and_still_tells_what_differs(
    standing: Standing, equal: Verdict, differs: Verdict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was, less = a_baseline([a_table()]), a_baseline([])
    trusted = standing is Standing.TRUSTED
    with _compared(was, was, standing, tmp_path, monkeypatch) as journal:
        assert [check.outcome for check in journal.checks] == [equal]
        assert [finding.code for finding in journal.findings] == ([] if trusted else ["baseline-untrusted"])
        assert len(journal.evidence) == trusted
        assert any("history was not compared: shop.prices" in said for said in journal.deviations) == (
            standing is Standing.UNSIGNED
        )
    with _compared(was, less, standing, tmp_path, monkeypatch) as journal:
        assert [check.outcome for check in journal.checks] == [differs]
        assert "table-missing" in {finding.code for finding in journal.findings}
        assert not journal.evidence


def test_one_that_nobody_asked_for_is_passed_over_where_it_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was, less = a_baseline([a_table()]), a_baseline([])
    with _compared(was, less, Standing.UNSIGNED, tmp_path, monkeypatch, unasked=True) as journal:
        assert (journal.checks, journal.findings) == ([], [])
        assert journal.deviations == ["The baseline of db, a.baseline.json, is unsigned, so it was not compared"]
    with _compared(was, less, Standing.TRUSTED, tmp_path, monkeypatch, unasked=True) as journal:
        assert [check.outcome for check in journal.checks] == [Verdict.FAILED]


def test_what_was_agreed_to_let_pass_is_recorded_whether_anything_differs_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = a_baseline([a_table()])
    agreed = Tolerances.of(drift={"shop.log": 5}, ignore={"shop.cache": "it is made anew"})
    with _compared(same, same, Standing.TRUSTED, tmp_path, monkeypatch, tolerances=agreed) as journal:
        assert [(one.pattern, one.leniency, one.most, one.reason) for one in journal.tolerances] == [
            ("shop.cache", "ignored", 0, "it is made anew"), ("shop.log", "drift", 5, "")
        ]  # fmt: skip
    with _compared(same, same, Standing.TRUSTED, tmp_path, monkeypatch) as journal:
        assert journal.tolerances == []


@pytest.mark.parametrize("others", [(), ("crm",)])
@pytest.mark.parametrize("blind", [(), (ObjectKind.TABLE,)])
def test_a_baseline_is_a_witness_of_the_recovery_point_where_it_holds_all_tables_alone(
    others: tuple[str, ...], blind: tuple[ObjectKind, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = a_baseline([a_table()], kinds=tuple(kind for kind in ObjectKind if kind not in blind))
    known = ("shop", *others)
    with _compared(same, same, Standing.TRUSTED, tmp_path, monkeypatch, known=known) as journal:
        assert [check.outcome for check in journal.checks] == [Verdict.PASSED]
        assert len(journal.evidence) == (not others and not blind)
        assert any("its baseline does not cover them: crm" in said for said in journal.deviations) == bool(others)


@pytest.mark.parametrize(
    ("known", "says_its_name", "compared"),
    [
        (("elsewhere",), False, True),
        (("elsewhere",), True, False),
        (("elsewhere", "crm"), False, False),
        (("Shop",), True, True),
        ((), False, False),
    ],
)
def test_a_database_that_came_back_under_another_name_is_compared_where_the_backup_does_not_say_its_own(
    known: tuple[str, ...], *, says_its_name: bool, compared: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = a_baseline([a_table()])
    here = a_baseline([replace(a_table(), database=known[0])], databases=known) if compared else a_baseline([])
    with _compared(
        was, here, Standing.TRUSTED, tmp_path, monkeypatch, known=known, says_its_name=says_its_name
    ) as journal:
        assert [check.outcome for check in journal.checks] == [Verdict.PASSED if compared else Verdict.FAILED]
        assert len(journal.evidence) == compared
        named = f"db: the baseline's shop was restored as {known[0]}, and compared with that" if known else ""
        assert (named in journal.deviations) == compared


@contextmanager
def _compared(
    was: DatabaseBaseline,
    observed: DatabaseBaseline,
    standing: Standing,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    unasked: bool = False,
    versioned: bool = False,
    known: tuple[str, ...] = ("shop",),
    says_its_name: bool = True,
    tolerances: Tolerances = Tolerances(),  # noqa: B008 (nothing changes it)
) -> Iterator[Journal]:
    """Compare what was observed with a baseline of some standing, and give what the journal has of it."""
    kept = SimpleNamespace(location="a.baseline.json", sha256="", standing=standing)
    monkeypatch.setattr(comparing, "find_database_baseline", lambda *_: nullcontext((kept, lambda: was)))
    monkeypatch.setattr(comparing, "capture_database", lambda *_, **__: observed)
    past = [("shop", "prices")] if versioned or standing is Standing.UNSIGNED else []
    monkeypatch.setattr(comparing, "rows_of", lambda *_: past)
    monkeypatch.setattr(comparing, "tables_of", lambda *_: [(name, "prices") for name in known])
    found = SimpleNamespace(modified_here=TAKEN_AT, time_is_lost=False)
    anything: Any = SimpleNamespace(
        only=None,
        server=SimpleNamespace(asking=nullcontext),
        keeps_counters=False,
        keeps_history=False,
        zoneless=frozenset(),
        data_files=False,
        recognised=SimpleNamespace(selects_database=says_its_name),
        store=None,
        location="a.sql",
        found=found,
    )
    clock = Clock()
    journal = Journal(clock=clock, observer=Progress(), log=DrillLog(folder / "drill.log", clock))
    comparing.compare_with_baseline(journal, "db", anything, anything, tolerances, unasked=unasked)
    journal.log.close()
    yield journal
