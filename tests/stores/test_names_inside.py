"""Patterns of files inside an archive match the ends of paths, part by part."""

from __future__ import annotations

import pytest

from drtool.errors import WrongUse
from drtool.stores.pattern import matches_end, parse_inside


@pytest.mark.parametrize(
    ("name", "pattern", "expected"),
    [
        ("user/mysql/shop.sql", "mysql/*.sql", True),
        ("mysql/shop.sql", "mysql/*.sql", True),
        ("user/mysql/old/shop.sql", "mysql/*.sql", False),
        ("user/mymysql/shop.sql", "mysql/*.sql", False),
        ("shop.sql", "mysql/*.sql", False),
        ("a/b/shop.sql", "*.sql", True),
        ("a/b/shop.SQL", "*.sql", False),
    ],
)
def test_folders_may_stand_before_what_matches(name: str, pattern: str, *, expected: bool) -> None:
    assert matches_end(name, pattern) is expected


@pytest.mark.parametrize("text", ["mysql/*.sql", "./mysql/*.sql", "/mysql/*.sql", " .//mysql/*.sql"])
def test_a_root_or_a_dot_is_taken_away(text: str) -> None:
    assert parse_inside(text) == "mysql/*.sql"


@pytest.mark.parametrize("text", ["", " ", "/", "./", "mysql/", "../*.sql", "a/../b", "a\nb"])
def test_what_names_no_file_is_refused(text: str) -> None:
    with pytest.raises(WrongUse) as refused:
        parse_inside(text)
    assert refused.value.code == "bad-pattern"
