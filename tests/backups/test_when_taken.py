"""When a backup was taken: an early guess is a false alarm, a late one hides a loss."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from drtool.backups.clock_readings import WallTimes
from drtool.backups.naming import dates_of
from drtool.backups.when_taken import Indication, StoreRecord, Taken, when_taken
from drtool.stores.interface import StoredObject

STORED = datetime(2026, 11, 24, 12, 42, 13, tzinfo=UTC)
SEEN = datetime(2026, 11, 24, 20, tzinfo=UTC)
LOST = [datetime(year, 9, 4, tzinfo=UTC) for year in (1601, 1970, 1985, 1999)]
WEST, EAST = timedelta(hours=12), timedelta(hours=14)
LONGEST = timedelta(seconds=90)


def taken(
    name: str = "db.sql.zst",
    *,
    completed: str | None = None,
    began: str | None = None,
    stored: datetime = STORED,
    zone: tzinfo | None = None,
    host_zone: tzinfo = UTC,
    is_own: bool = False,
    is_start: bool = False,
    beside: dict[str, datetime] | None = None,
) -> Taken:
    neighbours = [
        StoredObject(location=f"/srv/backups/shop/{one}", size_bytes=9_000, modified_at=when)
        for one, when in (beside or {}).items()
    ]
    return when_taken(
        StoreRecord(
            location=f"/srv/backups/shop/{name}",
            modified_at=stored,
            is_own=is_own,
            is_start=is_start,
            beside=tuple(neighbours),
            seen_at=SEEN,
        ),
        WallTimes(
            began=datetime.fromisoformat(began) if began else None,
            ended=datetime.fromisoformat(completed) if completed else None,
        ),
        zone=zone,
        host_zone=host_zone,
        longest=LONGEST,
    )


def span(one: Indication) -> tuple[datetime, datetime]:
    return one.recovery_point, one.latest


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("stored", "first", "last"),
    [
        ("2026-10-25 00:31:00", "2026-10-25 00:30:30", "2026-10-25 00:30:30"),
        ("2026-10-25 01:31:00", "2026-10-25 01:30:30", "2026-10-25 01:30:30"),
        ("2026-10-25 09:00:00", "2026-10-25 00:30:30", "2026-10-25 01:30:30"),
    ],
)
def test_of_the_hour_that_comes_twice_in_autumn_it_is_the_one_that_the_store_agrees_with(
    stored: str, first: str, last: str
) -> None:
    found = taken(completed="2026-10-25 02:30:30", stored=at(stored), zone=ZoneInfo("Europe/Berlin"))
    assert span(found.indications[0]) == (at(first) - LONGEST, at(last))


@pytest.mark.parametrize("is_own", [True, False])
def test_without_anything_else_the_store_bounds_it_and_the_longest_run_is_taken_off(*, is_own: bool) -> None:
    (only,) = taken(is_own=is_own).indications
    assert (only.rank, *span(only)) == (4, STORED - LONGEST, STORED)
    assert only.bound_only is not is_own


def test_the_start_in_the_name_is_the_recovery_point_and_tells_the_zone_of_the_end() -> None:
    for completed in ("2026-11-24 12:42:12", "2026-11-24 18:12:12", "2026-11-24 02:42:12"):
        found = taken("db-20261124T124000Z.sql.zst", completed=completed)
        start, closing, _ = found.indications
        assert start.rank == closing.rank == 3
        assert span(start) == span(closing) == (at("2026-11-24 12:40:00"), STORED - timedelta(seconds=1))
        assert not found.disagreements
        assert "is the only one in which all that is known of it agrees" in found.assumptions[0]


def test_a_closing_comment_is_of_any_zone_in_which_it_is_not_later_than_the_store_has_it() -> None:
    found = taken(completed="2026-11-24 14:42:12")
    closing = found.indications[0]
    assert span(closing) == (at("2026-11-24 14:42:12") - EAST - LONGEST, STORED - timedelta(seconds=1))
    assert "has to be named" in found.assumptions[0]
    assert "14:42:12" in found.assumptions[0]


def test_a_file_that_was_copied_a_moment_ago_is_no_fresher_for_it() -> None:
    """Of all zones the one in which it is freshest is not the likeliest."""
    for hours in (3, 7, 11, 12, 13, 20, 30, 48):
        ended = STORED - timedelta(hours=hours, minutes=1)
        closing = taken(completed=f"{ended:%Y-%m-%d %H:%M:%S}").indications[0]
        assert closing.recovery_point <= ended - LONGEST
        assert closing.latest <= min(STORED, ended + WEST)


@pytest.mark.parametrize("minutes", [-11 * 60, -5 * 60, 0, 60, 9 * 60, 13 * 60, 330, 345])
def test_a_closing_comment_in_this_hosts_zone_is_placed_where_the_store_agrees_to_the_minute(minutes: int) -> None:
    here = timezone(timedelta(minutes=minutes))
    for apart in (timedelta(seconds=20), timedelta(seconds=-20)):
        wall = (STORED - apart).astimezone(here)
        found = taken(completed=f"{wall:%Y-%m-%d %H:%M:%S}", host_zone=here)
        latest = min(STORED, STORED - apart)
        assert span(found.indications[0]) == (latest - LONGEST, latest)
        assert "this host's zone" in found.assumptions[0]


def test_a_named_zone_is_taken_at_its_word() -> None:
    berlin = timezone(timedelta(hours=1))
    found = taken(completed="2026-11-24 11:10:00", zone=berlin)
    assert found.indications[0].latest == at("2026-11-24 10:10:00")
    assert found.assumptions == ()


def test_of_several_dumps_the_first_counts_and_the_last_bounds_what_may_be_in_them() -> None:
    walls = WallTimes(
        ended=datetime.fromisoformat("2026-11-24 11:00"), all_ended=datetime.fromisoformat("2026-11-24 12:00")
    )
    stored = StoreRecord(location="/srv/backups/all.sql", modified_at=STORED)
    last, first, _ = when_taken(stored, walls, zone=UTC, host_zone=UTC, longest=LONGEST).indications
    assert (last.bound_only, last.latest) == (True, at("2026-11-24 12:00:00"))
    assert (first.bound_only, span(first)) == (False, (at("2026-11-24 10:58:30"), at("2026-11-24 11:00:00")))


def test_a_named_zone_in_which_the_dump_ends_after_it_was_stored_is_at_odds() -> None:
    found = taken(completed="2026-11-24 12:42:12", zone=timezone(timedelta(hours=-5)), is_own=True)
    assert found.at_odds
    (only,) = found.indications
    assert only.bound_only
    assert "2026-11-24 12:42:12" in found.disagreements[0]


def test_a_dump_stored_a_day_after_it_was_completed_is_as_old_as_it_says() -> None:
    closing = taken(completed="2026-11-23 09:00:00").indications[0]
    assert span(closing) == (at("2026-11-23 09:00:00") - EAST - LONGEST, at("2026-11-23 09:00:00") + WEST)


def test_a_local_time_in_the_name_has_the_zone_of_the_closing_comment() -> None:
    two_east = timezone(timedelta(hours=2))
    found = taken("db-20261124-1440.sql", completed="2026-11-24 14:42:12", host_zone=two_east)
    assert found.indications[0].recovery_point == at("2026-11-24 12:40:00")


def test_a_local_time_in_the_name_alone_is_of_any_zone_until_one_is_named() -> None:
    start = taken("uploads-20261124-1040.tar.zst").indications[0]
    assert span(start) == (at("2026-11-24 10:40:00") - EAST, STORED)
    start = taken("uploads-20261124-1040.tar.zst", zone=UTC).indications[0]
    assert span(start) == (at("2026-11-24 10:40:00"), STORED)


def test_a_time_in_the_name_and_a_comment_of_another_day_are_at_odds() -> None:
    for name in ("db-20261121T030000Z.sql.zst", "db-20261121T030000Z/", "db-20261120.sql", "db-20261126.sql"):
        found = taken(name, completed="2026-11-24 12:42:12")
        assert found.at_odds
        (said,) = found.disagreements
        assert f"the name {name.rstrip('/')} says 2026-11-2" in said
        assert "2026-11-24 12:42:12" in said
    assert not taken("db-20261123.sql", completed="2026-11-24 12:42:12").at_odds


def test_a_day_in_the_name_bounds_it_where_nothing_else_does() -> None:
    day = at("2026-11-21 00:00:00")
    for name in ("uploads-2026-11-21.tar", "uploads-20261121/"):
        found = taken(name).indications[0]
        assert (found.rank, *span(found)) == (3, day - EAST, day + timedelta(days=1) + WEST)
        assert span(taken(name, zone=UTC).indications[0]) == (day, day + timedelta(days=1))
    assert "day" not in taken("db-20261124.sql", completed="2026-11-24 12:42:12").indications[0].source


def test_a_name_later_than_the_store_allows_in_any_zone_is_at_odds() -> None:
    assert taken("db-20261126T030000Z.sql").at_odds
    assert taken("db-20261126.sql").at_odds
    assert not taken("db-20261125-0200.sql").at_odds


def test_the_recovery_point_is_never_later_than_the_store_allows() -> None:
    for name in ("db-20261124T124213Z.sql", "db-20261124T124259Z.sql", "db.sql"):
        for one in taken(name, completed="2026-11-24 12:42:50").indications:
            assert one.recovery_point <= one.latest <= STORED


def test_the_start_that_a_tool_wrote_down_has_the_zone_of_its_end() -> None:
    found = taken(
        "shop/", completed="2026-11-24 14:42:00", began="2026-11-24 14:30:00", host_zone=timezone(timedelta(hours=2))
    )
    first = found.indications[0]
    assert first.source == "start of the dump, by its own record"
    assert first.recovery_point == at("2026-11-24 12:30:00")
    assert all(one.recovery_point >= at("2026-11-24 12:30:00") for one in found.indications)


def test_a_start_alone_bounds_a_backup_that_lay_for_long() -> None:
    found = taken(began="2026-11-20 10:00:00", zone=UTC)
    began = datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert span(found.indications[0]) == (began, began + timedelta(days=1))
    assert found.disagreements == ()


def test_a_start_alone_of_a_backup_just_written_is_of_any_zone_until_one_is_named() -> None:
    found = taken(began="2026-11-24 12:42:00")
    assert span(found.indications[0]) == (datetime(2026, 11, 24, 12, 42, tzinfo=UTC) - EAST, STORED)
    assert "the dump's header says that it began at 2026-11-24 12:42:00 without a zone" in found.assumptions[0]


def test_a_start_that_says_its_zone_needs_none() -> None:
    found = taken(began="2026-11-24 13:40:00+01:00")
    assert span(found.indications[0]) == (datetime(2026, 11, 24, 12, 40, tzinfo=UTC), STORED)
    assert (found.assumptions, found.disagreements) == ((), ())


def test_an_end_that_says_its_zone_needs_none_whatever_the_name_says() -> None:
    found = taken("db-2026-11-24_0630.sql", began="2026-11-24 13:30:00+02:00", completed="2026-11-24 13:40:00+02:00")
    assert span(found.indications[0]) == (
        datetime(2026, 11, 24, 11, 30, tzinfo=UTC), datetime(2026, 11, 24, 11, 40, tzinfo=UTC)
    )  # fmt: skip
    assert not any("comment" in said for said in found.assumptions)


@pytest.mark.parametrize("zone", [None, UTC])
def test_a_start_later_than_the_store_has_it_is_at_odds(zone: tzinfo | None) -> None:
    found = taken(began="2026-11-25 14:00:00+01:00", zone=zone)
    assert found.at_odds
    assert "the dump's header says that it began at 2026-11-25T13:00:00Z" in found.disagreements[0]
    assert found.indications[-1].latest == datetime(2026, 11, 25, 13, tzinfo=UTC)


def test_a_start_after_its_end_is_no_start() -> None:
    found = taken("shop/", completed="2026-11-24 12:42:00", began="2026-11-24 12:43:00")
    assert not [one for one in found.indications if "own record" in one.source]


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
    (stamp,) = dates_of({f"s3://bucket/2020-01-01/{name}": STORED}).values()
    assert (f"{stamp.wall:%Y-%m-%d %H:%M:%S}", stamp.has_time) == (wall, has_time)


@pytest.mark.parametrize("name", ["db.sql", "db-20261399.sql", "db-1763953200.sql", "v10.11.19.tar"])
def test_digits_that_are_no_date_are_left_alone(name: str) -> None:
    assert dates_of({name: STORED}) == {}


def test_a_bucket_that_was_copied_is_told_by_what_lies_beside() -> None:
    nights = [f"db-202611{day}T030000Z.sql" for day in range(14, 24)]
    copied = {name: STORED - timedelta(seconds=10 * number) for number, name in enumerate(nights)}
    uploaded = {name: STORED - timedelta(days=10 - number) for number, name in enumerate(nights)}
    for name in ("files.tar", "shop-sun.sql"):
        assert taken(name, is_own=True, beside=copied).indications[-1].bound_only
        assert not taken(name, is_own=True, beside=uploaded).indications[-1].bound_only
    several = {f"files-{day}.tar": STORED for day in ("mon", "tue", "wed")}
    assert taken("files-mon.tar", is_own=True, beside=several).indications[-1].bound_only


def test_a_copy_that_its_neighbours_show_is_no_younger_than_its_name() -> None:
    copied = {f"db-202611{day}T030000Z.sql": STORED for day in range(10, 24)}
    start = taken("db-20261123T030000Z.sql", beside=copied).indications[0]
    assert span(start) == (at("2026-11-23 03:00:00"), at("2026-11-23 03:00:00") + LONGEST)
    start = taken("db-20261123T030000Z.sql").indications[0]
    assert start.latest == at("2026-11-24 03:00:00")  # a job may run for a day


def test_the_neighbours_tell_which_of_two_readings_is_the_names() -> None:
    day_first = {f"db-{day:02}-11-2026.sql": at(f"2026-11-{day:02} 04:00:00") for day in range(1, 24)}
    day = taken("db-03-11-2026.sql", stored=at("2026-11-03 04:00:00"), zone=UTC, beside=day_first).indications[0]
    assert span(day) == (at("2026-11-03 00:00:00"), at("2026-11-03 04:00:00"))
    alone = taken("db-03-11-2026.sql", stored=at("2026-11-03 04:00:00"), zone=UTC).indications[0]
    assert span(alone) == (at("2026-03-11 00:00:00"), at("2026-11-03 04:00:00"))


def test_an_upload_in_parts_that_began_with_the_dump_is_no_contradiction() -> None:
    found = taken("db.sql", completed="2026-11-24 12:43:20", zone=UTC, is_own=True, is_start=True)
    assert not found.at_odds
    assert span(found.indications[0]) == (at("2026-11-24 12:43:20") - LONGEST, at("2026-11-24 12:43:20"))
    assert found.indications[-1].latest == STORED + LONGEST
    assert taken("db.sql", completed="2026-11-24 12:43:20", zone=UTC, is_own=True).at_odds


@pytest.mark.parametrize("zone", [None, ZoneInfo("Europe/Berlin")])
def test_a_comment_of_a_container_under_a_name_of_its_host_is_read_as_two_clocks(zone: tzinfo | None) -> None:
    name, completed = "db-20261124-1340.sql", "2026-11-24 12:42:12"
    found = taken(name, completed=completed, zone=zone, host_zone=ZoneInfo("Asia/Tokyo"))
    assert not found.at_odds
    assert "it was written at the minute that the comment says in UTC" in found.disagreements[0]
    comment = next(one for one in found.indications if one.source == "closing comment of the dump")
    began = at("2026-11-24 12:40:00") if zone else at(completed) - LONGEST
    assert span(comment) == (began, at(completed))
    copied = taken(name, completed=completed, zone=zone, stored=STORED + timedelta(hours=3))
    assert copied.indications[0].recovery_point < began  # who copied it took away what bore it out


def test_a_comment_of_a_container_is_in_utc_where_the_store_agrees_to_the_minute() -> None:
    found = taken("db-20261124.sql", completed="2026-11-24 12:42:12", host_zone=ZoneInfo("Europe/Berlin"))
    assert span(found.indications[0]) == (at("2026-11-24 12:42:12") - LONGEST, at("2026-11-24 12:42:12"))
    assert "taken as UTC, which containers have" in found.assumptions[0]


@pytest.mark.parametrize(("name", "is_odd"), [("1242", False), ("1246", False), ("1848", True)])
def test_a_name_that_was_given_when_the_dump_was_done_makes_it_no_younger(name: str, is_odd: bool) -> None:
    late = STORED + timedelta(hours=7)
    found = taken(f"db-20261124-{name}.sql", completed="2026-11-24 12:40:00", zone=UTC, stored=late)
    assert found.at_odds is is_odd
    if not is_odd:
        assert span(found.indications[0]) == (at("2026-11-24 12:40:00") - LONGEST, at("2026-11-24 12:40:00"))
        assert "named when it was done" in found.disagreements[0]


def test_a_backup_that_was_renamed_after_it_was_written_is_as_old_as_it_says() -> None:
    done = at("2026-11-24 18:07:56")
    found = taken("db-20261124T180900Z.sql", completed="2026-11-24 18:07:56", stored=done)
    assert not found.at_odds
    assert span(found.indications[0]) == (done - LONGEST, done)
    after_it_was_seen = taken("db-20261124T200200Z.sql", completed="2026-11-24 18:07:56", stored=done)
    assert after_it_was_seen.at_odds


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("is_own", [True, False])
def test_a_time_that_no_backup_has_says_nothing_and_the_rest_counts(lost: datetime, is_own: bool) -> None:
    name, completed = "db-20261124T030000Z.sql.gz", "2026-11-24 03:00:09"
    found = taken(name, completed=completed, stored=lost, is_own=is_own)
    kept = taken(name, completed=completed, stored=at("2026-11-24 03:00:10"))
    assert not found.at_odds
    assert not found.disagreements
    assert f"{lost:%Y}" in found.assumptions[-1]
    assert [one.recovery_point for one in found.indications[:2]] == [at("2026-11-24 03:00:00")] * 2
    assert kept.indications[0].recovery_point == at("2026-11-24 03:00:00")
    assert (found.indications[-1].bound_only, found.indications[-1].latest) == (True, SEEN)


def test_a_time_that_was_lost_bears_out_no_zone() -> None:
    at_night = "2026-11-24 03:00:09"
    (comment, _) = taken(completed=at_night, stored=LOST[1]).indications
    assert span(comment) == (at(at_night) - EAST - LONGEST, at(at_night) + WEST)
    just_now = f"{SEEN:%Y-%m-%d %H:%M:%S}"
    assert taken(completed=just_now, stored=LOST[1]).indications[0].recovery_point < SEEN - timedelta(hours=13)
    (comment, _) = taken(completed=at_night, stored=LOST[1], zone=UTC).indications
    assert span(comment) == (at(at_night) - LONGEST, at(at_night))
    (only,) = taken(stored=LOST[1]).indications
    assert (only.bound_only, only.latest) == (True, SEEN)


@pytest.mark.parametrize("name", ["db.sql", "db-20261124T030000Z.sql"])
def test_a_store_that_is_contradicted_by_the_end_of_a_dump_bounds_nothing(name: str) -> None:
    back = STORED - timedelta(days=3)
    found = taken(name, completed="2026-11-24 03:00:09", stored=back)
    assert found.at_odds
    assert found.indications[-1].latest == at("2026-11-24 03:00:09") + WEST
    assert taken("db-20261124T030000Z.sql", stored=back).indications[-1].latest == at("2026-11-24 03:00:00")


def test_a_new_name_over_what_is_old_by_its_own_record_and_the_stores_makes_it_no_younger() -> None:
    back = STORED - timedelta(days=9)
    found = taken("db-20261124T030000Z.sql", completed=f"{back:%Y-%m-%d %H:%M:%S}", stored=back)
    assert found.at_odds
    assert found.indications[-1].latest == back


def test_where_a_zone_is_named_nobody_is_told_to_name_one() -> None:
    name, completed = "db-20261124-1340.sql", "2026-11-24 12:42:12"
    assert "A zone is named" in taken(name, completed=completed, zone=ZoneInfo("Europe/Berlin")).mend
    assert taken(name, completed=completed, host_zone=ZoneInfo("Asia/Tokyo")).mend == ""
