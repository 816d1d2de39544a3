"""The sample production keeps its promises: what the tests of everything else are measured against."""

from __future__ import annotations

import gzip
import json
import lzma
import os
import signal
import socket
import stat
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import docker
import pymysql
import pytest
import zstandard

from drtool.host.owner import Owner
from drtool.sandbox.engine import Engine
from drtool.sandbox.reaper import reap
from fixtures.shop.accounts import Account
from fixtures.shop.backups import BackupFailed, archive_uploads, dump_database
from fixtures.shop.compression import Compression
from fixtures.shop.container import LABEL, OWNER_LABEL, remove_leftovers
from fixtures.shop.data import INITIAL_STOCK, fill
from fixtures.shop.production import Production
from fixtures.shop.uploads import make_uploads
from fixtures.shop.writer_log import Kind, read_log
from fixtures.shop.writer_process import WriterProcess
from tests import pace

BASE = datetime.now(UTC) - timedelta(days=1)
OPENERS: dict[Compression, Callable[[Path, str], Any]] = {
    Compression.NONE: open,
    Compression.GZIP: gzip.open,
    Compression.ZSTD: zstandard.open,
    Compression.XZ: lzma.open,
}
PROGRAMS = {".sql": "cat", ".gz": "gzip -dc", ".zst": "zstd -dcq", ".xz": "xz -dcq"}


@pytest.fixture(scope="module")
def production(engine: docker.DockerClient) -> Iterator[Production]:
    """A filled production; tests may add to it, and none takes anything away."""
    del engine  # says what is missing where there is none
    with Production.started() as started:
        fill(started, seed=7, base=BASE)
        yield started


@pytest.fixture(scope="module")
def _elsewhere(engine: docker.DockerClient) -> Iterator[Production]:
    del engine
    with Production.started() as started:
        yield started


@pytest.fixture
def elsewhere(_elsewhere: Production) -> Iterator[Production]:
    """A second server, without a shop."""
    yield _elsewhere
    ask(_elsewhere, "DROP DATABASE IF EXISTS shop")


def ask(production: Production, query: str, account: Account = Account.ROOT) -> list[tuple[Any, ...]]:
    connection = production.connect(account)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())
    finally:
        connection.close()


def load(backup: Path, production: Production) -> None:
    """Load a dump by hand, as a sysadmin would."""
    production.put({"backup": backup.read_bytes()})
    client = "mariadb --defaults-file=/root/root.cnf --default-character-set=utf8mb4"
    script = f"set -o pipefail; {PROGRAMS[backup.suffix]} < /root/backup | {client}"
    ran = production.run(["bash", "-c", script])
    assert ran.status == 0, ran.output


def state(production: Production) -> dict[str, Any]:
    """Return a digest of every table and the text of everything else in the shop."""
    queries = {
        "routines": "SELECT routine_name, routine_definition, definer FROM information_schema.routines "
        "WHERE routine_schema = 'shop' ORDER BY 1",
        "triggers": "SELECT trigger_name, action_statement FROM information_schema.triggers "
        "WHERE trigger_schema = 'shop' ORDER BY 1",
        "events": "SELECT event_name, event_definition FROM information_schema.events WHERE event_schema = 'shop'",
        "views": "SELECT table_name, view_definition FROM information_schema.views WHERE table_schema = 'shop'",
        "sequence": "SELECT next_not_cached_value FROM shop.order_numbers",
    }
    connection = production.connect(Account.ROOT)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW FULL TABLES FROM shop WHERE table_type = 'BASE TABLE'")
            for table, _ in cursor.fetchall():
                queries[table] = f"CHECKSUM TABLE shop.{table} EXTENDED"
                queries[f"{table} rows"] = f"SELECT COUNT(*) FROM shop.{table}"
            return {name: cursor.execute(query) and cursor.fetchall() for name, query in queries.items()}
    finally:
        connection.close()


def wait_for(log: Path, kind: Kind, *, count: int = 1, after: datetime = BASE) -> None:
    """Wait until a writer was told that so many of a kind are kept which it sent after an instant."""
    deadline = time.monotonic() + pace.seconds(60)
    while True:
        kept = [one for one in read_log(log) if one.kind is kind and one.acknowledged_at and one.sent_at > after]
        if len(kept) >= count:
            return
        assert time.monotonic() < deadline, f"no {count} {kind}s within a minute"
        time.sleep(0.05)


def test_a_dump_of_the_full_shop_has_every_kind_of_thing(production: Production) -> None:
    found = state(production)
    assert len([name for name in found if name.endswith(" rows") and found[name][0][0] > 0]) == 8
    assert [len(found[kind]) for kind in ("routines", "triggers", "events", "views")] == [2, 3, 1, 1]
    ((four_byte,),) = ask(production, "SELECT COUNT(*) FROM shop.customers WHERE name LIKE '🦊%'")
    assert four_byte > 0


@pytest.mark.parametrize("compression", list(Compression))
def test_a_dump_comes_back_equal_in_another_server(
    production: Production, elsewhere: Production, compression: Compression, tmp_path: Path
) -> None:
    backup = dump_database(production, tmp_path, compression=compression)
    assert [path.name for path in tmp_path.iterdir()] == [backup.name]
    load(backup, elsewhere)
    assert state(elsewhere) == state(production)


def test_the_same_seed_and_base_give_the_same_data_and_another_seed_does_not(elsewhere: Production) -> None:
    made = []
    for seed in (7, 7, 8):
        ask(elsewhere, "DROP DATABASE IF EXISTS shop")
        fill(elsewhere, seed=seed, base=BASE)
        made.append(state(elsewhere))
    assert made[0] == made[1]
    changed = {name for name in made[0] if made[0][name] != made[2][name]}
    assert {"customers", "products", "orders", "order_items", "sessions", "page_views"} <= changed
    assert "customers rows" not in changed


def test_a_dump_says_position_and_gtid_and_is_named_after_its_start_in_utc(
    production: Production, tmp_path: Path
) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    backup = dump_database(production, tmp_path)
    text = zstandard.open(backup, "rt", encoding="utf-8").read()
    started = datetime.strptime(backup.name, "db-%Y%m%dT%H%M%SZ.sql.zst").replace(tzinfo=UTC)
    assert before <= started <= datetime.now(UTC)
    assert "-- CHANGE MASTER TO MASTER_LOG_FILE='binlog." in text
    assert "-- SET GLOBAL gtid_slave_pos='0-1-" in text
    assert text.rstrip().splitlines()[-1].startswith("-- Dump completed")


def test_a_dump_taken_while_the_shop_writes_holds_whole_orders_and_all_acknowledged_before_it(
    production: Production, elsewhere: Production, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with WriterProcess.started(production, log, rate=300):
        wait_for(log, Kind.ORDER)
        began = datetime.now(UTC)
        backup = dump_database(production, tmp_path / "backups")
        ended = datetime.now(UTC)
        wait_for(log, Kind.ORDER, after=ended)
    load(backup, elsewhere)
    wrong = (
        "SELECT COUNT(*) FROM shop.orders o WHERE total <> shop.order_total(id)",
        "SELECT COUNT(*) FROM shop.orders o WHERE NOT EXISTS (SELECT 1 FROM shop.order_items WHERE order_id = o.id)",
        "SELECT COUNT(*) FROM shop.orders o WHERE NOT EXISTS (SELECT 1 FROM shop.audit WHERE subject = o.id)",
        f"SELECT {INITIAL_STOCK} * COUNT(*) - SUM(stock) - (SELECT SUM(quantity) FROM shop.order_items) "
        "FROM shop.products",
    )
    assert [ask(elsewhere, query) for query in wrong] == [[(0,)]] * 4
    restored = {order for (order,) in ask(elsewhere, "SELECT id FROM shop.orders")}
    orders = [attempt for attempt in read_log(log) if attempt.kind is Kind.ORDER]
    before = {attempt.key for attempt in orders if attempt.acknowledged_at and attempt.acknowledged_at < began}
    after = {attempt.key for attempt in orders if attempt.sent_at > ended}
    assert before
    assert after
    assert before <= restored
    assert not after & restored


def test_an_archive_taken_while_uploads_arrive_keeps_everything_about_them(
    production: Production, tmp_path: Path
) -> None:
    uploads = make_uploads(tmp_path / "uploads", base=BASE)
    log = tmp_path / "log"
    with WriterProcess.started(production, log, uploads=uploads.folder, rate=300):
        wait_for(log, Kind.UPLOAD)
        began = datetime.now(UTC)
        archive = archive_uploads(uploads.folder, tmp_path / "backups")
    with zstandard.open(archive, "rb") as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
        members = {os.fsencode(member.name.removeprefix("./")): member for member in tar}
    arrived = [
        os.fsencode(str(attempt.key))
        for attempt in read_log(log)
        if attempt.kind is Kind.UPLOAD and attempt.acknowledged_at and attempt.acknowledged_at < began
    ]
    assert arrived
    assert set(arrived) <= set(members)
    assert not [name for name in members if name.endswith(b".part")]
    assert {b"odd/line\nbreak.txt", b"odd/latin1-\xfc\xe9.txt", b"odd/-rf", b"odd/empty folder"} <= set(members)
    assert members[b"odd/sparse.img"].issparse()
    assert members[b"links/to nothing"].linkname == "no such file"
    assert sum(members[name].islnk() for name in members if name.startswith(b"links/")) == 2
    assert members[b"modes/mode-0400"].mode == 0o400
    if uploads.owned_by_others:
        assert (members[b"owned/of-33-33"].uid, members[b"owned/of-33-33"].uname) == (33, "")
    if uploads.extended_attributes:
        assert "SCHILY.xattr.user.origin" in members[b"attributes/labelled.txt"].pax_headers


@pytest.mark.parametrize("compression", list(Compression))
def test_an_archive_is_whole_however_it_is_compressed(compression: Compression, tmp_path: Path) -> None:
    uploads = make_uploads(tmp_path / "uploads", base=BASE)
    archive = archive_uploads(uploads.folder, tmp_path / "backups", compression=compression)
    with OPENERS[compression](archive, "rb") as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
        files = [member for member in tar if member.isreg() or member.islnk()]
    assert len(files) == uploads.files


def test_a_writer_that_is_told_to_stop_leaves_nothing_in_doubt(production: Production, tmp_path: Path) -> None:
    ((newest_before,),) = ask(production, "SELECT MAX(id) FROM shop.orders")
    ((newest_beat,),) = ask(production, "SELECT MAX(id) FROM shop.heartbeat")
    with WriterProcess.started(production, tmp_path / "log", rate=200) as writer:
        wait_for(tmp_path / "log", Kind.HEARTBEAT, count=2)
        wait_for(tmp_path / "log", Kind.ORDER)
        status, said = writer.stop()
    assert (status, "0 in doubt" in said) == (0, True)
    attempts = read_log(tmp_path / "log")
    assert not [attempt for attempt in attempts if attempt.in_doubt]
    written = ask(
        production, f"SELECT order_id, COUNT(*) FROM shop.order_items WHERE order_id > {newest_before} GROUP BY 1"
    )
    assert dict(written) == {one.key: one.lines for one in attempts if one.kind is Kind.ORDER}
    beats = ask(production, f"SELECT id FROM shop.heartbeat WHERE id > {newest_beat}")
    assert {beat for (beat,) in beats} == {one.key for one in attempts if one.kind is Kind.HEARTBEAT}
    assert len(beats) >= 2


def test_it_has_no_network_and_a_door_on_this_host_leads_to_it(production: Production) -> None:
    production.container.reload()
    assert production.container.attrs["HostConfig"]["NetworkMode"] == "none"
    assert ask(production, "SELECT CURRENT_USER()", Account.READER) == [("readonly@%",)]
    option_file = str(production.option_file(Account.READER))
    for _ in range(2):
        with pymysql.connect(read_default_file=option_file) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT CURRENT_USER(), REPEAT('x', 3000000)")
            assert cursor.fetchall() == (("readonly@%", "x" * 3_000_000),)


@pytest.mark.long
def test_one_that_was_started_by_hand_has_its_door_for_as_long_as_it_is_there(
    engine: docker.DockerClient, tmp_path: Path
) -> None:
    del engine
    shop = [sys.executable, "-m", "fixtures.shop"]
    state = ["--state", str(tmp_path / "shop")]
    started = subprocess.run([*shop, "start", *state], capture_output=True, text=True, check=True)
    assert len(started.stdout.splitlines()) == 3
    reader = tmp_path / "shop" / f"{Account.READER}.cnf"
    subprocess.run([*shop, "write", *state, "--for", "1s"], check=True, capture_output=True)
    with pymysql.connect(read_default_file=str(reader)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT @@hostname")
    assert read_log(tmp_path / "shop" / "writer.log")
    subprocess.run([*shop, "stop", *state], check=True, capture_output=True)
    deadline = time.monotonic() + pace.seconds(10)
    while listens(connection.port):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def test_a_killed_server_keeps_all_that_was_acknowledged_and_at_most_one_commit_is_in_doubt(
    engine: docker.DockerClient, tmp_path: Path
) -> None:
    del engine
    with Production.started() as doomed:
        fill(doomed, base=BASE)
        ((newest_before,),) = ask(doomed, "SELECT MAX(id) FROM shop.orders")
        with WriterProcess.started(doomed, tmp_path / "log", rate=1000) as writer:
            wait_for(tmp_path / "log", Kind.ORDER, count=10)
            doomed.kill()
            status, said = writer.wait(20)
        assert status != 0
        assert "The writer lost its server" in said
        assert "Traceback" not in said
        doomed.start_again()
        orders = [attempt for attempt in read_log(tmp_path / "log") if attempt.kind is Kind.ORDER]
        acknowledged = {one.key: one.lines for one in orders if not one.in_doubt}
        in_doubt = {one.key: one.lines for one in orders if one.in_doubt}
        kept = dict(
            ask(doomed, f"SELECT order_id, COUNT(*) FROM shop.order_items WHERE order_id > {newest_before} GROUP BY 1")
        )
        assert acknowledged
        assert len(in_doubt) <= 1
        assert acknowledged.items() <= kept.items()
        assert kept.items() <= (acknowledged | in_doubt).items()
        # Started again it is as good as before.
        with WriterProcess.started(doomed, tmp_path / "log again"):
            pass


def test_a_dump_that_fails_anywhere_in_its_pipe_leaves_nothing_behind(elsewhere: Production, tmp_path: Path) -> None:
    fill(elsewhere, base=BASE)
    elsewhere.run(["mv", "/usr/bin/xz", "/usr/bin/xz.away"])
    try:
        with pytest.raises(BackupFailed, match="xz: command not found"):
            dump_database(elsewhere, tmp_path, compression=Compression.XZ)
    finally:
        elsewhere.run(["mv", "/usr/bin/xz.away", "/usr/bin/xz"])
    ask(elsewhere, "CREATE VIEW shop.of_nothing AS SELECT path FROM shop.page_views")
    ask(elsewhere, "DROP TABLE shop.page_views")
    with pytest.raises(BackupFailed, match="of_nothing"):
        dump_database(elsewhere, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_archive_of_a_folder_that_is_not_there_fails_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="tar ended with status"):
        archive_uploads(tmp_path / "nowhere", tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


def test_the_reader_sees_every_definition_and_can_change_nothing(production: Production) -> None:
    def read(query: str) -> list[tuple[Any, ...]]:
        return ask(production, query, Account.READER)

    assert "SUM(quantity * unit_price)" in read("SHOW CREATE FUNCTION shop.order_total")[0][2]
    assert "UPDATE products" in read("SHOW CREATE PROCEDURE shop.add_line")[0][2]
    assert "DEFINER=`root`@`localhost`" in read("SHOW CREATE VIEW shop.order_summary")[0][1]
    assert len(read("SHOW TRIGGERS FROM shop")) == 3
    assert len(read("SHOW EVENTS FROM shop")) == 1
    assert read("SHOW MASTER STATUS")[0][0].startswith("binlog.")
    assert read("SELECT COUNT(*) FROM shop.order_summary")[0][0] >= 1000
    for forbidden in ("DELETE FROM shop.sessions", "CREATE TABLE shop.mine (a INT)", "SELECT * FROM mysql.global_priv"):
        with pytest.raises(pymysql.err.OperationalError, match="denied"):
            read(forbidden)


def test_the_audit_trail_can_only_grow(production: Production) -> None:
    for forbidden in ("UPDATE shop.audit SET actor = 'nobody'", "DELETE FROM shop.audit"):
        with pytest.raises(pymysql.err.OperationalError, match="append-only"):
            ask(production, forbidden, Account.APP)


def test_passwords_are_in_private_files_and_nowhere_that_others_look(production: Production) -> None:
    passwords = []
    for account in Account:
        path = production.option_file(account)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        passwords += [line.partition("=")[2] for line in path.read_text().splitlines() if line.startswith("password=")]
    assert len(set(passwords)) == len(Account)
    production.container.reload()
    shown = json.dumps(production.container.attrs) + production.container.logs().decode()
    assert not [password for password in passwords if password in shown]


def test_pruning_the_remains_of_drills_never_takes_a_production(
    production: Production, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DRTOOL_SCOPE")  # look at everything
    assert production.container.name not in {
        leftover.name for leftover in reap(Engine.connect(), kept_too=True, others_too=True, dry_run=True)
    }


@pytest.mark.parametrize("series", ["10.5", "11.8"])
def test_every_tested_series_runs_the_shop(engine: docker.DockerClient, series: str, tmp_path: Path) -> None:
    del engine
    with Production.started(series=series) as other:
        assert other.version.startswith(f"{series}.")
        fill(other, base=BASE)
        assert "UPDATE products" in ask(other, "SHOW CREATE PROCEDURE shop.add_line", Account.READER)[0][2]
        before = state(other)
        backup = dump_database(other, tmp_path)
        ask(other, "DROP DATABASE shop")
        load(backup, other)
        assert state(other) == before


def make_backups(into: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "fixtures.shop", "make-backups", "--into", str(into), *options]
    environment = {**os.environ, "TMPDIR": str(into.parent)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def productions_of(engine: docker.DockerClient, process: subprocess.Popen[str]) -> list[str]:
    containers = engine.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True)
    owners = {str(one.name): Owner.parse(one.labels[OWNER_LABEL]) for one in containers}
    return [name for name, owner in owners.items() if owner is not None and owner.pid == process.pid]


def wait_for_production(engine: docker.DockerClient, process: subprocess.Popen[str]) -> None:
    while not productions_of(engine, process):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


@pytest.mark.long
def test_make_backups_leaves_backups_and_nothing_else_and_keeps_the_newest(
    engine: docker.DockerClient, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for day in range(1, 6):
        for name in (
            f"db-2026010{day}T030000Z.sql.zst",
            f"uploads-2026010{day}T030000Z.tar.zst",
            f"mine-{day}.sql.zst",
        ):
            (folder / name).touch()
    process = make_backups(folder)
    said, complained = process.communicate()
    assert process.returncode == 0, complained
    assert productions_of(engine, process) == []
    made = [Path(line).name for line in said.splitlines()]
    baselines = [path.name for path in folder.iterdir() if path.name.startswith(tuple(f"{name}." for name in made))]
    assert len(baselines) == 4, "of each backup its baseline, and the signature of that"
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        made
        + baselines
        + [f"mine-{day}.sql.zst" for day in range(1, 6)]
        + [f"db-2026010{day}T030000Z.sql.zst" for day in (4, 5)]
        + [f"uploads-2026010{day}T030000Z.tar.zst" for day in (4, 5)]
    )
    assert not [path for path in folder.iterdir() if path.name in made and not path.stat().st_size]
    assert [path.name for path in tmp_path.iterdir()] == ["backups"]


@pytest.mark.parametrize(
    ("number", "later_seconds"),
    [
        pytest.param(signal.SIGINT, 2.0, id="Ctrl-C while the shop is filled"),
        pytest.param(signal.SIGTERM, 0.0, id="SIGTERM while the server starts"),
    ],
)
def test_make_backups_takes_its_production_away_when_it_is_interrupted(
    engine: docker.DockerClient, number: signal.Signals, later_seconds: float, tmp_path: Path
) -> None:
    process = make_backups(tmp_path / "backups", "--scale", "400")
    wait_for_production(engine, process)
    time.sleep(later_seconds)
    process.send_signal(number)
    _, complained = process.communicate()
    assert process.returncode == 130, complained
    assert "Traceback" not in complained
    assert productions_of(engine, process) == []
    assert list(tmp_path.iterdir()) == []


def test_a_production_whose_process_was_killed_is_removed_by_whoever_comes_next(
    engine: docker.DockerClient, tmp_path: Path
) -> None:
    process = make_backups(tmp_path / "backups", "--scale", "400")
    wait_for_production(engine, process)
    process.kill()
    process.communicate()
    remove_leftovers(Engine.connect())
    deadline = time.monotonic() + pace.seconds(10)
    while productions_of(engine, process):  # another run on this engine may have come first, and be about it
        assert time.monotonic() < deadline
        time.sleep(0.05)
