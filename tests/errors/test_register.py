"""Every code that drtool raises or enters is in the register with one class, and in docs/findings.md."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from drtool.cli import exit_codes
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable, WrongUse
from drtool.errors.code import ExitClass, Family
from drtool.errors.page import EXIT_CODES, page
from drtool.errors.register import CODES, FAMILIES
from tests.errors.source import Source, Use

ROOT = Path(__file__).parents[2]
ROWS = [one for family in FAMILIES for one in family.codes]


@pytest.fixture(scope="module")
def source() -> Source:
    """The whole of the source, read."""
    return Source(ROOT, "drtool", "fixtures", "scenarios")


@pytest.fixture(scope="module")
def uses(source: Source) -> list[Use]:
    """What drtool itself raises and enters: a scenario may have codes of its own."""
    return [use for use in source.uses() if use.place.file.startswith("drtool/")]


def test_what_is_raised_or_entered_is_in_the_register(uses: list[Use]) -> None:
    unknown = {f"{use.code} ({use.place})" for use in uses if use.code not in CODES}
    assert not unknown


def test_each_code_is_raised_and_entered_with_its_one_class(uses: list[Use]) -> None:
    wrong = {
        f"{use.code} is {CODES[use.code].exit_class}, and {use.exit_class} at {use.place}"
        for use in uses
        if use.code in CODES and use.exit_class is not CODES[use.code].exit_class
    }
    assert not wrong


def test_every_code_of_the_register_is_used(uses: list[Use]) -> None:
    assert not CODES.keys() - {use.code for use in uses}


def test_every_code_can_be_read_where_it_is_raised(source: Source, uses: list[Use]) -> None:
    assert uses  # what could not be read is known once they were looked for
    assert not [place for place in source.unread if place.file.startswith("drtool/")]


def test_no_code_stands_twice() -> None:
    assert [code for code, count in Counter(one.code for one in ROWS).items() if count > 1] == []


def test_decisions_by_a_code_know_only_codes_of_the_register(source: Source) -> None:
    unread, unknown = [], []
    for found in source.comparisons():
        if found.codes is None:
            unread.append(str(found.place))
        else:
            unknown += [f"{code} ({found.place})" for code in found.codes - CODES.keys()]
    assert (unread, unknown) == ([], [])


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.title)
def test_a_family_is_in_alphabetical_order(family: Family) -> None:
    codes = [one.code for one in family.codes]
    assert codes == sorted(codes)


def test_each_row_says_what_happened_why_it_matters_and_what_to_do() -> None:
    wrong = [
        one.code
        for one in ROWS
        if not re.fullmatch(r"[a-z]+(-[a-z]+)*", one.code)
        or any(len(said) < 10 or said.endswith((".", " ")) for said in (one.happened, one.matters, one.mend))
    ]
    assert not wrong


def test_the_page_is_made_from_the_register_as_it_stands() -> None:
    assert (ROOT / "docs" / "findings.md").read_text(encoding="utf-8") == page()


def test_the_page_has_an_anchor_for_every_code() -> None:
    assert Counter(re.findall(r"^### `(.+)`$", page(), re.MULTILINE)) == Counter(CODES.keys())


def test_the_page_names_the_exit_codes_that_the_command_line_has() -> None:
    assert EXIT_CODES == {
        ExitClass.FAILED: exit_codes.FAILED,
        ExitClass.WRONG_USE: exit_codes.WRONG_USE,
        ExitClass.UNVERIFIED: exit_codes.UNVERIFIED,
    }


@pytest.mark.parametrize("kind", [RestoreFailed, Unverifiable, WrongUse])
def test_an_error_without_a_mend_has_that_of_its_code(kind: type[DrtoolError]) -> None:
    assert kind("out-of-memory", "Unpacking was killed for memory").mend == "Raise memory= in the scenario"
    assert kind("out-of-memory", "Unpacking was killed for memory", mend="Buy some").mend == "Buy some"


def test_an_author_may_raise_a_code_of_their_own() -> None:
    assert str(RestoreFailed("too-few-orders", "There are 3 orders")) == "There are 3 orders."
