"""Patterns mean the same in every store."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drtool.stores.pattern import fixed_prefix, has_wildcard, matches


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("db.sql", "db.sql"), ("db.sql", "*"), ("db.sql", "d?.sql"), ("db-1.sql", "db-[0-9].sql"), ("a/b/c", "a/*/c"),
        ("a/b/c", "*/*/*"), ("db[1].sql", "db[[]1].sql"), ("a[b", "a[b"), ("db\n.sql", "db*.sql"), ("-rf", "-*"),
        ("dätä 1.sql", "d?t? *.sql"), ("db-b.sql", "db-[!a].sql"),
    ],
)  # fmt: skip
def test_what_matches(name: str, pattern: str) -> None:
    assert matches(name, pattern)


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("a/db.sql", "*"), ("a/db.sql", "*.sql"), ("db.sql", "*/db.sql"), ("a/b/c", "a/**"), ("DB.sql", "db.sql"),
        ("db.sql.part", "*.sql"), ("a//b", "a/b"), ("a/b", "a//b"), ("/a", "a"), ("a/", "a"), ("db1.sql", "db[1.sql"),
        ("a/b", "a?b"), ("a/b", "a[/]b"),
    ],
)  # fmt: skip
def test_what_does_not_match(name: str, pattern: str) -> None:
    assert not matches(name, pattern)


def test_what_is_fixed_ends_before_the_first_wildcard() -> None:
    assert fixed_prefix("shop/db-*.sql.?") == "shop/db-"
    assert fixed_prefix("shop/[ab]/db.sql") == "shop/"
    assert fixed_prefix("shop/db.sql") == "shop/db.sql"


names = st.text("ab/.*?[]!-", max_size=8)


@given(names, names)
def test_all_that_matches_begins_with_what_is_fixed(name: str, pattern: str) -> None:
    if matches(name, pattern):
        assert name.startswith(fixed_prefix(pattern))
    assert has_wildcard(pattern) == (fixed_prefix(pattern) != pattern)
