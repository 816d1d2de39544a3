"""When a backup was taken: an early guess is a false alarm, a late one hides a loss."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest

from drtool.backups.naming import stamp_in
from drtool.backups.when_taken import Taken, when_taken

STORED = datetime(2026, 11, 24, 12, 42, 13, tzinfo=UTC)


def taken(
    name: str = "db.sql.zst",
    *,
    completed: str | None = None,
    stored: datetime = STORED,
    zone: tzinfo | None = None,
    host_zone: tzinfo = UTC,
) -> Taken:
    return when_taken(
        location=f"s3://backups/shop/{name}",
        modified_at=stored,
        completed_wall=datetime.fromisoformat(completed) if completed else None,
        zone=zone,
        host_zone=host_zone,
        longest=timedelta(seconds=90),
    )


def test_without_anything_else_the_store_bounds_it_and_the_longest_run_is_taken_off() -> None:
    (only,) = taken().indications
    assert (only.rank, only.recovery_point, only.latest) == (4, STORED - timedelta(seconds=90), STORED)


def test_the_start_in_the_name_is_the_recovery_point_and_gives_the_run_its_length() -> None:
    found = taken("db-20261124T124000Z.sql.zst", completed="2026-11-24 12:42:12")
    start, closing, store = found.indications
    assert start.rank == closing.rank == 3
    assert start.recovery_point == closing.recovery_point == datetime(2026, 11, 24, 12, 40, tzinfo=UTC)
    assert store.recovery_point == STORED - timedelta(minutes=2, seconds=12)
    assert not found.disagreements


def test_a_closing_comment_in_utc_plus_2_is_resolved_and_both_times_are_named() -> None:
    found = taken(completed="2026-11-24 14:42:12")
    assert found.indications[0].latest == STORED - timedelta(seconds=1)
    (said,) = found.disagreements
    assert "14:42:12" in said
    assert "2026-11-24T12:42:13Z" in said
    assert "UTC+2" in said


@pytest.mark.parametrize("hours", [-11, -5, 0, 1, 9, 14])
def test_a_closing_comment_of_any_whole_hour_zone_is_placed_within_a_minute(hours: int) -> None:
    wall = (STORED - timedelta(seconds=20)).astimezone(timezone(timedelta(hours=hours)))
    found = taken(completed=f"{wall:%Y-%m-%d %H:%M:%S}")
    assert found.indications[0].latest == STORED - timedelta(seconds=20)


def test_a_half_hour_zone_is_understood_on_a_host_that_is_in_it() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    wall = (STORED - timedelta(seconds=20)).astimezone(india)
    assert taken(completed=f"{wall:%Y-%m-%d %H:%M:%S}", host_zone=india).indications[0].latest == STORED - timedelta(
        seconds=20
    )


def test_a_half_hour_zone_elsewhere_errs_to_the_early_side() -> None:
    wall = STORED.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert taken(completed=f"{wall:%Y-%m-%d %H:%M:%S}").indications[0].latest == STORED - timedelta(minutes=30)


def test_a_named_zone_is_taken_at_its_word() -> None:
    berlin = timezone(timedelta(hours=1))
    found = taken(completed="2026-11-24 11:10:00", zone=berlin)
    assert found.indications[0].latest == datetime(2026, 11, 24, 10, 10, tzinfo=UTC)


def test_a_named_zone_in_which_the_dump_ends_after_it_was_stored_is_at_odds() -> None:
    found = taken(completed="2026-11-24 12:42:12", zone=timezone(timedelta(hours=-5)))
    assert found.end_at_odds
    assert len(found.indications) == 1


def test_a_dump_stored_a_day_after_it_was_completed_leaves_its_zone_open() -> None:
    found = taken(completed="2026-11-23 09:00:00")
    assert [one.rank for one in found.indications] == [4]
    assert "zone cannot be told" in found.disagreements[0]


def test_a_local_time_in_the_name_takes_the_zone_of_the_closing_comment() -> None:
    found = taken("db-20261124-1440.sql", completed="2026-11-24 14:42:12")
    assert found.indications[0].recovery_point == datetime(2026, 11, 24, 12, 40, tzinfo=UTC)


def test_a_local_time_in_the_name_without_a_comment_prefers_the_early_reading() -> None:
    found = taken("uploads-20261124-1040.tar.zst")
    assert found.indications[0].recovery_point == datetime(2026, 11, 24, 10, 40, tzinfo=UTC)


def test_a_local_time_in_the_name_ahead_of_the_store_is_placed_by_the_nearest_zone() -> None:
    found = taken("uploads-20261124-1340.tar.zst")
    assert found.indications[0].recovery_point == datetime(2026, 11, 24, 12, 40, tzinfo=UTC)


def test_a_name_of_another_day_is_a_disagreement_and_no_start() -> None:
    found = taken("db-20261121T030000Z.sql.zst", completed="2026-11-24 12:42:12")
    assert found.indications[0].source.startswith("closing comment")
    assert "2026-11-21" in found.disagreements[0]
    assert taken("db-20261121.sql").disagreements


@pytest.mark.parametrize("name", ["db-20261121", "db-20261121T030000Z"])
def test_a_folder_is_named_where_it_says_another_day(name: str) -> None:
    (said,) = taken(f"{name}/").disagreements
    assert said.startswith(f"the name {name} says ")


def test_the_recovery_point_is_never_later_than_the_store_allows() -> None:
    for name in ("db-20261124T124213Z.sql", "db-20261124T124259Z.sql", "db.sql"):
        for one in taken(name, completed="2026-11-24 12:42:50").indications:
            assert one.recovery_point <= one.latest <= STORED


@pytest.mark.parametrize(
    ("name", "wall", "has_time"),
    [
        ("db-20261124T030000Z.sql.zst", "2026-11-24 03:00:00", True),
        ("db-2026-11-24_03-15.sql.gz", "2026-11-24 03:15:00", True),
        ("20261124031530.tar", "2026-11-24 03:15:30", True),
        ("shop.2026-11-24.sql", "2026-11-24 00:00:00", False),
        ("db-20261124-1.sql", "2026-11-24 00:00:00", False),
    ],
)
def test_dates_are_read_as_backup_jobs_write_them(name: str, wall: str, *, has_time: bool) -> None:
    stamp = stamp_in(f"s3://bucket/2020-01-01/{name}")
    assert stamp is not None
    assert (f"{stamp.wall:%Y-%m-%d %H:%M:%S}", stamp.has_time) == (wall, has_time)


@pytest.mark.parametrize("name", ["db.sql", "db-20261399.sql", "db-1763953200.sql", "v10.11.19.tar"])
def test_digits_that_are_no_date_are_left_alone(name: str) -> None:
    assert stamp_in(name) is None


def test_the_start_that_a_tool_wrote_down_is_placed_in_the_zone_of_its_end() -> None:
    taken = when_taken(
        location="/srv/shop/",
        modified_at=datetime(2026, 11, 25, 3, 0, 30, tzinfo=UTC),
        completed_wall=datetime.fromisoformat("2026-11-25 04:00:20"),
        started_wall=datetime.fromisoformat("2026-11-25 03:50:00"),
        zone=None,
        host_zone=UTC,
        longest=timedelta(hours=1),
    )
    first = taken.indications[0]
    assert first.source == "start of the dump, by its own record"
    assert first.recovery_point == datetime(2026, 11, 25, 2, 50, tzinfo=UTC)
    assert all(found.recovery_point >= datetime(2026, 11, 25, 2, 49, tzinfo=UTC) for found in taken.indications)


def test_a_start_after_its_end_is_no_start() -> None:
    taken = when_taken(
        location="/srv/shop/",
        modified_at=datetime(2026, 11, 25, 3, 0, 30, tzinfo=UTC),
        completed_wall=datetime.fromisoformat("2026-11-25 03:00:20"),
        started_wall=datetime.fromisoformat("2026-11-25 03:10:00"),
        zone=None,
        host_zone=UTC,
        longest=timedelta(hours=1),
    )
    assert not [found for found in taken.indications if "own record" in found.source]
