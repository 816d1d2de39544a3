"""Upgrade rehearsals, the accounts that backups bring, and those that they do not; events stay off unless asked for."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest

from drtool.record.model import DrillRecord
from drtool.record.steps import Phase
from drtool.record.verdicts import Verdict
from fixtures.faults.sql_text import before_trailer
from fixtures.shop.backups import lay_beside
from fixtures.shop.production import Production
from tests.e2e.workbench import Ran, Workbench

_PASSWORD = "read-7c1f"
_SCHEMA = f"""
CREATE DATABASE app; USE app;
CREATE TABLE orders (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(40) NOT NULL);
CREATE TABLE log (id INT PRIMARY KEY) ENGINE=MyISAM;
INSERT INTO orders (note) VALUES ('first'), ('second'); INSERT INTO log VALUES (1);
CREATE ROLE writer; GRANT INSERT ON app.* TO writer;
CREATE USER clerk@'10.0.%' IDENTIFIED BY 'c-19'; GRANT SELECT ON app.* TO clerk@'10.0.%';
GRANT writer TO clerk@'10.0.%';
SET DEFAULT ROLE writer FOR clerk@'10.0.%';
CREATE USER chief@localhost IDENTIFIED BY 'c-20'; GRANT ALL PRIVILEGES ON *.* TO chief@localhost WITH GRANT OPTION;
CREATE USER auditor@'%' IDENTIFIED BY '{_PASSWORD}';
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON app.* TO auditor@'%'; GRANT SELECT ON mysql.* TO auditor@'%';
DELIMITER //
CREATE DEFINER = clerk@'10.0.%' PROCEDURE close_day() BEGIN INSERT INTO log VALUES (2); END //
CREATE DEFINER = clerk@'10.0.%' TRIGGER noted BEFORE INSERT ON orders FOR EACH ROW SET NEW.note = UPPER(NEW.note) //
CREATE DEFINER = chief@localhost EVENT tick ON SCHEDULE EVERY 1 SECOND DO INSERT IGNORE INTO log VALUES (3) //
DELIMITER ;
"""
_DUMP = "mariadb-dump --defaults-file=/root/root.cnf --single-transaction --routines --events --triggers"
_DUMPS = {
    "one database": "app",
    "all": "--all-databases --flush-privileges",
    "with users": "--system=users --insert-ignore --databases app",
    "with users in the way": "--system=users --databases app",
}
_SERIES = ("10.5", "10.11")


@dataclass(frozen=True, kw_only=True)
class Backups:
    """What two productions were dumped to, and the baselines that were taken of them with their grants."""

    dumps: dict[tuple[str, str], bytes]
    baselines: dict[str, bytes]
    made_at: float

    def write(self, path: Path, dump: bytes) -> Path:
        """Write a dump as old as it says that it is, however late that is."""
        path.write_bytes(dump)
        os.utime(path, (self.made_at, self.made_at))
        return path


@pytest.fixture(scope="module")
def backups(engine: docker.DockerClient, shared_bench: Workbench, tmp_path_factory: pytest.TempPathFactory) -> Backups:
    """Fill a production of each series, dump it in every manner and take its baseline."""
    del engine
    schema = tmp_path_factory.mktemp("schema") / "app.sql"
    schema.write_text(_SCHEMA)

    def made(series: str) -> tuple[dict[tuple[str, str], bytes], bytes]:
        with Production.started(series=series, binary_log=False, settings={"event-scheduler": "OFF"}) as production:
            production.run_sql_file(schema)
            dumps = {}
            for name, options in _DUMPS.items():
                command = [*_DUMP.split(), *options.split()]
                status, (printed, complained) = production.container.exec_run(command, user="root", demux=True)
                assert status == 0, complained
                dumps[series, name] = bytes(printed)
            kept = shared_bench.folder / f"{series}.baseline.json"
            url = f"mariadb://auditor@127.0.0.1:{production.port}/app"
            ran = shared_bench.drtool(
                "baseline",
                url,
                "--grants",
                "--connections",
                "1",
                "--out",
                kept,
                environment={"DRTOOL_DB_PASSWORD": _PASSWORD},
            )
            assert ran.code == 0, ran
            return dumps, kept.read_bytes()

    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(made, _SERIES))
    return Backups(
        dumps={name: dump for dumps, _ in both for name, dump in dumps.items()},
        baselines=dict(zip(_SERIES, (baseline for _, baseline in both), strict=True)),
        made_at=time.time(),
    )


def _with_baseline(
    bench: Workbench, backups: Backups, series: str, manner: str, name: str, arguments: str = ""
) -> Path:
    """Write a dump with its series' baseline beside it, and a scenario that restores it and compares."""
    backup = backups.write(bench.folder / f"{name}.sql", backups.dumps[series, manner])
    lay_beside(backup, backups.baselines[series])
    body = f"""
    db = drill.restore_mariadb(drill.backup({str(backup)!r}), database="app"{arguments})
    db.check_baseline()
    db.check("events are off", "SELECT @@event_scheduler", equals="OFF")
    if {"version" in arguments}:  # a column of the system tables that 11.3 brought
        db.check("system tables are new", "SELECT COUNT(Show_create_routine_priv) FROM mysql.db", at_least=1)
    """
    return bench.scenario(body, name=name)


def _verify(bench: Workbench, backups: Backups, name: str, dump: bytes, *options: str) -> Ran:
    backup = backups.write(bench.folder / f"{name}.sql", dump)
    return bench.drtool("verify", backup, "--database", "app", "--profile", "fast", "--json", *options)


_GUEST = (
    'INSERT INTO mysql.global_priv VALUES (\'%\', \'guest\', \'{"access":0,"plugin":"mysql_native_password",'
    '"authentication_string":""}\'); FLUSH PRIVILEGES;'
)
_NO_TABLE_OF_GRANTS = "DROP TABLE mysql.tables_priv; CREATE TABLE mysql.tables_priv (a INT);"
_VIEW = "CREATE DEFINER = reporting@'%' VIEW app.recent AS SELECT id FROM app.orders;"


# An administrator whom neither the sandbox's server nor PyMySQL can check, in force once somebody flushes.
_ADMINISTRATOR = b"""REPLACE INTO mysql.global_priv VALUES ('localhost', 'root',
  '{"access":18446744073709551615,"plugin":"ed25519","authentication_string":"ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY"}');
"""
_FLUSH = b"/*! FLUSH PRIVILEGES */;"
_HEADER = "-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64)\n"
_IN_PIECES = {
    "accounts.sql": f"{_HEADER}GRANT ALL PRIVILEGES ON *.* TO root@localhost IDENTIFIED BY 'r-21';\n",
    "grants.sql": "CREATE USER teller@'%' IDENTIFIED BY 't-22';\nGRANT SELECT ON app.* TO teller@'%';\n",
    "rows.sql": f"{_HEADER}INSERT INTO `orders` VALUES (1), (2);\n",
    "schema.sql": f"{_HEADER}CREATE TABLE `orders` (`id` INT PRIMARY KEY);\n",
    "users.sql": f"{_HEADER}CREATE USER usher@localhost IDENTIFIED BY 'u-23';\n",
}


def _in_pieces(bench: Workbench) -> Path:
    folder = bench.folder / "in-pieces"
    folder.mkdir()
    for name, content in _IN_PIECES.items():
        end = "-- Dump completed on 2026-11-24  3:00:00\n" if content.startswith(_HEADER) else ""
        (folder / name).write_text(content + end)
    return folder


def _drills(bench: Workbench, backups: Backups) -> dict[str, Callable[[], Ran]]:
    dumps = backups.dumps
    assert dumps["10.11", "all"].count(_FLUSH) == 1
    unflushed = dumps["10.11", "all"].replace(_FLUSH, _ADMINISTRATOR)
    backups.dumps["10.5", "all"] = dumps["10.5", "all"].replace(_FLUSH, b"")  # as a plain --all-databases is
    pieces = _in_pieces(bench)

    def scenario(name: str, series: str, manner: str, arguments: str = "") -> Callable[[], Ran]:
        script = _with_baseline(bench, backups, series, manner, name, arguments)
        return lambda: bench.drtool("run", script, "--profile", "fast", "--json")

    orphaned = dumps["10.11", "all"].replace(b"`clerk`@`10.0.%`*/ /*!50003 TRIGGER", b"`gone`@`%`*/ /*!50003 TRIGGER")
    assert orphaned != dumps["10.11", "all"]
    return {
        "rehearsal": scenario("rehearsal", "10.5", "with users", ', version="11.8"'),
        "rehearsal of all": scenario("rehearsal_of_all", "10.11", "all", ', version="11.8"'),
        "system tables": lambda: _verify(bench, backups, "system-tables", dumps["10.5", "all"], "--into", "11.8"),
        "upgrade fails": lambda: _verify(
            bench,
            backups,
            "upgrade-fails",
            before_trailer(dumps["10.5", "one database"], _NO_TABLE_OF_GRANTS),
            "--into",
            "10.11",
        ),
        "older": lambda: _verify(bench, backups, "older", dumps["10.11", "one database"], "--into", "10.5"),
        "another image": lambda: _verify(
            bench, backups, "another", dumps["10.5", "one database"], "--into=11.8", "--image=drtool/mariadb:10.11"
        ),
        "administrator": lambda: _verify(bench, backups, "administrator", unflushed, "--into", "11.8"),
        "in pieces": lambda: bench.drtool(
            "verify", f"{pieces}/", "--database", "app", "--into", "11.8", "--profile", "fast", "--json"
        ),
        "own series": scenario("own_series", "10.5", "all"),
        "users in the way": lambda: _verify(bench, backups, "in-the-way", dumps["10.5", "with users in the way"]),
        "no accounts": lambda: _verify(bench, backups, "no-accounts", dumps["10.5", "one database"], "--into", "10.11"),
        "grants missing": scenario("grants_missing", "10.11", "one database"),
        "definer missing": lambda: _verify(bench, backups, "definer-missing", orphaned),
        "guest": lambda: _verify(bench, backups, "guest", before_trailer(dumps["10.11", "all"], _GUEST)),
        "from elsewhere": lambda: _verify(
            bench,
            backups,
            "elsewhere",
            before_trailer(dumps["10.11", "one database"], _VIEW),
            "--account",
            "reporting@%",
        ),
        "events": lambda: bench.drtool("run", _events(bench, backups), "--profile", "fast", "--json"),
    }


def _events(bench: Workbench, backups: Backups) -> Path:
    backup = backups.write(bench.folder / "with-events.sql", backups.dumps["10.11", "with users"])
    body = f"""
    import time
    db = drill.restore_mariadb(drill.backup({str(backup)!r}), events=True)
    time.sleep(1.5)
    db.check("the event has run", "SELECT COUNT(*) FROM app.log WHERE id = 3", equals=1)
    """
    return bench.scenario(body, name="with_events")


@pytest.fixture(scope="module")
def drills(shared_bench: Workbench, backups: Backups) -> dict[str, Future[Ran]]:
    """Carry out all drills of this module, two at a time."""
    pool = ThreadPoolExecutor(2)
    return {name: pool.submit(drill) for name, drill in _drills(shared_bench, backups).items()}


def _observed(record: DrillRecord, name: str) -> str:
    (check,) = [check for check in record.checks if check.name == name]
    return check.observed


@pytest.mark.parametrize("name", ["rehearsal", "rehearsal of all"])
def test_upgrade_rehearsal_restores_into_the_newer_server_and_counts_the_upgrade(
    drills: dict[str, Future[Ran]], name: str
) -> None:
    ran = drills[name].result()
    assert ran.code == 0, ran
    record = ran.record
    assert record.findings == ()
    assert not any("FLUSH PRIVILEGES" in text for text in record.deviations)
    assert record.sandbox is not None
    (container,) = record.sandbox.containers
    assert container.requested_series == "11.8"
    assert container.server_version is not None
    assert container.server_version.startswith("11.8.")
    (upgrade,) = [step for step in record.steps if step.phase is Phase.START]
    assert upgrade.counted
    assert upgrade.elapsed_seconds > 0.1
    assert _observed(record, "upgrade is complete") == "nothing left to upgrade"
    assert not [text for text in record.deviations if "made by" in text]


@pytest.mark.parametrize("name", ["administrator", "in pieces"])
def test_accounts_that_keep_root_out_stop_neither_the_load_nor_the_upgrade(
    drills: dict[str, Future[Ran]], name: str
) -> None:
    ran = drills[name].result()
    assert ran.code == 0, ran
    assert _observed(ran.record, "upgrade is complete") == "nothing left to upgrade"
    assert any("replaced the server's accounts" in text for text in ran.record.deviations)


def test_system_tables_of_an_older_series_are_told_from_a_damaged_dump(drills: dict[str, Future[Ran]]) -> None:
    ran = drills["system tables"].result()
    assert ran.code == 1, ran
    assert [found.code for found in ran.record.findings] == ["system-tables-differ"]


def test_upgrade_that_fails_fails_the_drill_and_names_its_phase(drills: dict[str, Future[Ran]]) -> None:
    ran = drills["upgrade fails"].result()
    assert ran.code == 1, ran
    record = ran.record
    assert [found.code for found in record.findings] == ["state-unknown", "upgrade-failed"]
    assert "FLUSH PRIVILEGES failed" in record.findings[0].message
    assert "in its phase 'Running 'mysql_fix_privilege_tables'" in record.findings[1].message
    assert record.rto.actual_seconds is None


def test_no_backup_is_restored_into_an_older_server(drills: dict[str, Future[Ran]]) -> None:
    ran = drills["older"].result()
    assert ran.code == 3, ran
    assert [found.code for found in ran.record.findings] == ["version-older"]


def test_an_image_of_another_series_than_was_asked_for_rehearses_nothing(drills: dict[str, Future[Ran]]) -> None:
    ran = drills["another image"].result()
    assert (ran.code, [found.code for found in ran.record.findings]) == (3, ["image-of-another-series"]), ran


def test_accounts_roles_and_grants_of_all_databases_are_those_of_the_baseline(drills: dict[str, Future[Ran]]) -> None:
    ran = drills["own series"].result()
    assert ran.code == 0, ran
    assert ran.record.findings == ()
    assert any("FLUSH PRIVILEGES was done before the checks" in text for text in ran.record.deviations)
    assert _observed(ran.record, "definers exist") == "every one is there"


def test_accounts_that_a_new_server_has_already_are_named_as_what_stops_the_dump(
    drills: dict[str, Future[Ran]],
) -> None:
    ran = drills["users in the way"].result()
    assert ran.code == 1, ran
    assert [found.code for found in ran.record.findings] == ["accounts-in-the-way"]


def test_dump_of_one_database_is_no_worse_for_bringing_no_accounts(drills: dict[str, Future[Ran]]) -> None:
    ran = drills["no accounts"].result()
    assert ran.code == 0, ran
    assert ran.record.findings == ()
    told = _observed(ran.record, "definers exist")
    assert told.startswith("the backup brings no accounts")
    assert "chief@localhost, clerk@10.0.%" in told
    assert "trigger app.noted" in told


def test_missing_accounts_and_grants_are_named_against_a_baseline(drills: dict[str, Future[Ran]]) -> None:
    ran = drills["grants missing"].result()
    assert ran.code == 1, ran
    found = {one.code: one.message for one in ran.record.findings}
    assert set(found) == {"account-missing", "grant-missing"}
    assert "shop_app@%" in found["account-missing"]
    assert "writer" in found["account-missing"]
    assert "'clerk'@'10.0.%'" in found["grant-missing"]


def test_missing_definer_in_a_backup_with_accounts_fails_the_drill(drills: dict[str, Future[Ran]]) -> None:
    ran = drills["definer missing"].result()
    assert ran.code == 1, ran
    assert ran.record.findings == ()
    failed = [check.name for check in ran.record.checks if check.outcome is Verdict.FAILED]
    assert failed == ["definers exist"]
    assert "(gone@%): trigger app.noted" in _observed(ran.record, "definers exist")


def test_restored_account_without_a_password_is_named_and_those_of_the_sandbox_are_not(
    drills: dict[str, Future[Ran]],
) -> None:
    ran = drills["guest"].result()
    assert ran.code == 0, ran
    (found,) = ran.record.findings
    assert found.code == "account-without-password"
    assert found.message.endswith("without a password: guest@%.")


def test_account_from_elsewhere_makes_what_runs_as_it_work(drills: dict[str, Future[Ran]]) -> None:
    ran = drills["from elsewhere"].result()
    assert ran.code == 0, ran
    assert ran.record.findings == ()
    assert any("reporting@%" in text for text in ran.record.assumptions)


def test_events_run_only_where_the_scenario_asks_for_them(drills: dict[str, Future[Ran]]) -> None:
    ran = drills["events"].result()
    assert ran.code == 0, ran
    assert any("events ran once it was restored" in text for text in ran.record.assumptions)


def test_no_password_nor_its_hash_is_in_baselines_or_evidence(
    drills: dict[str, Future[Ran]], backups: Backups, shared_bench: Workbench
) -> None:
    for drill in drills.values():
        drill.result()
    hashes = {line.split(b"'")[1] for line in backups.dumps["10.5", "with users"].split(b"BY PASSWORD ")[1:]}
    assert len(hashes) >= 3
    kept = shared_bench.evidence() + b"".join(backups.baselines.values())
    assert not [one for one in hashes if one in kept]
