"""What of a backup is wanted is named as tables and databases, and means what it says."""

from __future__ import annotations

import pytest

from drtool.errors import WrongUse
from drtool.mariadb.selection import Selection


def selection(*texts: str) -> Selection:
    found = Selection.parse(texts)
    assert found is not None
    return found


def test_a_table_a_pattern_and_a_database_are_taken_for_what_they_are() -> None:
    only = selection("shop.orders", "shop.log_*", "`blog`")
    assert only.takes("shop", "orders")
    assert only.takes("shop", "log_2026")
    assert only.takes("blog", "posts")
    assert not only.takes("shop", "orders_old")
    assert not only.takes("shop2", "orders")
    assert (only.touches("shop"), only.takes_all_of("shop"), only.takes_all_of("blog")) == (True, False, True)
    assert str(only) == "shop.orders, shop.log_*, blog.*"


def test_what_nothing_matches_is_told() -> None:
    there = [("shop", "orders"), ("blog", "posts")]
    assert selection("shop.ordrs", "blog", "shop.o*").unmet(there) == ["shop.ordrs"]


def test_nothing_is_no_selection() -> None:
    assert Selection.parse(()) is None


@pytest.mark.parametrize("text", ["", " ", ".orders", "shop.", "shop.or\nders"])
def test_what_names_no_table_is_refused(text: str) -> None:
    with pytest.raises(WrongUse) as refused:
        Selection.parse([text])
    assert refused.value.code == "bad-selection"
