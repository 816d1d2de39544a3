"""Point-in-time recovery: a dump, and binary logs up to a moment of a shop that never stopped writing."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta

import pytest

from drtool.record.steps import Phase
from drtool.record.verdicts import Effect, Verdict
from fixtures.faults.packing import unpacked
from fixtures.shop.accounts import Account
from fixtures.shop.backups import copy_binary_logs, dump_database
from fixtures.shop.data import fill
from fixtures.shop.physical import PhysicalJob
from fixtures.shop.production import Production
from fixtures.truth.point_in_time import KINDS, Past, past, recover
from tests.e2e.workbench import Workbench

PERSONAL = "jane.doe@example.org"


@pytest.fixture(scope="module")
def lived() -> Iterator[Past]:
    """The past of a shop that was written to for some seconds, with a moment of each kind."""
    with past(seed=103, targets=len(KINDS)) as found:
        yield found


@pytest.mark.parametrize("number", range(len(KINDS)), ids=KINDS)
def test_what_was_acknowledged_before_the_target_is_there_and_nothing_after_it(lived: Past, number: int) -> None:
    came = recover(lived, lived.moments[number])
    assert came.faults == ()
    assert came.must > 0
    assert came.must_not > 0
    assert came.transactions > 0


def test_what_cannot_be_replayed_fails_each_with_its_code_and_quotes_no_value(bench: Workbench, lived: Past) -> None:
    lacking, bare = bench.folder / "lacking.sql", bench.folder / "bare.sql"
    lacking.write_bytes(unpacked(lived.dump.read_bytes()).replace(b"`heartbeat`", b"`heartbeats`"))
    bare.write_text("CREATE DATABASE shop;\nCREATE TABLE shop.orders (id INT);\n")
    body = f"""
        def replay(into, until=None):
            try:
                drill.replay_binlogs({str(lived.logs / "binlog.*")!r}, until=until, into=into)
            except DrtoolError:
                pass

        for name, dump in (("lacking", {str(lacking)!r}), ("bare", {str(bare)!r})):
            db = drill.restore_mariadb(drill.backup(dump), name=name)
            for until in ("0-1-99999", "7-1-1", None):
                replay(db, until)
    """
    ran = bench.drtool("run", bench.scenario(body), "--json")
    assert ran.code == 1, ran
    found = {one.code: one for one in ran.record.findings if one.effect is Effect.FAILED}
    assert "one can get to GTID 0-1-" in found["replay-target-not-reached"].message
    assert "domains in the logs: 0" in found["gtid-of-another-domain"].message
    assert re.search(r"at GTID 0-1-\d+.* 1146 .*: shop.heartbeat", found["replay-failed"].message)
    assert "bare" in found["backup-without-log-position"].message
    assert len([step for step in ran.record.steps if step.phase is Phase.REPLAY]) == 1


def test_a_last_log_cut_inside_an_event_is_replayed_as_far_as_it_goes_and_the_drill_fails(
    bench: Workbench, lived: Past
) -> None:
    logs = bench.folder / "logs"
    shutil.copytree(lived.logs, logs)
    last = sorted(logs.iterdir())[-1]
    last.write_bytes(last.read_bytes()[:-30])
    body = f"""
        drill.restore_mariadb(drill.backup({str(lived.dump)!r}))
        drill.replay_binlogs({str(logs / "binlog.[0-9]*")!r})
    """
    ran = bench.drtool("run", bench.scenario(body, targets='rpo="1h"'), "--json")
    assert ran.code == 1, ran
    assert [one.code for one in ran.record.findings if one.effect is Effect.FAILED] == ["binary-log-truncated"]
    used = next(one for one in ran.record.rpo.evidence if one.used)
    assert used.rank == 2
    assert used.recovery_point >= lived.moments[-1].after.replace(microsecond=0)
    assert ran.record.rpo.verdict is Verdict.PASSED
    read = [one for one in ran.record.backups if one.format == "binary log"]
    assert all(one.sha256 and one.resource == "db" and one.header["replayed to"] for one in read)
    replay = next(step for step in ran.record.steps if step.phase is Phase.REPLAY)
    assert replay.counted
    assert re.search(r"from binlog\.\d+:\d+ \(0-1-\d+\)", replay.name)  # the GTID stands at the dump's end
    assert replay.size_bytes


def test_a_replay_of_one_database_leaves_the_recovery_point_where_the_others_are(bench: Workbench, lived: Past) -> None:
    two = bench.folder / "two.sql"
    crm = b"\nCREATE DATABASE crm;\nCREATE TABLE crm.people (id INT PRIMARY KEY);\n-- Dump completed"
    two.write_bytes(unpacked(lived.dump.read_bytes()).replace(b"\n-- Dump completed", crm))
    body = f"""
        for name, dump in (("one", {str(lived.dump)!r}), ("two", {str(two)!r})):
            db = drill.restore_mariadb(drill.backup(dump), name=name)
            drill.replay_binlogs({str(lived.logs / "binlog.*")!r}, into=db, database="shop")
            db.check_freshness("SELECT MAX(ts) FROM shop.heartbeat")
    """
    ran = bench.drtool("run", bench.scenario(body, targets='rpo="1h"'), "--profile", "fast", "--json")
    assert ran.code == 0, ran
    used = {entry.resource: entry for entry in ran.record.rpo.evidence if entry.used}
    own = next(entry for entry in ran.record.rpo.evidence if (entry.resource, entry.rank) == ("two", 3))
    assert (used["one"].rank, used["one"].latest) == (1, None)
    assert used["one"].recovery_point > (own.latest or own.recovery_point)
    assert used["two"].recovery_point <= own.recovery_point
    assert any("with them the recovery point, stay crm" in one for one in ran.record.deviations)


def test_logs_that_were_written_after_the_disaster_may_not_have_been_there(bench: Workbench, lived: Past) -> None:
    logs, dump, at = bench.folder / "logs", bench.folder / lived.dump.name, lived.moments[-1].before
    shutil.copytree(lived.logs, logs)
    shutil.copy2(lived.dump, dump)
    body = f"""
        drill.restore_mariadb(drill.backup({str(dump)!r}))
        drill.replay_binlogs({str(logs / "binlog.*")!r})
    """
    script = bench.scenario(body, targets='rpo="1s"')
    for written, verdict in ((at, "passed"), (at + timedelta(minutes=2), "unverified")):
        for log in logs.iterdir():
            os.utime(log, (written.timestamp(), written.timestamp()))
        ran = bench.drtool("run", script, "--profile", "fast", "--json", "--at", at.isoformat())
        assert ran.record.rpo.verdict == verdict, ran
        assert any("after the disaster" in one for one in ran.record.deviations) == (verdict == "unverified")


@pytest.mark.parametrize("series", ["10.5", pytest.param("11.8", marks=pytest.mark.long)])
def test_recovery_to_just_before_a_bad_statement_keeps_all_before_it_and_nothing_else(
    bench: Workbench, series: str
) -> None:
    with Production.started(series=series) as production:
        fill(production, scale=1)
        connection = production.connect(Account.ROOT, "shop")
        with connection.cursor() as cursor:
            dump = dump_database(production, bench.folder)
            cursor.execute("SET SESSION binlog_format = STATEMENT")
            cursor.execute("UPDATE customers SET note = CONCAT('before, by statement ', %s) WHERE id = 1", (PERSONAL,))
            cursor.execute("SET SESSION binlog_format = ROW")
            cursor.execute("FLUSH BINARY LOGS")
            cursor.execute("INSERT INTO heartbeat (id) VALUES (900001)")
            cursor.execute("DELETE FROM page_views /* " + PERSONAL + " */")
            cursor.execute("INSERT INTO heartbeat (id) VALUES (900002)")
        connection.close()
        logs = bench.folder / "logs"
        copy_binary_logs(production, logs, flush=False)
    body = f"""
        logs = {str(logs / "binlog.*")!r}
        bad = drill.find_statement(logs, "delete without where", table="shop.*")
        db = drill.restore_mariadb(drill.backup({str(dump)!r}))
        drill.replay_binlogs(logs, until=bad)
        db.check("before, by statement", "SELECT COUNT(*) FROM shop.customers WHERE note LIKE 'before%'", equals=1)
        db.check("before, by rows", "SELECT COUNT(*) FROM shop.heartbeat WHERE id = 900001", equals=1)
        db.check("the bad statement", "SELECT COUNT(*) FROM shop.page_views", at_least=1)
        db.check("after", "SELECT COUNT(*) FROM shop.heartbeat WHERE id = 900002", equals=0)
    """
    ran = bench.drtool("run", bench.scenario(body), "--json")
    assert ran.code == 0, ran
    (check,) = [one for one in ran.record.checks if one.name == "binary logs are replayed to the target"]
    assert "DELETE without WHERE shop.page_views" in check.question
    assert PERSONAL.encode() not in bench.evidence()
    assert PERSONAL not in ran.stdout + ran.stderr


@pytest.mark.long
def test_a_physical_backup_is_brought_forward_and_one_database_can_be_replayed_alone(bench: Workbench) -> None:
    with Production.started() as production:
        fill(production, scale=1)
        connection = production.connect(Account.ROOT)
        with connection.cursor() as cursor:
            full = PhysicalJob(production, bench.folder).full()
            dump = dump_database(production, bench.folder)
            cursor.execute("CREATE DATABASE elsewhere")
            cursor.execute(f"CREATE TABLE elsewhere.people (email VARCHAR(190) COMMENT '{PERSONAL}')")
            cursor.execute("FLUSH BINARY LOGS")
            cursor.execute("INSERT INTO elsewhere.people VALUES (%s)", (PERSONAL,))
            cursor.execute("INSERT INTO shop.heartbeat (id) VALUES (900001)")
        connection.close()
        copy_binary_logs(production, bench.folder / "logs")
    logs = str(bench.folder / "logs" / "binlog.*")
    body = f"""
        whole = drill.restore_mariadb(drill.backup({str(full)!r}), name="whole")
        drill.replay_binlogs({logs!r}, into=whole)
        whole.check("people", "SELECT COUNT(*) FROM elsewhere.people", equals=1)
        shop = drill.restore_mariadb(drill.backup({str(dump)!r}), name="shop")
        drill.replay_binlogs({logs!r}, into=shop, database="shop")
        for db in (whole, shop):
            db.check("beat", "SELECT COUNT(*) FROM shop.heartbeat WHERE id = 900001", equals=1)
        there = "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = 'elsewhere'"
        shop.check("no people", there, equals=0)
    """
    ran = bench.drtool("run", bench.scenario(body), "--json")
    assert ran.code == 0, ran
    assert {one.resource for one in ran.record.rpo.evidence if one.used and one.rank == 2} == {"whole", "shop"}
    assert PERSONAL.encode() not in bench.evidence()
