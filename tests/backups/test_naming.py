"""What a backup is called, and which are of the same kind by their names."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from drtool.backups.naming import folder_and_name, name_of, names_apart, siblings_pattern
from drtool.stores.pattern import matches

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("location", "pattern"),
    [
        ("/srv/db-20261124T030000Z.sql.zst", "/srv/db-*.sql.zst"),
        ("db-2026-11-24_03-15.sql.gz", "db-*.sql.gz"),
        ("20261124.tar", "*.tar"),
        ("s3://backups/shop/server-42-20261124.sql", "s3://backups/shop/server-42-*.sql"),
        ("db_20261124_web1.sql", "db_*_web1.sql"),
        ("db-20261124-run-0017.sql", "db-*-run-*.sql"),
        ("db-20261124-9f3a1c2.sql", "db-*-*.sql"),
        ("from-20261101-to-20261124.tar", "from-*-to-*.tar"),
        ("/srv/2020-01-01/db-20261124.sql", "/srv/2020-01-01/db-*.sql"),
        ("/srv/20261124/db.sql", "/srv/*/db.sql"),
        ("/srv/2026/11/24/db-0315.sql", "/srv/*/*/*/db-*.sql"),
        ("db-24-11-2026.sql", "db-*.sql"),
        ("db-1795489200.sql", "db-*.sql"),
        ("shop20261124.sql", "shop*.sql"),
    ],
)
def test_dates_and_the_numbers_of_a_run_become_wildcards_and_all_else_stays(location: str, pattern: str) -> None:
    assert siblings_pattern(location, NOW) == pattern
    assert matches(location, pattern)


@pytest.mark.parametrize("location", ["db.sql", "db-20269999.sql", "db-1763953200.sql", "v10.11.19.tar"])
def test_a_name_without_a_date_does_not_tell(location: str) -> None:
    assert siblings_pattern(location, NOW) is None


def test_signs_that_mean_something_in_a_pattern_mean_themselves() -> None:
    pattern = siblings_pattern("/srv/[a]/db?-20261124*.sql", NOW)
    assert pattern == "/srv/[[]a]/db[?]-*[*].sql"
    assert matches("/srv/[a]/db?-20261123*.sql", pattern)
    assert not matches("/srv/a/dbx-20261123.sql", pattern)


@pytest.mark.parametrize(
    ("location", "folder", "name"),
    [
        ("s3://backups/shop/db.sql.zst", "s3://backups/shop/", "db.sql.zst"),
        ("s3://backups/shop-20261124/", "s3://backups/", "shop-20261124"),
        ("/srv/backups/shop//", "/srv/backups/", "shop"),
        ("/db.sql", "/", "db.sql"),
        ("shop/", "", "shop"),
        ("db.sql", "", "db.sql"),
    ],
)
def test_a_folder_is_called_by_its_last_part_as_a_file_is(location: str, folder: str, name: str) -> None:
    assert folder_and_name(location) == (folder, name)
    assert name_of(location) == name


@pytest.mark.parametrize(
    ("locations", "called"),
    [
        (("/b/full.mb", "/b/inc.mb"), ["full.mb", "inc.mb"]),
        (("/b/mon/backup.mb", "/b/tue/backup.mb", "/b/tue/log"), ["mon/backup.mb", "tue/backup.mb", "log"]),
        (("/a/1/x/db", "/b/1/x/db", "/b/2/x/db"), ["a/1/x/db", "b/1/x/db", "2/x/db"]),
        (("s3://b/night/1/", "s3://b/day/1/"), ["night/1", "day/1"]),
        (("db", "/b/db"), ["db", "b/db"]),
    ],
)
def test_names_that_several_share_are_said_with_the_folders_that_tell_them_apart(
    locations: tuple[str, ...], called: list[str]
) -> None:
    assert [names_apart(locations)[one] for one in locations] == called
