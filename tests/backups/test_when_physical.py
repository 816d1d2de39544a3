"""When a physical backup was taken: its end, shortly before which its content was fixed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from drtool.backups.physical import Physical
from drtool.backups.when_physical import when_physical_taken
from drtool.backups.when_taken import StoreRecord, Taken

BACKUP = Physical(
    tool="mariadb-backup 10.11.18",
    server_version="10.11.18-MariaDB",
    series="10.11",
    incremental=False,
    prepared=False,
    from_lsn=0,
    to_lsn=44404,
    started_wall=datetime(2026, 11, 24, 3, 0, 2),  # noqa: DTZ001 (its zone is not known)
    ended_wall=datetime(2026, 11, 24, 3, 40, 0),  # noqa: DTZ001
    binlog_start=None,
    settings={},
)
STORED = datetime(2026, 11, 24, 3, 40, 5, tzinfo=UTC)
ENDED = datetime(2026, 11, 24, 3, 40, tzinfo=UTC)


def _taken(
    physical: Physical = BACKUP,
    *,
    stored: datetime = STORED,
    zone: tzinfo | None = UTC,
    host_zone: tzinfo = UTC,
    name: str = "full-20261124T030000Z.mb",
) -> Taken:
    record = StoreRecord(location=f"s3://b/{name}", modified_at=stored, is_own=True)
    return when_physical_taken(physical, record, zone=zone, host_zone=host_zone)


def test_recovery_point_is_the_end_less_the_time_that_the_last_files_take() -> None:
    taken = _taken()
    own, store = taken.indications
    assert (own.rank, own.recovery_point, own.latest) == (
        3,
        ENDED - timedelta(seconds=10),
        ENDED + timedelta(seconds=1),
    )
    assert (store.rank, store.latest) == (4, STORED)
    assert taken.disagreements == ()


def test_recovery_point_of_a_short_backup_is_no_earlier_than_its_start() -> None:
    started = datetime(2026, 11, 24, 3, 39, 57)  # noqa: DTZ001 (its zone is not known)
    own, _ = _taken(replace(BACKUP, started_wall=started), name="full.mb").indications
    assert own.recovery_point == ENDED - timedelta(seconds=3)


def test_local_time_is_this_hosts_where_the_store_agrees_and_the_assumption_said() -> None:
    stored = STORED - timedelta(hours=2)
    taken = _taken(stored=stored, zone=None, host_zone=timezone(timedelta(hours=2)), name="full.mb")
    assert taken.indications[0].recovery_point == ENDED - timedelta(hours=2, seconds=10)
    assert "taken as UTC+2" in taken.assumptions[0]
    assert "the backup's info file says 2026-11-24 03:40:00 without a zone" in taken.assumptions[0]


def test_local_time_is_of_any_zone_where_none_is_known() -> None:
    own, _ = _taken(zone=None, stored=STORED + timedelta(days=2), name="full.mb").indications
    assert own.recovery_point == ENDED - timedelta(hours=14, seconds=10)
    assert own.latest == ENDED + timedelta(hours=12, seconds=1)


def test_end_after_the_store_has_it_is_at_odds_and_not_used() -> None:
    taken = _taken(stored=STORED - timedelta(hours=1), zone=UTC)
    assert taken.at_odds
    assert "end of the physical backup, by its info file" not in {one.source for one in taken.indications}


def test_the_name_of_an_earlier_one_on_it_is_at_odds_with_it() -> None:
    assert _taken(name="full-20261122T030000Z.mb").at_odds
    assert not _taken(name="full-20261124T030000Z.mb").at_odds


def test_without_its_times_the_name_and_the_store_say_what_they_can() -> None:
    taken = _taken(replace(BACKUP, started_wall=None, ended_wall=None))
    assert taken.indications[0].source == "start of the backup, by its name"
    assert taken.indications[0].recovery_point == datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
