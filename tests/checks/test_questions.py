"""A question that could not be put says nothing of the data; an answer that the data give by an error does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pymysql
import pytest

from drtool.checks import builtin, stored_programs
from drtool.checks.builtin import Question
from drtool.checks.sql import Answer, ask
from drtool.errors import Unverifiable
from drtool.record.verdicts import Verdict

OF_THE_SANDBOX = [
    pymysql.err.OperationalError(1969, "Query execution was interrupted (max_statement_time exceeded)"),
    pymysql.err.OperationalError(2013, "Lost connection to MySQL server during query"),
    pymysql.err.OperationalError(1021, "Disk full (/var/lib/mysql/tmp/#sql-temptable-1); waiting for someone to free"),
    pymysql.err.OperationalError(1030, 'Got error 28 "No space left on device" from storage engine Aria'),
    pymysql.err.OperationalError(3, "Error writing file '/var/lib/mysql/tmp/MY0' (Errcode: 28)"),
    pymysql.err.OperationalError(126, "Index for table '/var/lib/mysql/tmp/#sql-temptable-1.MAI' is corrupt"),
]
OF_THE_DATA = [
    pymysql.err.OperationalError(126, "Index for table 'orders.MYI' is corrupt; try to repair it"),
    pymysql.err.OperationalError(1030, 'Got error 180 "Index corrupted" from storage engine InnoDB'),
    pymysql.err.OperationalError(1356, "View 'shop.v' references invalid table(s) or column(s)"),
]


class Scripted:
    """A connection that answers each statement in turn, or fails at it."""

    def __init__(self, *answers: tuple[tuple[object, ...], ...] | Exception) -> None:
        self._answers: Iterator[tuple[tuple[object, ...], ...] | Exception] = iter(answers)
        self._rows: tuple[tuple[object, ...], ...] = ()
        self._result = None
        self.description = [("n", 3)]

    def cursor(self, _kind: object = None) -> Scripted:
        return self

    def __enter__(self) -> Scripted:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, _statement: str, _arguments: object = None) -> None:
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        self._rows = answer

    def fetchall(self) -> tuple[tuple[object, ...], ...]:
        return self._rows

    def fetchmany(self, count: int) -> tuple[tuple[object, ...], ...]:
        return self._rows[:count]

    def _force_close(self) -> None:
        pass


def reads(error: Exception) -> Answer:
    """Return the answer where of two tables the second cannot be read."""
    tables = (("shop", "orders"), ("shop", "pages"))
    return _answered(builtin._read_all, Scripted((), tables, (), ((1,),), error))


def shows(error: Exception) -> Answer:
    program = (("TRIGGER", "shop", "t", "root@localhost", "DEFINER"),)
    return _answered(stored_programs.check_texts, Scripted(program, (("shop",),), error))


def checks_tables(error: Exception) -> Answer:
    said = (
        ("shop.orders", "check", "error", str(error.args[1])),
        ("shop.orders", "check", "status", "Operation failed"),
    )
    return _answered(builtin._check_tables, Scripted((("shop", "orders"),), said))


def asks(error: Exception) -> Answer:
    return ask(
        lambda: cast(Any, Scripted((), error)), "SELECT 1", lambda *_: Answer(outcome=Verdict.PASSED, observed="")
    )


def _answered(question: Any, connection: Scripted) -> Answer:
    return builtin.answered(Question(name="n", question="q", expected="e", ask=question), cast(Any, connection))


def test_routines_of_a_database_that_is_not_in_the_backup_are_named_and_not_broken() -> None:
    programs = (("PROCEDURE", "crm", "tidy", "root@localhost", "DEFINER"), ("EVENT", "shop", "e", "x@%", "DEFINER"))
    answer = _answered(stored_programs.check_texts, Scripted(programs, (("shop",),), ((),)))
    assert answer.outcome is Verdict.PASSED
    assert answer.observed == "0 broken; not asked, since their databases are not in this backup: procedure crm.tidy"


@pytest.mark.parametrize("put", [reads, shows, checks_tables, asks])
@pytest.mark.parametrize(
    ("errors", "outcome"), [(OF_THE_SANDBOX[2:], Verdict.UNVERIFIED), (OF_THE_DATA, Verdict.FAILED)]
)
def test_whose_error_it_is_decides(put: Any, errors: list[Exception], outcome: Verdict) -> None:
    assert {put(error).outcome for error in errors} == {outcome}


@pytest.mark.parametrize("put", [reads, shows, asks])
@pytest.mark.parametrize("error", OF_THE_SANDBOX[:2])
def test_a_question_that_was_ended_says_nothing(put: Any, error: Exception) -> None:
    assert put(error).outcome is Verdict.UNVERIFIED


def test_an_answer_that_is_too_large_is_one_checks_own_matter_and_a_sandbox_that_was_stopped_is_not() -> None:
    too_large = asks(Unverifiable("answer-too-large", "What a program in the sandbox says is more than drtool takes"))
    assert (too_large.outcome, too_large.observed) == (Verdict.UNVERIFIED, "its answer is too large")
    with pytest.raises(Unverifiable, match="nearly full"):
        asks(Unverifiable("disk-full", "The engine's disk is nearly full"))
