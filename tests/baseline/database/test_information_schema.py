"""What servers of different versions say of the same object comes into one form, and nothing else does."""

from __future__ import annotations

import pytest

from drtool.baseline.database.information_schema import collation, column_type, expression, sql_mode


@pytest.mark.parametrize(
    ("one", "other"),
    [("utf8_bin", "utf8mb3_bin"), ("utf8mb4_general_ci", "utf8mb4_uca1400_ai_ci"),
     ("utf8_general_ci", "utf8mb3_uca1400_ai_ci")],
)  # fmt: skip
def test_collations_that_are_one(one: str, other: str) -> None:
    assert collation(one) == collation(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("utf8mb4_bin", "utf8mb4_general_ci"), ("utf8mb4_uca1400_as_cs", "utf8mb4_uca1400_ai_ci"),
     ("utf8mb3_general_ci", "utf8mb4_general_ci"), ("latin1_swedish_ci", "latin1_german1_ci")],
)  # fmt: skip
def test_collations_that_are_two(one: str, other: str) -> None:
    assert collation(one) != collation(other)


def test_the_display_width_of_integers_is_nothing() -> None:
    assert column_type("int(11) unsigned") == column_type("int unsigned")
    assert column_type("varchar(11)") != column_type("varchar(12)")
    assert column_type("decimal(10,2)") == "decimal(10,2)"


def test_the_display_width_shows_with_zerofill() -> None:
    assert column_type("int(6) unsigned zerofill") != column_type("int(8) unsigned zerofill")


def test_values_of_an_enum_stay_as_they_are() -> None:
    assert column_type("enum('int(11)','utf8')") == "enum('int(11)','utf8')"


def test_expressions_lose_their_own_database_and_nothing_of_strings() -> None:
    assert expression("select `shop`.`t`.`a` from `shop`.`t`", "shop") == "select `t`.`a` from `t`"
    assert expression("cast(`a` as char charset utf8)", "shop") == expression(
        "cast(`a` as char charset utf8mb3)", "shop"
    )
    assert expression("'utf8   two'", "shop") == "'utf8   two'"
    assert expression("concat('it''s',  `a`)", "shop") == "concat('it''s', `a`)"


def test_current_timestamp_is_spelt_in_one_way() -> None:
    assert expression("CURRENT_TIMESTAMP", "d") == expression("current_timestamp()", "d")
    assert expression("current_timestamp(3)", "d") != expression("current_timestamp()", "d")


def test_the_order_of_sql_modes_is_nothing() -> None:
    assert sql_mode("STRICT_TRANS_TABLES,ANSI") == sql_mode("ANSI,STRICT_TRANS_TABLES")
    assert sql_mode("") == []
