"""The text of a row covers every kind of value; the rest is shown on real servers."""

from __future__ import annotations

from drtool.baseline.row_text import Column, digest_query, row_text, whole_query


def text(name: str, **more: object) -> Column:
    fields: dict[str, object] = {"type": "varchar", "nullable": False, "charset": "utf8mb4", "collation": "utf8mb4_bin"}
    return Column(name=name, **fields | more)  # type: ignore[arg-type]


def test_a_column_that_cannot_be_null_costs_no_test_for_it() -> None:
    assert row_text([Column(name="id", type="int", nullable=False)]) == "CONCAT(`id`,',')"
    assert row_text([Column(name="id", type="int", nullable=True)]) == "CONCAT(IFNULL(`id`,'N'),',')"


def test_texts_carry_their_length() -> None:
    assert row_text([text("note")]) == "CONCAT(LENGTH(`note`),',',`note`)"


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
    assert "`a``b`" in digest_query("`d`.`t`", [text("a`b")], where="", force_primary=False)


def test_digests_are_summed_and_never_xored() -> None:
    for statement in (
        digest_query("`t`", [text("a")], where="`id` < 5", force_primary=True),
        whole_query("`t`", [text("a")]),
    ):
        assert "SUM(" in statement
        assert "BIT_XOR" not in statement
