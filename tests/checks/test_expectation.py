"""What an answer should be, and how one speaks of an answer without quoting it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drtool.checks.expectation import Expectation, spoken
from drtool.errors import WrongUse


class TestDeclaring:
    @pytest.mark.parametrize(
        "given_",
        [{}, {"equals": 1, "at_least": 1}, {"at_least": 1, "at_most": 2}, {"between": (1, 2), "equals": 1},
         {"equals": None}],
    )  # fmt: skip
    def test_exactly_one_expectation_is_asked_for(self, given_: dict[str, Any]) -> None:
        with pytest.raises(WrongUse, match="exactly one"):
            Expectation(**given_)

    @pytest.mark.parametrize(
        "given_",
        [
            {"at_least": "5"}, {"at_most": True}, {"at_least": float("nan")}, {"at_most": float("inf")},
            {"at_least": Decimal("NaN")}, {"between": (10, 1)}, {"between": (1,)}, {"between": (1, 2, 3)},
            {"between": ("a", "b")}, {"between": (None, 5)}, {"between": (1, float("nan"))},
        ],
    )  # fmt: skip
    def test_a_bound_that_nothing_could_be_held_against_is_refused(self, given_: dict[str, Any]) -> None:
        with pytest.raises(WrongUse) as refused:
            Expectation(**given_)
        assert refused.value.code == "bad-expectation"

    @pytest.mark.parametrize(
        "given_", [{"equals": 0}, {"equals": ""}, {"at_least": 0}, {"at_most": 0}, {"between": (0, 0)}]
    )
    def test_nought_is_an_expectation_too(self, given_: dict[str, Any]) -> None:
        Expectation(**given_)

    @pytest.mark.parametrize(
        ("expectation", "text"),
        [
            (Expectation(equals="open"), "equal to open"), (Expectation(at_least=1), "at least 1"),
            (Expectation(at_most=2.5), "at most 2.5"), (Expectation(between=(1, 3)), "between 1 and 3"),
        ],
    )  # fmt: skip
    def test_it_reads_as_a_person_would_say_it(self, expectation: Expectation, text: str) -> None:
        assert str(expectation) == text


class TestHolding:
    @pytest.mark.parametrize(
        ("expectation", "observed"),
        [
            (Expectation(equals=5), 5), (Expectation(equals=5), Decimal(5)), (Expectation(equals=5), Decimal("5.00")),
            (Expectation(equals=12.1), Decimal("12.10")), (Expectation(equals=0.1), Decimal("0.1")),
            (Expectation(equals=Decimal("0.10")), 0.1), (Expectation(equals=5.0), 5), (Expectation(equals="a"), "a"),
            (Expectation(equals="3000"), 3000), (Expectation(equals="2026-11-24"), date(2026, 11, 24)),
            (Expectation(equals=b"a"), b"a"), (Expectation(equals=date(2026, 11, 24)), date(2026, 11, 24)),
            (Expectation(at_least=1), 1), (Expectation(at_least=1), Decimal(1)), (Expectation(at_most=1), 1),
            (Expectation(at_least=0.3), Decimal("0.30")), (Expectation(between=(1, 3)), 1),
            (Expectation(between=(1, 3)), 3), (Expectation(between=(-1, 0)), Decimal("-0.5")),
            (Expectation(equals=57), "57"), (Expectation(equals=57), b"57.00"), (Expectation(equals="57"), "57"),
            (Expectation(at_least=50), "57"), (Expectation(between=(-1, 0)), "-0.5"), (Expectation(at_most=9), "0"),
            (Expectation(at_least=2**63), 2**63), (Expectation(at_least=9007199254740993), 9007199254740993),
        ],
    )  # fmt: skip
    def test_at_the_bound_it_holds(self, expectation: Expectation, observed: object) -> None:
        assert expectation.holds(observed)

    @pytest.mark.parametrize(
        ("expectation", "observed"),
        [
            (Expectation(equals=5), 6), (Expectation(equals=5), "6"), (Expectation(equals="6"), 5),
            (Expectation(equals="nothing (NULL or no row)"), None),
            (Expectation(equals=5), None), (Expectation(equals=""), None), (Expectation(equals=0), None),
            (Expectation(equals=0.1), Decimal("0.11")), (Expectation(equals=5), Decimal("NaN")),
            (Expectation(at_least=1), 0), (Expectation(at_most=1), 2), (Expectation(between=(1, 3)), Decimal("3.001")),
            (Expectation(at_least=0), None), (Expectation(at_least=8), "7"), (Expectation(at_least=0), True),
            (Expectation(at_least=0), b"\x07"), (Expectation(at_least=0), float("nan")),
            (Expectation(at_least=0), datetime(2026, 11, 24, tzinfo=UTC)),
            (Expectation(at_least=9007199254740993), 9007199254740992),
        ],
    )  # fmt: skip
    def test_beyond_the_bound_or_of_another_kind_it_does_not(self, expectation: Expectation, observed: object) -> None:
        assert not expectation.holds(observed)

    @pytest.mark.parametrize(
        "text", ["057", " 57", "57 EUR", "57\n", "1e3", "+5", "", ".5", "5.", "inf", "\u0665", "9" * 66, b"\x07"]
    )
    def test_a_text_that_is_no_plain_number_tells_nothing_of_one(self, text: str | bytes) -> None:
        for numeric in (Expectation(equals=57), Expectation(at_least=0), Expectation(between=(0, 99))):
            assert (numeric.cannot_tell(text), numeric.holds(text)) == (True, False)
        assert not Expectation(equals="57").cannot_tell(text)
        assert Expectation(equals=text).holds(text)
        assert not Expectation(equals="57").holds(text)

    @pytest.mark.parametrize("observed", [None, 5, "5", b"5.0", True, date(2026, 11, 24)])
    def test_an_answer_that_is_a_number_or_nothing_tells(self, observed: object) -> None:
        assert not Expectation(at_least=6).cannot_tell(observed)
        assert not Expectation(at_least=6).holds(observed)

    @given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4))
    def test_a_number_equals_itself_however_many_places_it_is_written_with(self, number: Decimal) -> None:
        assert Expectation(equals=number).holds(number.normalize())
        assert Expectation(equals=float(number)).holds(number)


class TestSpeaking:
    @pytest.mark.parametrize(
        ("observed", "text"),
        [
            (None, "nothing (NULL or no row)"), (42, "42"), (Decimal("1.50"), "1.50"), (0.5, "0.5"),
            (datetime(2026, 11, 24, 3, 0), "2026-11-24 03:00:00"), (date(2026, 11, 24), "2026-11-24"),  # noqa: DTZ001 (as DATETIME columns are)
        ],
    )  # fmt: skip
    def test_numbers_and_times_are_said(self, observed: object, text: str) -> None:
        assert spoken(observed) == text

    @pytest.mark.parametrize("observed", ["jane@example.org", b"jane@example.org", timedelta(hours=1), ["jane"]])
    def test_of_anything_else_only_kind_and_length_are_said(self, observed: object) -> None:
        assert "jane" not in spoken(observed)

    @given(st.text(min_size=4))
    def test_no_text_is_ever_quoted(self, secret: str) -> None:
        assert spoken(secret) == f"a text of {len(secret)} characters"
