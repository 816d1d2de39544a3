"""What a CI job sees: nothing but a pass is green."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drtool.cli import exit_codes
from drtool.record.model import DrillRecord
from drtool.record.verdicts import Verdict


def record(verdict: Verdict, *, interrupted: bool = False) -> DrillRecord:
    return cast(DrillRecord, SimpleNamespace(verdict=verdict, interrupted=interrupted))  # all that the code depends on


PASSED, FAILED, UNVERIFIED = record(Verdict.PASSED), record(Verdict.FAILED), record(Verdict.UNVERIFIED)
INTERRUPTED = record(Verdict.UNVERIFIED, interrupted=True)


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([PASSED], 0), ([PASSED, PASSED], 0), ([FAILED], 1), ([UNVERIFIED], 3), ([PASSED, FAILED], 1),
        ([PASSED, UNVERIFIED], 3), ([UNVERIFIED, FAILED], 1), ([PASSED, FAILED, INTERRUPTED], 130),
        ([INTERRUPTED], 130), ([record(Verdict.FAILED, interrupted=True)], 130), ([], 3),
    ],
)  # fmt: skip
def test_the_worst_drill_decides(records: list[DrillRecord], code: int) -> None:
    assert exit_codes.of(records) == code


@given(st.lists(st.sampled_from([PASSED, FAILED, UNVERIFIED, INTERRUPTED])))
def test_only_drills_that_all_passed_are_green(records: list[DrillRecord]) -> None:
    green = bool(records) and all(one.verdict is Verdict.PASSED for one in records)
    assert (exit_codes.of(iter(records)) == 0) == green


def test_the_documented_numbers_stay() -> None:
    assert (exit_codes.PASSED, exit_codes.FAILED, exit_codes.WRONG_USE, exit_codes.UNVERIFIED) == (0, 1, 2, 3)
    assert exit_codes.INTERRUPTED == 130


@pytest.mark.parametrize(("records", "code"), [([PASSED], 3), ([FAILED], 1), ([UNVERIFIED], 3), ([INTERRUPTED], 130)])
def test_nothing_is_green_where_evidence_that_was_asked_for_is_not_there(records: list[DrillRecord], code: int) -> None:
    assert exit_codes.of(records, complete=False) == code
