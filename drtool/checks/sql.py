"""Asking the restored database one question and judging the answer."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pymysql
from pymysql.connections import Connection
from pymysql.constants import ER, FIELD_TYPE
from pymysql.cursors import SSCursor

from drtool.amounts import listed
from drtool.checks.expectation import Expectation, spoken
from drtool.errors import DrtoolError, Unverifiable, WrongUse
from drtool.mariadb.selection import Selection
from drtool.mariadb.sql import describe_sql_error, error_code, error_text, is_of_sandbox, rows_of
from drtool.record.verdicts import Check, Verdict

_NO_QUESTION = {
    ER.PARSE_ERROR, ER.EMPTY_QUERY, ER.NO_DB_ERROR, ER.SYNTAX_ERROR, ER.TABLEACCESS_DENIED_ERROR,
    ER.COLUMNACCESS_DENIED_ERROR, ER.DBACCESS_DENIED_ERROR, ER.SPECIFIC_ACCESS_DENIED_ERROR, ER.PROCACCESS_DENIED_ERROR,
    1792,  # ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
}  # fmt: skip
"""Errors of what is no question, or none that may be put."""

_OF_MISSING = {ER.NO_SUCH_TABLE, ER.BAD_DB_ERROR, ER.SP_DOES_NOT_EXIST}
_MISSING = re.compile(
    r"^(?:Table|Unknown database) '(.+?)'|^(?:FUNCTION|PROCEDURE|PACKAGE|PACKAGE BODY) (\S+) does not"
)

_OLDEST_EPOCH = 946_684_800
Connect = Callable[[], "Connection[Any]"]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a question came to.

    `value` is what the query gave, for our own use and never for the record; `observed` is fit for the record.
    """

    outcome: Verdict
    observed: str
    value: object = None


@contextmanager
def timed_check(
    resource: str, name: str, question: str, expected: str, enter: Callable[[Check], None], *, builtin: bool
) -> Iterator[list[Answer]]:
    """Time a check and enter it with the answer that the block appends; without one it is `unverified`."""
    started = time.monotonic()
    answers: list[Answer] = []
    try:
        yield answers
    except DrtoolError as error:
        answers.append(Answer(outcome=Verdict.UNVERIFIED, observed=f"it could not be put: {error.what}"))
        raise
    finally:
        answer = answers[-1] if answers else Answer(outcome=Verdict.UNVERIFIED, observed="the check did not finish")
        enter(
            Check(
                resource=resource,
                name=name,
                question=question,
                expected=expected,
                observed=answer.observed,
                outcome=answer.outcome,
                builtin=builtin,
                elapsed_seconds=time.monotonic() - started,
            )
        )


def ask(
    connect: Connect, query: str, judge: Callable[[object, int], Answer], *, only: Selection | None = None
) -> Answer:
    """Put a query that gives one value and let `judge` say what the value (and its column type) means.

    The session is read-only, at most two rows are fetched and `connect` bounds how much of them is taken, so that no
    question changes the data for the next one and no endless result fills the memory. An error of the server is an
    answer too: the restored data cannot answer the question, so the check failed. Only where it could not be put (a
    server that went away or has no room, a statement that took too long, an answer that is too large, what is no SQL or
    is not allowed), or asks for what was left out (`only`), it says nothing of the data.
    """
    try:
        connection = connect()
    except pymysql.err.MySQLError as error:
        observed = f"no connection: {describe_sql_error(error_code(error))}"
        return Answer(outcome=Verdict.UNVERIFIED, observed=observed)
    try:
        rows_of(connection, "SET SESSION TRANSACTION READ ONLY")
        cursor = connection.cursor(SSCursor)
        cursor.execute(query)
        rows, columns = cursor.fetchmany(2), cursor.description
    except pymysql.err.MySQLError as error:
        if only and (left_out := _left_out(error, only)):
            observed = f"it asks for {left_out}, which was left out: only {only} was restored"
            return Answer(outcome=Verdict.UNVERIFIED, observed=observed)
        says_nothing = error_code(error) in _NO_QUESTION or is_of_sandbox(error)
        outcome = Verdict.UNVERIFIED if says_nothing else Verdict.FAILED
        return Answer(outcome=outcome, observed=describe_sql_error(error_code(error), error_text(error)))
    except Unverifiable as error:
        if error.code != "answer-too-large":
            raise
        return Answer(outcome=Verdict.UNVERIFIED, observed="its answer is too large")
    finally:
        _hang_up(connection, connect)
    if not columns or len(columns) != 1 or len(rows) > 1:
        return Answer(outcome=Verdict.UNVERIFIED, observed="not one value: the query must give one row of one column")
    return judge(rows[0][0] if rows else None, int(columns[0][1]))


def _left_out(error: Exception, only: Selection) -> str | None:
    """Return the table, routine or database that the server says is missing, if it was left out on purpose."""
    found = _MISSING.search(error_text(error)) if error_code(error) in _OF_MISSING else None
    if found is None:
        return None
    database, _, name = (found[1] or found[2]).partition(".")
    is_routine = error_code(error) == ER.SP_DOES_NOT_EXIST
    wanted = only.takes_all_of(database) if is_routine or not name else only.takes(database, name)
    return None if wanted else f"{database}.{name}".rstrip(".")


def counted(bad: list[str], what: str) -> Answer:
    """Return the answer to how many there are of what there should be none of."""
    outcome = Verdict.FAILED if bad else Verdict.PASSED
    return Answer(outcome=outcome, observed=f"{len(bad)} {what}" + (f": {listed(bad)}" if bad else ""))


def _hang_up(connection: Connection[Any], connect: Connect) -> None:
    """Close a connection though its answer may be endless, which every other way to close it would read to its end.

    The server would go on with it, beside the checks that follow; so it is told to stop.
    """
    unread: Any = connection._result  # type: ignore[attr-defined]
    if unread is not None and unread.unbuffered_active:
        unread.unbuffered_active = False
        with contextlib.suppress(pymysql.err.MySQLError), contextlib.closing(connect()) as another:
            another.query(f"KILL {int(connection.thread_id())}")  # type: ignore[no-untyped-call]
    connection._result = None  # type: ignore[attr-defined]
    connection._force_close()  # type: ignore[attr-defined]


def judge_expectation(expectation: Expectation) -> Callable[[object, int], Answer]:
    """Return the judge of a check with an expected value."""

    def judge(value: object, _column_type: int) -> Answer:
        if expectation.cannot_tell(value):
            what = f"{spoken(value)}, which is no number: ask for one, such as CAST(... AS DECIMAL(20,2))"
            return Answer(outcome=Verdict.UNVERIFIED, observed=what, value=value)
        outcome = Verdict.PASSED if expectation.holds(value) else Verdict.FAILED
        return Answer(outcome=outcome, observed=spoken(expectation.read(value)), value=value)

    return judge


@dataclass(frozen=True, kw_only=True)
class Moment:
    """An instant that was read from the data, UTC, and what had to be assumed to understand it."""

    at: datetime
    assumption: str | None


def to_moment(value: object, column_type: int, zone: str | None) -> Moment | None:
    """Understand a value as an instant, or return None when it is none.

    A TIMESTAMP is an instant (our sessions run in UTC). A DATETIME has no zone: it is read in `zone`, or else
    taken as UTC with an assumption that goes on record; the hour that a zone has twice in autumn is the first. A
    number counts seconds since 1970; one that comes to a time before 2000 is something else.

    Raises:
        WrongUse: there is no zone of that name.
    """
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        if value < _OLDEST_EPOCH:  # an age or an id
            return None
        try:
            return Moment(at=datetime.fromtimestamp(float(value), UTC), assumption=None)
        except (OverflowError, ValueError, OSError):
            return None
    if not isinstance(value, datetime):
        return None
    if column_type == FIELD_TYPE.TIMESTAMP:
        return Moment(at=value.replace(tzinfo=UTC), assumption=None)
    assumption = None if zone else "a DATETIME without a time zone was taken as UTC"
    try:
        at = value.replace(tzinfo=parse_zone(zone) if zone else UTC).astimezone(UTC)
    except OverflowError:  # 9999-12-31 23:59:59, which stands for "never" in many a schema
        return None
    return Moment(at=at, assumption=assumption)


def parse_zone(name: str) -> ZoneInfo:
    """Return the time zone of a name such as `Europe/Berlin`.

    Raises:
        WrongUse: there is no zone of that name.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise WrongUse("bad-zone", f"There is no time zone {name!r}") from error
