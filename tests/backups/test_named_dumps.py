"""What the names of dumps that lie in one folder tell."""

from __future__ import annotations

import pytest

from drtool.backups.database_names import databases_by_name
from drtool.backups.named_dumps import series_in


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


def test_dumps_of_a_table_each_are_of_the_database_that_their_folder_is_named_after() -> None:
    nights = {
        "2026-11-30/shop/orders_2026-11-30.sql.gz": ["orders"],
        "2026-11-30/shop/users_2026-11-30.sql.gz": ["users"],
        "2026-11-30/shop/routines.sql.gz": [],
        "2026-11-30/shop/views.sql.gz": ["totals", "newest"],
        "2026-11-30/blog/users_2026-11-30.sql.gz": ["users"],
        "2026-11-30/mysql/user.sql.gz": ["user"],
    }
    assert databases_by_name(nights) == {path: path.split("/")[1] for path in nights}
    dated_within = {"shop/2026-11-30/orders.sql": ["orders"], "blog/2026-11-30/posts.sql": ["posts"]}
    assert databases_by_name(dated_within) == {path: path.split("/")[0] for path in dated_within}


def test_folders_for_what_is_in_a_dump_are_no_databases() -> None:
    assert databases_by_name({"schema/orders.sql": ["orders"], "data/orders.sql": ["orders"]}) == {}
    two = {"schema/shop.sql": ["orders", "users"], "data/shop.sql": ["orders", "users"], "mysql/blog.sql": ["posts"]}
    assert databases_by_name(two) == {"schema/shop.sql": "shop", "data/shop.sql": "shop", "mysql/blog.sql": "blog"}
    by_folder = {"shop/01-schema.sql": ["orders", "users"], "shop/02-data.sql": ["orders"]}
    assert databases_by_name(by_folder) == dict.fromkeys(by_folder, "shop")


@pytest.mark.parametrize("between", [".", "-", "_"])
def test_a_table_behind_a_database_in_a_name_is_no_part_of_that(between: str) -> None:
    tables = {
        f"shop{between}orders{between}2026-11-30_03-00-00.sql": ["orders"],
        f"shop{between}events.sql": ["events"],
        f"shop{between}routines.sql": [],
        f"my_wiki{between}user_pages.sql": ["user_pages"],
    }
    assert databases_by_name(tables) == {path: "my_wiki" if "wiki" in path else "shop" for path in tables}


def test_numbers_in_the_names_of_databases_keep_them_apart() -> None:
    years = {f"archive_{year}.sql": ["users", "orders"] for year in (2023, 2024)}
    assert databases_by_name(years) == {path: path.removesuffix(".sql") for path in years}


def test_what_every_server_makes_itself_is_known_by_its_name() -> None:
    own = {"performance_schema.sql": ["accounts", "hosts"], "daily_information_schema_2026-11-30.sql": ["ENGINES"]}
    assert list(databases_by_name(own).values()) == ["performance_schema", "information_schema"]


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
