"""What the names of dumps that lie in one folder tell."""

from __future__ import annotations

import pytest

from drtool.backups.named_dumps import databases_by_name, series_in


@pytest.mark.parametrize(
    ("paths", "databases"),
    [
        (("blog.sql", "shop.sql.gz"), ("blog", "shop")),
        (("db-dumps/mysql-blog.sql", "db-dumps/mysql-user_wp.sql"), ("blog", "user_wp")),
        (("blog_2026-11-29T10:00:00Z.sql.gz", "my-wiki_2026-11-29T10:00:03Z.sql.gz"), ("blog", "my-wiki")),
        (("daily_blog_2026-11-29_03h00m_Sunday.sql.gz", "mysql.sql"), ("blog", "mysql")),
        (("blog-schema.sql", "blog-data.sql", "wiki-schema.sql"), ("blog", "blog", "wiki")),
    ],
)
def test_a_dump_that_names_no_database_is_of_the_one_that_its_file_is_named_after(
    paths: tuple[str, ...], databases: tuple[str, ...]
) -> None:
    assert databases_by_name(dict.fromkeys(paths, ("posts", "users"))) == dict(zip(paths, databases, strict=True))


def test_files_that_are_named_after_their_tables_or_for_what_is_in_them_are_of_one_database() -> None:
    assert databases_by_name({"users.sql": ["users"], "orders.sql": ["orders"]}) == {}
    assert databases_by_name({"schema.sql": ["users", "orders"], "data.sql": []}) == {}
    assert databases_by_name({"sys.sql": ["x"], f"{'long' * 17}.sql": ["y"]}) == {}


@pytest.mark.parametrize(
    ("nights", "newest", "pattern"),
    [
        (["shop-20260101.sql", "shop-20260102.sql", "blog-20260103.sql"], "shop-20260102.sql", "shop-*.sql"),
        (["2026-01-02/shop.sql", "2026-01-01/shop.sql"], "2026-01-02/shop.sql", "*/shop.sql"),
        (
            ["s_2026-01-01_03-00-01.sql.gz", "s_2026-01-01_04-00-02.sql.gz"],
            "s_2026-01-01_04-00-02.sql.gz",
            "s_*.sql.gz",
        ),
    ],
)
def test_nights_of_one_series_are_told_with_the_newest_and_how_to_find_it(
    nights: list[str], newest: str, pattern: str
) -> None:
    error = series_in(nights, nights[0])
    assert error is not None
    assert (error.code, f"which is {newest};" in error.mend, f"by {pattern}" in error.mend) == (
        "dumps-mixed",
        True,
        True,
    )


def test_names_without_dates_or_of_other_words_are_no_series() -> None:
    assert series_in(["shop-1.sql", "shop-2.sql"], "shop-1.sql") is None
    assert series_in(["shop-20260101.sql", "blog-20260102.sql"], "shop-20260101.sql") is None
