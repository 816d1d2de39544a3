"""Values from the database, understood as times and as answers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from pymysql.constants import FIELD_TYPE

from drtool.checks.expectation import Expectation
from drtool.checks.sql import Answer, judge_expectation, parse_zone, timed_check, to_moment
from drtool.errors import WrongUse
from drtool.record.verdicts import Check, Verdict

WALL = datetime(2026, 11, 24, 3, 0)  # noqa: DTZ001 (as a DATETIME comes from the database)
INSTANT = WALL.replace(tzinfo=UTC)


class TestMoments:
    def test_a_timestamp_is_an_instant_whatever_the_zone(self) -> None:
        for zone in (None, "Europe/Berlin"):
            moment = to_moment(WALL, FIELD_TYPE.TIMESTAMP, zone)
            assert moment is not None
            assert (moment.at, moment.assumption) == (INSTANT, None)

    def test_a_datetime_is_read_in_the_zone_that_is_named(self) -> None:
        moment = to_moment(WALL, FIELD_TYPE.DATETIME, "Europe/Berlin")
        assert moment is not None
        assert (moment.at, moment.assumption) == (INSTANT - timedelta(hours=1), None)

    def test_a_datetime_without_a_zone_is_taken_as_utc_and_says_so(self) -> None:
        moment = to_moment(WALL, FIELD_TYPE.DATETIME, None)
        assert moment is not None
        assert moment.at == INSTANT
        assert "taken as UTC" in (moment.assumption or "")

    def test_the_hour_that_comes_twice_is_the_first_so_that_no_loss_is_made_small(self) -> None:
        moment = to_moment(datetime(2026, 10, 25, 2, 30), FIELD_TYPE.DATETIME, "Europe/Berlin")  # noqa: DTZ001
        assert moment is not None
        assert moment.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    @pytest.mark.parametrize("value", [1_795_489_200, 1_795_489_200.0, Decimal("1795489200.000")])
    def test_a_number_counts_seconds_since_1970(self, value: object) -> None:
        moment = to_moment(value, FIELD_TYPE.NEWDECIMAL, None)
        assert moment is not None
        assert (moment.at, moment.assumption) == (INSTANT, None)

    @pytest.mark.parametrize(
        "value",
        [None, True, "2026-11-24 03:00:00", "0000-00-00 00:00:00", b"", date(2026, 11, 24), timedelta(hours=3), 1e20,
         1_795_489_200_000, float("nan"), float("inf"), Decimal("Infinity")],
    )  # fmt: skip
    def test_anything_else_is_no_time(self, value: object) -> None:
        assert to_moment(value, FIELD_TYPE.VAR_STRING, None) is None

    @pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
    def test_the_ends_of_the_calendar_that_stand_for_never_are_handled(self, zone: str) -> None:
        for end in (datetime(9999, 12, 31, 23, 59, 59), datetime(1, 1, 1)):  # noqa: DTZ001
            moment = to_moment(end, FIELD_TYPE.DATETIME, zone)
            assert moment is None or moment.at.tzinfo is UTC

    @pytest.mark.parametrize("zone", ["Middle/Earth", "../../etc/passwd", "CEST+1", "Europe", "\0"])
    def test_a_zone_that_is_none_is_refused(self, zone: str) -> None:
        with pytest.raises(WrongUse, match="There is no time zone"):
            parse_zone(zone)
        with pytest.raises(WrongUse):
            to_moment(WALL, FIELD_TYPE.DATETIME, zone)


class TestAnswers:
    def test_an_expected_value_passes_and_is_told(self) -> None:
        answer = judge_expectation(Expectation(at_least=1))(3, FIELD_TYPE.LONG)
        assert (answer.outcome, answer.observed) == (Verdict.PASSED, "3")

    @pytest.mark.parametrize("value", [0, None, "jane@example.org", "57"])
    def test_anything_else_fails_without_being_quoted(self, value: object) -> None:
        answer = judge_expectation(Expectation(equals="do not touch"))(value, FIELD_TYPE.LONG)
        assert answer.outcome is Verdict.FAILED
        assert "jane" not in answer.observed
        assert "57" not in answer.observed

    def test_a_number_that_is_stored_as_text_counts_as_one_and_other_text_is_no_answer(self) -> None:
        judge = judge_expectation(Expectation(at_least=50))
        answers = [judge(text, FIELD_TYPE.VAR_STRING) for text in ("57", "49", "jane@example.org", None)]
        assert [one.outcome for one in answers] == [
            Verdict.PASSED, Verdict.FAILED, Verdict.UNVERIFIED, Verdict.FAILED,
        ]  # fmt: skip
        assert [one.observed for one in answers[:2]] == ["57", "49"]
        assert answers[2].observed.startswith("a text of 16 characters, which is no number: ask for one, such as CAST(")

    def test_a_check_is_entered_with_its_answer_and_time(self) -> None:
        entered: list[Check] = []
        with timed_check("db", "orders", "SELECT 1", "at least 1", entered.append, builtin=False) as answers:
            answers.append(Answer(outcome=Verdict.PASSED, observed="1"))
        (check,) = entered
        assert (check.name, check.observed, check.outcome, check.builtin) == ("orders", "1", Verdict.PASSED, False)
        assert 0 <= check.elapsed_seconds < 1

    def test_a_check_that_breaks_off_is_entered_as_unverified(self) -> None:
        entered: list[Check] = []
        with pytest.raises(ZeroDivisionError), timed_check("db", "n", "q", "e", entered.append, builtin=False):
            raise ZeroDivisionError
        assert [(check.outcome, check.observed) for check in entered] == [
            (Verdict.UNVERIFIED, "the check did not finish")
        ]
