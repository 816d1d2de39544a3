"""A drill that names one backup reports the exposure too, over the backups beside it, or says why it does not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, cast

import pytest

from drtool.drill.drill import Drill
from drtool.errors import RestoreFailed
from drtool.record.clock import Clock
from drtool.record.environment import Profile
from drtool.record.journal import DrillLog, Journal
from drtool.render.progress import Progress
from drtool.restore.context import RestoreContext, Terms

NOW = datetime.now(UTC).replace(microsecond=0)
DUMP = b"-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB\nCREATE TABLE t (a INT);\n" + b"-- filling\n" * 200


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    clock = Clock()
    log = DrillLog(tmp_path / "drill.log", clock)
    yield Journal(clock=clock, observer=Progress(), log=log)
    log.close()


@pytest.fixture
def drill(journal: Journal) -> Drill:
    """A drill that only looks at backups, so that it needs neither engine nor sandbox."""
    terms = Terms(disaster_at=NOW, rpo=timedelta(hours=25), profile=Profile.FAST, image=None)
    nothing = cast(Any, None)
    return Drill("a-drill", RestoreContext(terms=terms, journal=journal, sandbox=nothing))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Three nights of backups of the database, the night before last without one, and other things beside them."""
    folder = tmp_path / "backups"
    folder.mkdir()
    for nights in (1, 3, 4):
        for kind in ("db", "mail"):
            write(folder, kind, nights)
    return folder


def write(folder: Path, kind: str, nights: int) -> Path:
    at = NOW - timedelta(days=nights)
    path = folder / f"{kind}-{at:%Y%m%dT%H%M%SZ}.sql"
    path.write_bytes(DUMP)
    os.utime(path, (at.timestamp() + 600, at.timestamp() + 600))
    return path


def named(store: Path, nights: int) -> str:
    return str(store / f"db-{NOW - timedelta(days=nights):%Y%m%dT%H%M%SZ}.sql")


def test_the_backups_beside_it_are_its_history_and_the_report_says_how_they_were_found(
    drill: Drill, journal: Journal, store: Path
) -> None:
    drill.backup(named(store, 1))
    drill.measure_exposure()
    (exposure,) = journal.exposure
    assert (exposure.pattern, exposure.objects, exposure.point_count) == (f"{store}/db-*.sql", 3, 3)
    assert exposure.worst_rpa_seconds == timedelta(days=2, minutes=10).total_seconds()
    assert "missed" in exposure.reason
    assert journal.assumptions == [
        f"The backups that match {store}/db-*.sql are of the same kind as {named(store, 1)}: "
        "the pattern was made of its name, and the exposure is measured over them"
    ]
    assert (journal.findings, journal.deviations) == ([], [])


def test_a_backup_that_is_missing_has_a_history_all_the_same(drill: Drill, journal: Journal, store: Path) -> None:
    with pytest.raises(RestoreFailed):
        drill.backup(named(store, 0))
    drill.measure_exposure()
    assert [one.point_count for one in journal.exposure] == [3]


def test_a_name_without_a_date_leaves_the_exposure_open_and_the_report_says_how_to_get_it(
    drill: Drill, journal: Journal, store: Path
) -> None:
    (store / "db.sql").write_bytes(DUMP)
    drill.backup(str(store / "db.sql"))
    drill.measure_exposure()
    assert (journal.exposure, journal.findings) == ([], [])
    (said,) = journal.deviations
    assert said.startswith("The exposure was not measured: ")
    assert "`drtool exposure PATTERN` tells it" in said


def test_a_backup_that_was_listed_already_is_measured_once(drill: Drill, journal: Journal, store: Path) -> None:
    drill.latest(f"{store}/*-*.sql")
    drill.backup(named(store, 3))
    drill.measure_exposure()
    assert {one.pattern for one in journal.exposure} == {f"{store}/*-*.sql"}
    assert journal.assumptions == []


def test_two_backups_of_one_kind_have_one_history(drill: Drill, journal: Journal, store: Path) -> None:
    drill.backup(named(store, 1))
    drill.backup(named(store, 3))
    drill.measure_exposure()
    assert [one.pattern for one in journal.exposure] == [f"{store}/db-*.sql"]


def test_a_listing_that_fails_is_a_deviation_and_fails_no_drill(drill: Drill, journal: Journal, store: Path) -> None:
    Path(os.fsdecode(os.fsencode(store) + b"/db-20261101\xff.sql")).write_bytes(DUMP)
    drill.backup(named(store, 1))
    drill.measure_exposure()
    assert (journal.exposure, journal.findings) == ([], [])
    assert any("could not be measured" in said for said in journal.deviations)


def test_a_backup_that_is_named_knows_what_lies_beside_it(drill: Drill, store: Path) -> None:
    backup = drill.backup(named(store, 1))
    assert {Path(one.location).name[:3] for one in backup.beside} == {"db-"}
    assert len(backup.beside) == 3
    (store / "db-latest.sql").symlink_to(Path(named(store, 1)).name)
    assert drill.backup(f"{store}/db-latest.sql").location == named(store, 1)
    undated = store / "files.sql"
    undated.write_bytes(DUMP)
    assert len(drill.backup(str(undated)).beside) == 7


def test_the_zone_that_is_named_for_a_backup_is_its_historys(drill: Drill, journal: Journal, tmp_path: Path) -> None:
    for nights in range(4):
        at = NOW - timedelta(days=nights, hours=5)
        path = tmp_path / f"db-{at - timedelta(hours=5):%Y-%m-%d_%H%M}.sql"
        path.write_bytes(DUMP)
        os.utime(path, (at.timestamp() + 600, at.timestamp() + 600))
    backup = drill.backup(str(path))
    drill._histories.read_in(backup.location, timezone(timedelta(hours=-5)))
    drill.measure_exposure()
    assert any("as was said" in said for said in journal.exposure[0].assumptions)
