"""Of a question that cannot be put of some things the answer tells of the others all the same."""

from __future__ import annotations

from collections.abc import Mapping

import pymysql
import pytest

from drtool.checks.one_by_one import OneByOne, one_by_one
from drtool.record.verdicts import Verdict

TIMEOUT = pymysql.err.OperationalError(1969, "Query execution was interrupted (max_statement_time exceeded)")
LOST = pymysql.err.OperationalError(2013, "Lost connection to server during query")
MISSING = pymysql.err.ProgrammingError(1146, "Table 'shop.gone' doesn't exist")


def asked(answers: Mapping[str, Exception | str | None], *, errors_are_bad: bool = True) -> OneByOne:
    def ask(thing: str) -> str | None:
        answer = answers[thing]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return one_by_one(answers, ask, named=str, errors_are_bad=errors_are_bad)


@pytest.mark.parametrize("errors_are_bad", [True, False])
def test_one_that_cannot_be_asked_hides_nothing_of_the_others(errors_are_bad: bool) -> None:
    answer = asked({"a": TIMEOUT, "b": "b", "c": None, "d": "d"}, errors_are_bad=errors_are_bad).answer("damaged")
    assert answer.outcome is Verdict.FAILED
    assert answer.observed.startswith("2 damaged: b, d; the question could not be put of a (MariaDB error 1969")


def test_where_nothing_else_is_wrong_the_answer_is_not_known() -> None:
    answer = asked({"a": None, "b": TIMEOUT}).answer("damaged")
    assert answer.outcome is Verdict.UNVERIFIED
    assert answer.observed.startswith("0 damaged; the question could not be put of b")
    assert asked({"a": None}).answer("damaged").outcome is Verdict.PASSED


@pytest.mark.parametrize(("errors_are_bad", "outcome"), [(True, Verdict.FAILED), (False, Verdict.UNVERIFIED)])
def test_an_error_of_the_server_is_an_answer_where_it_is_meant_to_be_one(
    errors_are_bad: bool, outcome: Verdict
) -> None:
    answer = asked({"a": MISSING, "b": None}, errors_are_bad=errors_are_bad).answer("that cannot be read")
    assert answer.outcome is outcome
    assert "shop.gone" in answer.observed


def test_a_connection_that_broke_and_a_sandbox_at_a_loss_are_asked_no_more() -> None:
    assert asked({"a": LOST, "b": "b", "c": "c"}).left == 2
    found = asked({"a": TIMEOUT, "b": TIMEOUT, "c": "c", "d": TIMEOUT, "e": "e"})
    assert (found.left, found.bad) == (1, ["c"])
    assert found.answer("bad").observed.endswith("and 1 more were not asked then")
