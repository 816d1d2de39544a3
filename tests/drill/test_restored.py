"""A restored server that went away is told from one that does not let drtool in."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pymysql
import pytest
from pymysql.constants import CR, ER, FIELD_TYPE

from drtool.drill import restored as module
from drtool.drill.restored import Database
from drtool.errors import Unverifiable
from drtool.record.recovery import Evidence
from drtool.record.verdicts import Check, Verdict
from drtool.times import utc


def _gone() -> None:
    raise pymysql.err.OperationalError(CR.CR_SERVER_LOST, "gone")


def _server() -> Any:
    asked = SimpleNamespace(asking=print, standing=_gone, known=None)
    return SimpleNamespace(server=asked, only=None, spread_of=lambda _query: timedelta())


@pytest.mark.parametrize(
    ("number", "code"),
    [(ER.ACCESS_DENIED_ERROR, "locked-out"), (CR.CR_SERVER_LOST, "sandbox-lost"), (0, "sandbox-lost")],
)
def test_a_server_that_somebody_restarted_is_not_taken_for_one_with_other_accounts(number: int, code: str) -> None:
    def asking(**_: float) -> None:
        raise pymysql.err.OperationalError(number, "no")

    journal = cast(Any, SimpleNamespace(step=lambda *_: nullcontext(), failure=id))
    restored = cast(Any, SimpleNamespace(server=SimpleNamespace(asking=asking), only=None))
    with pytest.raises(Unverifiable) as caught:
        Database(journal, "db", cast(Any, None), restored, None, datetime.now(UTC)).run_builtin_checks()
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("within", "seconds", "observed", "outcome"),
    [
        ("25h", 90_000, "1 d 1 h", Verdict.PASSED),
        ("25h", 92_400, "1 d 1 h 40 min", Verdict.FAILED),
        ("90m", 5_420, "1 h 30 min 20 s", Verdict.FAILED),
        ("90m", 5_400.25, "5400.250 s", Verdict.FAILED),
        ("90m", 60, "1 min", Verdict.PASSED),
    ],
)
def test_data_that_is_too_old_is_told_from_what_was_expected(
    within: str, seconds: float, observed: str, outcome: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    disaster = datetime.now(UTC).replace(microsecond=0)
    newest = (disaster - timedelta(seconds=seconds)).replace(tzinfo=None)
    monkeypatch.setattr(module, "ask", lambda _connect, _query, judge, **_: judge(newest, FIELD_TYPE.TIMESTAMP))
    checks: list[Check] = []
    journal = cast(
        Any, SimpleNamespace(step=lambda *_: nullcontext(), check=checks.append, recovery_point=id, evidence=[])
    )
    server = _server()
    Database(journal, "db", cast(Any, None), server, None, disaster).check_freshness("SELECT ...", within=within)
    (check,) = checks
    assert check.outcome is outcome
    assert check.observed.partition(", ")[2] == f"{observed} before the disaster"


@pytest.mark.parametrize(
    ("within", "others_hours_older", "outcome", "observed"),
    [
        ("2h", 0, Verdict.PASSED, "1 h before the disaster"),
        ("2h", 40, Verdict.UNVERIFIED, "which does not settle it: other tables may be 1 d 16 h"),
        ("3d", 40, Verdict.PASSED, "1 h before the disaster"),
        ("30m", 40, Verdict.FAILED, "1 h before the disaster"),
    ],
)
def test_the_newest_data_is_what_the_query_gave_whatever_another_dump_of_the_backup_is_of(
    within: str, others_hours_older: int, outcome: Verdict, observed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    disaster = datetime.now(UTC).replace(microsecond=0)
    newest, minute = disaster - timedelta(hours=1), timedelta(minutes=1)
    first = newest - timedelta(hours=others_hours_older)
    by_comment = Evidence(
        resource="db", rank=3, source="comment", recovery_point=first - minute, latest=first, detail="the first"
    )
    last = replace(by_comment, recovery_point=newest, latest=newest, bound_only=True)
    monkeypatch.setattr(
        module, "ask", lambda _connect, _query, judge, **_: judge(newest.replace(tzinfo=None), FIELD_TYPE.TIMESTAMP)
    )
    checks: list[Check] = []
    evidence = [last, by_comment]
    journal = SimpleNamespace(
        step=lambda *_: nullcontext(), check=checks.append, recovery_point=evidence.append, evidence=evidence
    )
    Database(cast(Any, journal), "db", cast(Any, None), _server(), None, disaster).check_freshness(
        "SELECT ...", within=within
    )
    (check,) = checks
    assert (check.outcome, check.observed.startswith(utc(newest))) == (outcome, True), check
    assert observed in check.observed
    assert evidence[-1].recovery_point == first
    assert ("another dump" in evidence[-1].detail) == bool(others_hours_older)


@pytest.mark.parametrize(
    ("value", "outcome", "observed"),
    [
        ("2026-11-30T07:46:03.001230", Verdict.UNVERIFIED, "which is no time: ask for a TIMESTAMP"),
        (date(2026, 11, 30), Verdict.UNVERIFIED, "2026-11-30, which is no time"),
        (1_700_000_000_000, Verdict.UNVERIFIED, "1700000000000, which is no time"),
        (3_600, Verdict.UNVERIFIED, "3600, which is no time"),
        (None, Verdict.FAILED, "nothing (NULL or no row)"),
        (1_700_000_000, Verdict.FAILED, "before the disaster"),
    ],
)
def test_an_answer_that_is_no_time_is_nothing_against_the_backup(
    value: object, outcome: Verdict, observed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ask", lambda _connect, _query, judge, **_: judge(value, FIELD_TYPE.VAR_STRING))
    checks: list[Check] = []
    journal = cast(
        Any, SimpleNamespace(step=lambda *_: nullcontext(), check=checks.append, recovery_point=id, evidence=[])
    )
    server = _server()
    Database(journal, "db", cast(Any, None), server, None, datetime.now(UTC)).check_freshness("SELECT", within="1h")
    (check,) = checks
    assert (check.outcome, observed in check.observed) == (outcome, True), check
    assert "07:46" not in check.observed


@pytest.mark.parametrize(("after", "outcome"), [(61, Verdict.UNVERIFIED), (59, Verdict.PASSED)])
def test_data_that_is_newer_than_the_backup_is_not_fresh(
    after: int, outcome: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    disaster = datetime.now(UTC).replace(microsecond=0)
    ended = disaster - timedelta(hours=3)
    own = Evidence(resource="db", rank=3, source="its own record", recovery_point=ended, latest=ended, detail="")
    newest = (ended + timedelta(seconds=after)).replace(tzinfo=None)
    monkeypatch.setattr(module, "ask", lambda _connect, _query, judge, **_: judge(newest, FIELD_TYPE.TIMESTAMP))
    checks: list[Check] = []
    journal = cast(
        Any, SimpleNamespace(step=lambda *_: nullcontext(), check=checks.append, recovery_point=id, evidence=[own])
    )
    server = _server()
    Database(journal, "db", cast(Any, None), server, None, disaster).check_freshness("SELECT ...")
    (check,) = checks
    assert check.outcome is outcome
    assert ("after the backup was finished" in check.observed) == (outcome is Verdict.UNVERIFIED)
