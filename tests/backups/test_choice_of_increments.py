"""Which increments a recovery would take: all that came after the full backup and were there at the disaster."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from drtool.backups.choice import ChosenIncrements, choose_since
from drtool.stores import StoredObject

PATTERN = "s3://b/*.mb"
COPIED_AT, MINUTE = datetime(2026, 11, 24, 8, tzinfo=UTC), timedelta(minutes=1)


def _found(name: str, hour: int) -> StoredObject:
    return StoredObject(
        location=f"s3://b/{name}.mb", size_bytes=1, modified_at=datetime(2026, 11, 24, hour, tzinfo=UTC)
    )


FULL = _found("full", 3)


def _chosen(*found: StoredObject, disaster_hour: int = 12) -> ChosenIncrements:
    return choose_since(PATTERN, found, FULL, datetime(2026, 11, 24, disaster_hour, tzinfo=UTC))


def test_all_after_the_full_backup_are_taken_the_oldest_first() -> None:
    newer, newest = _found("a", 4), _found("b", 5)
    chosen = _chosen(newest, FULL, _found("of-yesterday", 1), newer)
    assert chosen.found == (newer, newest)
    assert chosen.deviations == ()
    assert chosen.choice is not None
    assert (chosen.choice.chosen, chosen.choice.considered) == (newest.location, 2)
    assert [one.location for one in chosen.choice.newest] == [newest.location, newer.location]


def test_a_copied_chain_is_told_by_its_names() -> None:
    names = ["full-20261123", "inc-20261124T010000Z", "inc-20261124T020000Z"]
    full, first, second = (_found(name, hour) for name, hour in zip(names, (6, 5, 4), strict=True))
    chosen = choose_since(PATTERN, [second, first, full], full, datetime(2026, 11, 24, 12, tzinfo=UTC))
    assert chosen.found == (first, second)


def test_those_after_the_disaster_are_passed_over_and_said() -> None:
    chosen = _chosen(_found("a", 4), _found("later", 13))
    assert [found.location for found in chosen.found] == ["s3://b/a.mb"]
    assert chosen.deviations == (f"1 newer than the disaster (2026-11-24T12:00:00Z) passed over: {PATTERN}",)


def test_none_at_all_is_said_and_no_failure() -> None:
    chosen = _chosen(FULL, _found("of-yesterday", 1))
    assert (chosen.found, chosen.choice) == ((), None)
    assert chosen.deviations == (f"No increment for {PATTERN} is newer than full.mb, which was restored alone",)


def test_a_full_backup_that_is_a_folder_is_named_too() -> None:
    chosen = choose_since(PATTERN, [], replace(FULL, location="s3://b/full/"), datetime(2026, 11, 24, 12, tzinfo=UTC))
    assert chosen.deviations == (f"No increment for {PATTERN} is newer than full, which was restored alone",)


@pytest.mark.parametrize(
    ("names", "hour", "number", "is_a_guess"),
    [
        (("full-20261120T030000Z", "inc-20261121T030000Z", "inc-20261123T030000Z"), 12, 2, False),
        (("full-20261120T030000Z", "inc-20261121T030000Z", "inc-20261123T030000Z"), 3, 1, False),
        (("full", "inc1", "inc2"), 12, 2, False),
        (("full", "inc1", "inc2"), 3, 0, True),
    ],
)
def test_of_a_chain_that_was_copied_since_the_disaster_what_was_there_is_told_by_names_or_not_at_all(
    names: tuple[str, ...], hour: int, number: int, is_a_guess: bool
) -> None:
    full, *increments = (replace(_found(name, 5), modified_at=COPIED_AT - i * MINUTE) for i, name in enumerate(names))
    at = datetime(2026, 11, 24 if hour == 12 else 22, hour, tzinfo=UTC)
    chosen = choose_since(PATTERN, increments, full, at)
    assert chosen.found == tuple(increments[:number])
    assert (chosen.choice is not None and chosen.choice.is_a_guess) is is_a_guess
