"""The text of a row covers every kind of value; the rest is shown on real servers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drtool.baseline.database.model import KeyColumn
from drtool.baseline.database.row_chain import ordering
from drtool.baseline.database.row_sums import PART_ROWS, any_size_query, part_query, range_digest
from drtool.baseline.database.row_text import Column, row_text
from drtool.errors import Unverifiable


def text(name: str, **more: object) -> Column:
    fields: dict[str, object] = {"type": "varchar", "nullable": False, "charset": "utf8mb4", "collation": "utf8mb4_bin"}
    return Column(name=name, **fields | more)  # type: ignore[arg-type]


def test_a_column_that_cannot_be_null_costs_no_test_for_it() -> None:
    assert row_text([Column(name="id", type="int", nullable=False)]) == "CONCAT(`id`)"
    assert row_text([Column(name="id", type="int", nullable=True)]) == "CONCAT(IFNULL(`id`,'N'))"


def test_every_text_but_the_last_carries_its_length() -> None:
    assert row_text([text("note")]) == "CONCAT(`note`)"
    assert row_text([text("a"), text("b")]) == "CONCAT(LENGTH(`a`),',',`a`,`b`)"


def test_the_last_text_goes_to_the_end_and_says_first_whether_it_is_null() -> None:
    columns = [text("a", nullable=True), Column(name="n", type="int", nullable=False)]
    assert row_text(columns) == "CONCAT(`n`,',',`a` IS NULL,IFNULL(`a`,''))"


def test_bytes_of_a_fixed_length_need_none_unless_null_could_be_taken_for_them() -> None:
    fixed = Column(name="id", type="binary", nullable=False)
    assert row_text([fixed, text("a")]) == "CONCAT(`id`,`a`)"
    assert row_text([replace(fixed, nullable=True), text("a")]).startswith("CONCAT(IFNULL(LENGTH(`id`),'N'),','")


def test_a_text_that_may_stand_by_its_digest_always_carries_its_length() -> None:
    assert row_text([text("a", type="longtext")]).startswith("CONCAT(LENGTH(`a`),',',IF(LENGTH(`a`)>65535")


def test_more_rows_than_are_summed_exactly_are_read_in_another_way() -> None:
    asked = []

    def server(statement: str) -> list[tuple[object, ...]]:
        asked.append(statement)
        return [(PART_ROWS, 1.0, 2.0)] if len(asked) == 1 else [(PART_ROWS + 5, 7)]

    found = range_digest(server, "`t`", [text("a")], where="`id` < 5", force_primary=True)

    assert found == (PART_ROWS + 5, 7)
    assert "LIMIT" not in asked[1]
    assert "WHERE `id` < 5" in asked[1]


def test_texts_of_two_character_sets_are_kept_as_bytes() -> None:
    one = [text("a"), text("b", collation="utf8mb4_general_ci")]
    assert "AS BINARY" not in row_text(one)
    assert row_text([*one, text("c", charset="ascii")]).startswith("CONCAT(CAST('' AS BINARY),")


def test_a_text_whose_charset_has_no_ascii_is_read_as_bytes() -> None:
    assert "CAST(`a` AS BINARY)" in row_text([text("a", charset="utf16", collation="utf16_bin")])


def test_huge_values_enter_by_their_own_digest_once_they_are_long() -> None:
    assert "IF(LENGTH(`a`)>65535,SHA2(`a`,256),`a`)" in row_text([text("a", type="longtext")])


def test_names_are_quoted_whatever_is_in_them() -> None:
    assert "`a``b`" in row_text([text("a`b")])
    assert "`a``b`" in part_query("`d`.`t`", [text("a`b")], where="", force_primary=False)


def test_rows_are_in_the_order_that_the_baseline_names_wherever_they_are_read() -> None:
    key = text("k", collation="utf8mb4_general_ci")
    same, other = (KeyColumn(name="k", collation=one) for one in ("utf8mb4_general_ci", "utf8mb4_uca1400_ai_ci"))
    number = Column(name="n", type="int", nullable=False)
    assert ordering([key, number], [KeyColumn(name="n"), same], unique=True) == "`n`,`k`"
    assert ordering([key], [other], unique=True) == "CONVERT(`k` USING utf8mb4) COLLATE utf8mb4_uca1400_ai_ci"
    three = text("k", charset="utf8", collation="utf8_bin")
    assert ordering([three], [KeyColumn(name="k", collation="utf8mb3_bin")], unique=True) == "`k`"
    uuid = Column(name="k", type="uuid", nullable=False)  # whose own order changed within 10.11
    assert ordering([uuid], [KeyColumn(name="k")], unique=True) == "CAST(`k` AS CHAR)"
    real = Column(name="k", type="float", nullable=False)  # of which a dump keeps six digits
    assert ordering([real, number], [KeyColumn(name="k"), KeyColumn(name="n")], unique=True) == "CONCAT(`k`)+0e0,`n`"
    assert ordering([number], [], unique=False) == "UNHEX(SHA2(CONCAT(`n`),256))"
    assert ordering([number], [KeyColumn(name="n")], unique=False) == "`n`,UNHEX(SHA2(CONCAT(`n`),256))"
    with pytest.raises(Unverifiable):
        ordering([key], [KeyColumn(name="k", collation="utf8mb4_bin, SLEEP(9)")], unique=True)


def test_digests_are_summed_and_never_xored() -> None:
    for statement in (
        part_query("`t`", [text("a")], where="`id` < 5", force_primary=True),
        any_size_query("`t`", [text("a")]),
    ):
        assert "SUM(" in statement
        assert "BIT_XOR" not in statement
