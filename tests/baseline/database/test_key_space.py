"""Keys become ranges of about as many rows each, that leave no gap and meet nowhere."""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, datetime
from itertools import pairwise

import pytest

from drtool.baseline.database.key_space import MOST_PARTS, divide, from_text, key_kind, parts_wanted, to_number, to_text
from drtool.baseline.database.model import KeyKind
from drtool.baseline.database.row_text import Column


def cover(keys: list[int], ranges: list[tuple[int, int]]) -> list[int]:
    """Return how many keys each range holds, having checked that the ranges follow one another."""
    for one, after in pairwise(ranges):
        assert one[0] < one[1] == after[0]
    assert ranges[0][0] == keys[0]
    assert ranges[-1][1] == keys[-1] + 1
    return [bisect_left(keys, high) - bisect_left(keys, low) for low, high in ranges]


def divided(keys: list[int], wanted: int) -> list[int]:
    ranges = divide(
        keys[0], keys[-1] + 1, len(keys), wanted, lambda low, high: bisect_left(keys, high) - bisect_left(keys, low)
    )
    assert len(ranges) <= MOST_PARTS
    counts = cover(keys, ranges)
    assert sum(counts) == len(keys)
    return counts


def test_dense_keys_are_divided_evenly() -> None:
    counts = divided(list(range(1, 100_001)), 20)
    assert len(counts) == 20
    assert max(counts) - min(counts) <= 1


def test_one_key_far_away_does_not_leave_all_others_in_one_range() -> None:
    counts = divided([*range(1, 100_001), 2**62], 20)
    assert max(counts) <= 3 * 100_000 / 20


def test_keys_in_clusters_are_divided_within_the_clusters() -> None:
    keys = [*range(0, 50_000), *range(10**9, 10**9 + 50_000), *range(10**15, 10**15 + 50_000)]
    counts = divided(keys, 30)
    assert max(counts) <= 2 * len(keys) / 30


def test_a_table_of_one_key_is_one_range() -> None:
    assert divide(7, 8, 1, 16, lambda _low, _high: 1) == [(7, 8)]


def test_small_tables_are_not_cut_up_and_large_ones_not_endlessly() -> None:
    assert parts_wanted(0) == 1
    assert parts_wanted(1_999) == 1
    assert parts_wanted(10**9) == MOST_PARTS


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (KeyKind.INTEGER, -5, "-5"),
        (KeyKind.INTEGER, 2**64 - 1, "18446744073709551615"),
        (KeyKind.DATE, date(2024, 2, 29), "2024-02-29"),
        (KeyKind.DATETIME, datetime(2024, 2, 29, 1, 2, 3), "2024-02-29 01:02:03"),  # noqa: DTZ001
        (KeyKind.TIMESTAMP, datetime(2024, 2, 29, 1, 2, 3, 4), "2024-02-29 01:02:03.000004"),  # noqa: DTZ001
    ],
)
def test_a_bound_is_written_as_a_person_would_and_read_back(kind: KeyKind, value: object, text: str) -> None:
    number = to_number(value, kind)
    assert number is not None
    assert to_text(number, kind) == text
    assert from_text(text, kind) == number


def test_a_zero_date_is_no_bound() -> None:
    assert to_number("0000-00-00 00:00:00", KeyKind.DATETIME) is None


def test_nothing_lies_beyond_the_last_day() -> None:
    last = to_number(date(9999, 12, 31), KeyKind.DATE)
    assert last is not None
    with pytest.raises(OverflowError):
        to_text(last + 1, KeyKind.DATE)


@pytest.mark.parametrize(
    ("type_", "kind"),
    [("bigint", KeyKind.INTEGER), ("year", KeyKind.INTEGER), ("date", KeyKind.DATE), ("varchar", KeyKind.HASHED),
     ("binary", KeyKind.HASHED), ("uuid", KeyKind.HASHED)],
)  # fmt: skip
def test_bounds_are_kept_only_of_numbers_and_times(type_: str, kind: KeyKind) -> None:
    assert key_kind(Column(name="k", type=type_, nullable=False)) is kind


def test_a_table_without_a_key_is_not_divided() -> None:
    assert key_kind(None) is KeyKind.NONE
