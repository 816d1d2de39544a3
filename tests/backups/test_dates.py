"""Dates in names: what is written is read back, and what is none is never taken for one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from drtool.backups.dates import Stamp
from drtool.backups.naming import dates_of

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
DAY, HOUR, CENTURY = timedelta(days=1), timedelta(hours=1), timedelta(days=36_525)
PAGE = (Path(__file__).parents[2] / "docs" / "measuring.md").read_text()
BERLIN = timezone(HOUR)


def read(*names: str, at: datetime = NOW) -> list[Stamp | None]:
    """Return what names say that a store wrote at one time, as a copy does."""
    read = dates_of(dict.fromkeys(names, at))
    return [read.get(name) for name in names]


def alone(name: str, at: datetime = NOW) -> Stamp | None:
    (stamp,) = read(name, at=at)
    return stamp


def holds(stamp: Stamp | None, instant: datetime, zone: tzinfo, within: timedelta) -> bool:
    """Tell whether a stamp, read in the zone of whoever wrote it, is so short and has the instant in it."""
    assert stamp is not None
    first, last = (wall.replace(tzinfo=stamp.zone or zone) for wall in (stamp.wall, stamp.until))
    return first - timedelta(minutes=1) <= instant <= last + timedelta(minutes=1) and last - first <= within


FORMATS = {
    "db-{0:%Y-%m-%d}.sql": DAY, "db_{0:%Y%m%d}.sql": DAY, "db.{0:%Y.%m.%d}.sql": DAY, "db-{0:%Y/%m/%d}/db.sql": DAY,
    "db-{0:%Y-%m-%d_%H-%M-%S}.sql": HOUR, "db-{0:%Y%m%d%H%M%S}.sql": HOUR, "db-{0:%Y%m%d-%H%M}.sql": HOUR,
    "db {0:%Y-%m-%d at %H.%M.%S}.sql": HOUR, "daily_shop_{0:%Y-%m-%d_%Hh%Mm_%A}.sql.gz": HOUR,
    "db-{0:%Y-%m-%dT%H:%M:%S%z}.sql": HOUR, "db-{0:%Y%m%dT%H%M%S%z}.sql": HOUR,
    "db-{0:%Y-%m-%d_%H-%M-%S%z}.sql": 28 * HOUR, "db_{0:%Y-%m-%d_%I-%M-%S_%p}.sql": HOUR,
    "db-{0:%Y%m%d-%I%M%p}.sql": HOUR, "db-{0:%Y-%m-%dT%H}.sql": HOUR, "db-{0:%d%b%Y}.sql": DAY,
    "db_{0:%B-%d-%Y}.sql": DAY, "{0:%a-%d-%b-%Y}-db.sql": DAY, "db-{0:%G-W%V-%u}.sql": DAY,
    "db-{0:%G-W%V}.sql": 7 * DAY, "backup_{0:%Y-%m-%d-%H%M}_Site_abc123def456-db.gz": HOUR,
    "mongo-{0:%Y-%m-%d_%H_%M_%S}/": HOUR, "base_{0:%Y%m%dT%H%M%S}.xbstream": HOUR,
    "vzdump-qemu-100-{0:%Y_%m_%d-%H_%M_%S}.vma.zst": HOUR, "host-{0:%Y-%m-%dT%H:%M:%S.%f}": HOUR,
    "{0:%Y-%m-%d}/dump-{0:%H%M}.sql": DAY, "{0:%Y%m%d}/{0:%H%M}/db.sql": HOUR, "mariadb-10.11.19-{0:%Y%m%d}.sql": DAY,
    # What takes a series, or the store's times.
    "backup-{0:%m.%d.%Y_%H-%M-%S}_user.tar.gz": 400 * DAY, "db_{0:%d-%m-%Y}.sql": 400 * DAY,
    "db_{0:%m-%d-%Y}.sql": 400 * DAY, "db-{0:%y%m%d}.sql": CENTURY, "db-{0:%d.%m.%y}.sql": CENTURY,
    "backup_{0:%y%m%d%H%M}.tar": CENTURY, "db-{0:%d%m%Y}.sql": 400 * DAY, "db-{0:%Y-%j}.sql": DAY,
    "db-{0:%Y%j}.sql": DAY, "db-{0:%Y-%m}.sql": 31 * DAY, "shop{0:%Y%m%d}.sql": DAY, "db-{1}.sql": HOUR,
    "db-{1}000.sql": HOUR, "{1}_{0:%Y_%m_%d}_18.10.11-ee_gitlab_backup.tar": HOUR,
}  # fmt: skip
"""How backup jobs write the time into a name, and how long the interval may be that is read."""

moments = st.datetimes(datetime(2026, 1, 2), datetime(2026, 11, 30), timezones=st.just(UTC))  # noqa: DTZ001 (the zone follows)
zones = st.integers(-48, 56).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))


def written(form: str, start: datetime, zone: tzinfo) -> str:
    return form.format(start.astimezone(zone), int(start.timestamp()))


@given(st.sampled_from(sorted(FORMATS)), moments, zones)
def test_what_is_written_is_read_back_as_an_interval_that_holds_it(form: str, start: datetime, zone: tzinfo) -> None:
    start = start.replace(microsecond=0)
    assert holds(alone(written(form, start, zone), at=start + HOUR), start, zone, FORMATS[form])


@given(st.sampled_from(sorted(FORMATS)), moments, zones, st.integers(3, 40), st.booleans())
def test_so_is_a_whole_history_and_it_is_in_order(
    form: str, last: datetime, zone: tzinfo, nights: int, copied: bool
) -> None:
    starts = [last.replace(microsecond=0) - ago * DAY for ago in range(nights)]
    names = {written(form, start, zone): start for start in reversed(starts)}
    names = {name: start for name, start in names.items() if "{1}" in form or form.count("%d") or "%j" in form}
    stamps = dates_of({name: last + HOUR if copied else start + HOUR for name, start in names.items()})
    for name, stamp in stamps.items():
        assert holds(stamp, names[name], zone, max(FORMATS[form], DAY))
    assert len(stamps) == len(names)


@pytest.mark.parametrize("names", [[f"db-{day:02}-11-2026.sql" for day in range(1, 30)], ["db-29-11-2026.sql"]])
def test_a_day_beyond_the_twelfth_tells_the_order_for_the_whole_series(names: list[str]) -> None:
    stamps = read(*names)
    assert [stamp and (stamp.wall.month, stamp.until - stamp.wall) for stamp in stamps] == [(11, DAY)] * len(names)


def test_where_both_orders_stay_possible_a_name_is_all_between() -> None:
    stamp = alone("db-03-04-2026.sql")
    assert stamp is not None
    assert (stamp.wall.date().isoformat(), stamp.until.date().isoformat()) == ("2026-03-04", "2026-04-04")
    # None of them is later than its file.
    stamp = alone("db-03-04-2026.sql", at=datetime(2026, 3, 5, tzinfo=UTC))
    assert stamp is not None
    assert (stamp.wall.month, stamp.until - stamp.wall) == (3, DAY)


NO_DATES = [
    "backup-99.29.2026_03-14-44_user.tar", "db-20261399.sql", "v10.11.19.tar", "db-9720261129.sql", "db-20261129a.sql",
    "a1b20261129.sql", "db-2026112.sql", "550e8400-e29b-41d4-a716-446655440000.sql", "db-3306.sql", "db-1234567890.sql",
    "shop-sun.sql", "db.sql.1", "db.sql.23", "20261129-1234-4abc-8def-202611291234.sql", "db-2026-11-29x.sql",
]  # fmt: skip


@pytest.mark.parametrize("name", NO_DATES)
def test_what_is_no_date_is_left_alone(name: str) -> None:
    assert alone(name) is None


hexadecimal = st.text("0123456789abcdef", min_size=6, max_size=40)
decimal = st.integers(0, 10**15).map(str)
uuids = st.uuids().map(str)


@given(hexadecimal | decimal | uuids, st.sampled_from(["db-{}.sql", "{}", "{}_shop.tar.gz", "shop/{}/db.sql"]))
@example("261129", "db-{}.sql")
@example("1764000000", "db-{}.sql")
def test_a_number_of_something_else_is_never_read_as_a_date_but_where_the_store_says_the_same(
    number: str, form: str
) -> None:
    assume(not re.match(r"20\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])(\d{4}|\d{6})?$", number))
    stamp = alone(form.format(number))
    if stamp:
        assert stamp.wall.replace(tzinfo=UTC) - 14 * HOUR <= NOW <= stamp.until.replace(tzinfo=UTC) + 2 * DAY


@given(st.lists(st.integers(10_000, 10**10), min_size=3, max_size=9, unique=True))
def test_a_series_of_them_is_read_only_as_lately_as_the_store(numbers: list[int]) -> None:
    for stamp in read(*(f"invoice-{number}.sql" for number in numbers)):
        if stamp:
            assert stamp.wall <= NOW.replace(tzinfo=None) + 366 * DAY


def test_one_number_among_others_is_no_date_because_it_could_be_one() -> None:
    assert read("invoice-10000.sql", "invoice-10001.sql", "invoice-20261001.sql") == [None] * 3
    assert None not in read("invoice-20261002.sql", "invoice-20261001.sql")


@pytest.mark.parametrize(
    ("name", "instant"),
    [
        ("1795922122_2026_11_29_18.10.1_gitlab_backup.tar", "2026-11-29T03:15:22+00:00"),
        ("db-2026-11-29T03:15:00+0530.sql", "2026-11-28T21:45:00+00:00"),
        ("db-20261129T031500-0500.sql", "2026-11-29T08:15:00+00:00"),
        ("db-2026-11-29T03-15-05-123Z.sql", "2026-11-29T03:15:05+00:00"),
        ("db-2026-11-29T03-15-05Z.sql", "2026-11-29T03:15:05+00:00"),
        ("db_20261129_021500_UTC.sql", "2026-11-29T02:15:00+00:00"),
    ],
)
def test_a_zone_that_a_name_says_is_taken(name: str, instant: str) -> None:
    stamp = alone(name)
    assert stamp is not None
    assert stamp.zone is not None
    assert stamp.wall.replace(tzinfo=stamp.zone).astimezone(UTC).isoformat() == instant


def test_dates_in_folders_count_where_they_differ_or_the_store_bears_them_out() -> None:
    assert alone("/srv/2020-01-01/db.sql") is None
    assert alone("/srv/2026-11-29/db.sql") is not None
    assert None not in read("/srv/2020-01-01/db.sql", "/srv/2020-01-02/db.sql")
    assert read(*(f"/srv/since-20200101/{number}.sql" for number in range(3))) == [None] * 3
    first, _ = read("/srv/2020-01-01/db-20261128.sql", "/srv/2020-01-01/db-20261129.sql")
    assert first is not None
    assert first.wall.year == 2026


def test_one_date_in_all_names_of_many_days_is_of_something_else() -> None:
    nights = {f"/srv/since-20200101-{night}.sql": NOW - night * DAY for night in range(5)}
    assert dates_of(nights) == {}
    hosts = {f"/srv/db-web{host}-20261129.sql": NOW for host in range(5)}
    assert len(dates_of(hosts)) == 5


def test_every_example_of_the_documentation_is_read_as_it_says() -> None:
    table = PAGE.partition('id="dates-in-names"')[2].partition("\n\n- **The store")[0]
    rows = [row.split(" | ") for row in table.splitlines() if row.startswith("| ") and "`" in row]
    assert len(rows) >= 16
    for _, examples, _ in rows:
        for name in re.findall(r"`([^`]+)`", examples):
            day = datetime(2026, 3, 9) if "-3-9" in name else datetime(2026, 11, 29)  # noqa: DTZ001 (as names have it)
            stamp = alone(name, at=day.replace(tzinfo=UTC) + 12 * HOUR)
            assert stamp is not None, name
            assert stamp.wall < day + DAY, name
            assert stamp.until >= day, name


@pytest.mark.parametrize("shift", [lambda at: at, lambda at: at + 3 * HOUR])
def test_am_and_pm_are_twelve_hours_apart(shift: Callable[[datetime], datetime]) -> None:
    at = shift(datetime(2026, 11, 29, 3, 14, 44, tzinfo=UTC))
    morning, evening = (alone(f"db_{one:%Y-%m-%d_%I-%M-%S_%p}.sql") for one in (at, at + 12 * HOUR))
    assert morning is not None
    assert evening is not None
    assert evening.wall - morning.wall == 12 * HOUR


@pytest.mark.parametrize(
    ("written", "month"),
    [
        ("3-Dezember-2026", 12), ("3Okt2026", 10), ("03_märz_2026", 3), ("2026-Mai-03", 5), ("3-décembre-2026", 12),
        ("3.août.2026", 8), ("3-enero-2026", 1), ("3_maggio_2026", 5), ("3-outubro-2026", 10), ("3mrt2026", 3),
        ("December-3-2026", 12), ("3Sept2026", 9),
    ],
)  # fmt: skip
def test_months_are_read_in_the_language_of_the_host(written: str, month: int) -> None:
    stamp = alone(f"db-{written}.sql", at=datetime(2026, month, 3, 12, tzinfo=UTC))
    assert stamp is not None
    assert (stamp.wall, stamp.until) == (datetime(2026, month, 3), datetime(2026, month, 4))  # noqa: DTZ001


@pytest.mark.parametrize("word", ["decoy", "marble", "mayhem", "octopus", "junk", "set", "plan"])
def test_words_that_begin_like_a_month_are_none(word: str) -> None:
    assert alone(f"db-3-{word}-1999.sql") is None
    assert alone(f"{word}-1.sql") is None


def test_the_names_of_mariadb_operator_are_in_utc() -> None:
    for name in ("physicalbackup-20261129021500.xb.bz2", "s3/mariadb/physicalbackup-20261129021500.xb"):
        stamp = alone(name)
        assert stamp is not None
        assert (stamp.wall, stamp.zone) == (datetime(2026, 11, 29, 2, 15), UTC)  # noqa: DTZ001
    stamp = alone("shop-20261129021500.xb")
    assert stamp is not None
    assert stamp.zone is None
    for name in ("backup.2026-11-29T02:15:00Z.sql.gz", "backup.2026-11-29T02:15:00Z.gzip.sql"):
        stamp = alone(name)
        assert stamp is not None
        assert stamp.zone == UTC
