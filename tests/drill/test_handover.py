"""What the process of a drill has handed over is whole, whenever that process ends."""

from __future__ import annotations

import os
import random
import signal
import time
from dataclasses import replace
from functools import partial

import pytest

from drtool.drill.handover import Handover
from drtool.errors import Unverifiable
from drtool.host.child import Child
from drtool.record.model import DrillRecord
from tests.evidence.builder import a_record

DRILL = "20260302T030000Z-shop_monthly-000001"


def test_nothing_was_given() -> None:
    handover = Handover()
    assert handover.taken() is None
    handover.close()


def test_the_last_that_was_given_counts_with_the_step_that_went_on() -> None:
    handover = Handover()

    def give() -> None:
        for number in range(5):
            handover.give(a_record(DRILL, reason=f"turn {number}"))
            handover.enter(f"restore: part {number}")

    assert Child(give).wait() == 0
    given = handover.taken()
    assert given is not None
    assert (given.record.reason, given.doing, given.final) == ("turn 4", "restore: part 4", False)


def test_a_long_record_is_followed_by_a_short_one() -> None:
    handover = Handover()
    for reason in ("x" * 100_000, "y", "z" * 200_000, "the last"):
        handover.give(a_record(DRILL, reason=reason), final=reason == "the last")
    given = handover.taken()
    assert given is not None
    assert (given.record.reason, given.final) == ("the last", True)


def test_a_process_that_is_killed_while_it_gives_leaves_one_that_is_whole() -> None:
    chance = random.Random(7)  # noqa: S311 (no secret)
    seen = set()
    for _ in range(20):
        handover = Handover()
        record = a_record(DRILL, assumptions=tuple(f"assumption {number}" for number in range(5000)))

        def give(handover: Handover = handover, record: DrillRecord = record) -> None:
            for number in range(10_000):
                handover.give(replace(record, reason=f"{number}"))

        child = Child(give)
        time.sleep(chance.uniform(0.05, 0.3))
        child.send(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
        if given := handover.taken():
            assert len(given.record.assumptions) == 5000
            seen.add(given.record.reason)
        handover.close()
    assert len(seen) > 3


@pytest.mark.parametrize("place", [0, 1])
def test_a_place_that_was_cut_or_changed_is_passed_over(place: int) -> None:
    handover = Handover()
    handover.give(a_record(DRILL, reason="first"))
    handover.give(a_record(DRILL, reason="second"))
    newest = handover._places[place]
    os.ftruncate(newest, os.fstat(newest).st_size - 1)
    given = handover.taken()
    assert given is not None
    assert given.record.reason == ("first" if place == 0 else "second")


def test_what_is_no_record_is_refused() -> None:
    handover = Handover()
    handover.give(replace(a_record(DRILL), schema_version=99))
    with pytest.raises(Unverifiable):
        handover.taken()


def test_a_copy_of_the_process_gives_nothing_and_is_ended() -> None:
    handover = Handover()
    handover.give(a_record(DRILL, reason="ours"))

    def copy() -> None:
        handover.give(a_record(DRILL, reason="a copy's"), final=True)
        handover.enter("a copy's step")
        handover.end_a_copy()

    assert Child(partial(copy)).wait() == 1
    handover.end_a_copy()
    given = handover.taken()
    assert given is not None
    assert (given.record.reason, given.doing, given.final) == ("ours", "", False)
