"""What is asked of every database: rows, and parents of rows, as far as either can be told."""

from __future__ import annotations

from typing import Any, cast

import pymysql
import pytest
from pymysql.constants import ER

from drtool.checks import builtin
from drtool.checks.builtin import holds_no_row
from drtool.checks.sql import Answer
from drtool.record.verdicts import Verdict


@pytest.mark.parametrize(
    ("tables", "outcome", "rows", "told"),
    [
        (3, Verdict.PASSED, 0, True), (3, Verdict.PASSED, 1, False), (0, Verdict.PASSED, 0, False),
        (3, Verdict.FAILED, 0, False), (3, Verdict.UNVERIFIED, None, False), (None, Verdict.PASSED, 0, False),
    ],
)  # fmt: skip
def test_structure_alone_is_told_where_all_tables_were_read(
    tables: int | None, outcome: Verdict, rows: int | None, told: bool
) -> None:
    answers = {
        "tables are present": Answer(outcome=Verdict.PASSED, observed="", value=tables),
        "tables and views are readable": Answer(outcome=outcome, observed="", value=rows),
    }
    assert holds_no_row(answers) is told


_GONE = pymysql.err.ProgrammingError(ER.NO_SUCH_TABLE, "Table 'crm.people' doesn't exist")
_LOST = pymysql.err.OperationalError(2013, "Lost connection to server during query")


@pytest.mark.parametrize(
    ("counts", "outcome", "observed"),
    [
        ((0, 0), Verdict.PASSED, "0 orphans"),
        ((0, 2), Verdict.FAILED, "2 orphans: 2 in shop.orders (of_shop)"),
        ((_GONE, 2), Verdict.FAILED, "2 orphans: 2 in shop.orders (of_shop); they could not be counted in shop.orders"),
        ((_GONE, 0), Verdict.UNVERIFIED, "0 orphans; they could not be counted in shop.orders (of_person) (MariaDB"),
    ],
)
def test_one_key_that_cannot_be_followed_hides_no_orphan_of_another(
    counts: tuple[Any, Any], outcome: Verdict, observed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = _count(counts, monkeypatch)
    assert (said.outcome, said.observed[: len(observed)]) == (outcome, observed)


def test_a_server_that_went_away_leaves_the_orphans_that_were_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = _count((2, _LOST), monkeypatch)
    assert answer.outcome is Verdict.FAILED
    assert answer.observed.startswith(
        "2 orphans: 2 in shop.orders (of_person); they could not be counted in shop.orders"
    )
    assert _count((0, _LOST), monkeypatch).outcome is Verdict.UNVERIFIED


def _count(counts: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> Answer:
    keys = [("shop", f"of_{one}", "orders", "crm", "people", "p", "id") for one in ("person", "shop")]
    given = iter(counts)

    def value(*_: object) -> Any:
        one = next(given)
        if isinstance(one, Exception):
            raise one
        return one

    monkeypatch.setattr(builtin, "rows_of", lambda *_: keys)
    monkeypatch.setattr(builtin, "value_of", value)
    (asked,) = (one for one in builtin.questions(accounts_brought=0, data_files=False) if "foreign keys" in one.name)
    return asked.ask(cast(Any, None))
