"""A backup is hostile input until proven otherwise: what it tries to do, and that nothing comes of it."""

from __future__ import annotations

import io
import tarfile
import time
from pathlib import Path

import pytest

from drtool.backups.compression import Compression
from drtool.record.verdicts import Effect, Verdict
from fixtures.faults.archives import member, with_members
from fixtures.faults.packing import packed
from fixtures.faults.sql_text import TRAILER, before_trailer
from tests import pace
from tests.e2e.conftest import ShopBackups
from tests.e2e.workbench import Workbench

_GIBIBYTE = 2**30


def test_commands_to_the_client_are_not_carried_out(bench: Workbench, shop: ShopBackups) -> None:
    """A client that did what these say would do so line by line, and leave files; the sandbox is kept to look."""
    commands = ("\\! touch /tmp/pwned-1", "system touch /tmp/pwned-2", "tee /tmp/pwned-3", "source /tmp/pwned-4")
    dump = before_trailer(b"CREATE DATABASE x;\n" + TRAILER, "\n".join([*commands, "CREATE DATABASE y;"]))
    shop.write(bench.folder / "db.sql", dump)
    ran = bench.drtool("verify", "db.sql", "--profile", "fast", "--keep", "--json")
    assert ran.code == 1, ran
    assert [found.code for found in ran.record.findings] == ["dump-does-not-load"]
    (container,) = bench.containers()
    status, found = container.exec_run(["find", "/tmp", "/run/mysqld", "-name", "pwned*"])
    bench.clear_the_engine()
    assert (status, found) == (0, b"")


def test_sql_reads_no_file_and_no_event_fires_and_its_output_is_not_taken_for_ours(
    bench: Workbench, shop: ShopBackups
) -> None:
    hostile = """
    CREATE DATABASE hostile;
    CREATE TABLE hostile.read_files AS SELECT LOAD_FILE('/etc/passwd') AS a, LOAD_FILE('/backup/input') AS b;
    CREATE TABLE hostile.fired (at TIMESTAMP);
    CREATE EVENT hostile.fires ON SCHEDULE EVERY 1 SECOND DO INSERT INTO hostile.fired VALUES (NOW());
    SELECT 'progress 1 1'; SELECT 'progress x y'; SELECT 'sink 99'; SELECT 'read 7'; SELECT 'end missing';
    SELECT 'sha256 0000000000000000000000000000000000000000000000000000000000000000'; SELECT 'done';
    SELECT REPEAT('output that goes on and on ', 1000) FROM hostile.seq_1_to_20000;
    """
    shop.write(bench.folder / "db.sql", before_trailer(shop.sql, hostile))
    script = bench.scenario(
        """
        import time
        db = drill.restore_mariadb(drill.backup("db.sql"))
        time.sleep(1.5)
        db.check("no file was read", "SELECT COUNT(a) + COUNT(b) FROM hostile.read_files", equals=0)
        db.check("the event is there", "SELECT COUNT(*) FROM information_schema.events WHERE event_name = 'fires'",
                 equals=1)
        db.check("no event fired", "SELECT COUNT(*) FROM hostile.fired", equals=0)
        """
    )
    ran = bench.drtool("run", script, "--profile", "fast", "--json")
    assert ran.code == 0, ran
    assert {check.outcome for check in ran.record.checks} == {Verdict.PASSED}
    assert ran.record.findings == ()


def test_what_a_dump_sets_for_everybody_does_not_reach_the_questions(bench: Workbench, shop: ShopBackups) -> None:
    """Each of these alone would have a question answered falsely, or nobody answer it."""
    hostile = """
    CREATE DATABASE hostile; USE hostile; CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1), (2);
    CREATE FUNCTION `max` (x INT) RETURNS INT DETERMINISTIC RETURN 99;
    DELIMITER $$
    CREATE FUNCTION sets () RETURNS INT BEGIN
        SET GLOBAL sql_safe_updates = ON; SET SESSION sql_select_limit = 0; RETURN 1;
    END $$
    CREATE FUNCTION deletes () RETURNS INT BEGIN DELETE FROM hostile.t; RETURN 1; END $$
    DELIMITER ;
    CREATE VIEW v AS SELECT sets () AS x; CREATE VIEW d AS SELECT deletes () AS x;
    INSTALL SONAME 'simple_password_check'; INSTALL SONAME 'locales';
    SET GLOBAL init_connect = 'DROP DATABASE hostile';
    SET GLOBAL sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES', GLOBAL sql_select_limit = 1;
    SET GLOBAL max_statement_time = 0.0001, GLOBAL max_join_size = 1, GLOBAL group_concat_max_len = 4;
    SET GLOBAL time_zone = '+09:00', GLOBAL wait_timeout = 1, GLOBAL interactive_timeout = 1;
    SET GLOBAL read_only = ON, GLOBAL tx_read_only = ON;
    """
    shop.write(bench.folder / "db.sql", before_trailer(shop.sql, hostile))
    script = bench.scenario(
        """
        db = drill.restore_mariadb(drill.backup("db.sql"))
        db.check("both rows", "SELECT COUNT(*) FROM (SELECT id FROM hostile.t) AS t", equals=2)
        db.check("in a text", 'SELECT GROUP_CONCAT(id, "-" ORDER BY id) FROM hostile.t', equals="1-,2-")
        db.check("its own MAX", "SELECT MAX(id) FROM hostile.t", equals=2)
        db.run_builtin_checks()
        db.check("both rows still", "SELECT COUNT(*) FROM hostile.t", equals=2)
        db.check("by a view", "SELECT x FROM hostile.v", equals=1)
        db.check("not set", "SELECT @@GLOBAL.sql_safe_updates", equals=0)
        db.check("zone", "SELECT @@GLOBAL.time_zone", equals="SYSTEM")
        db.check("who asks", "SELECT CURRENT_USER()", equals="drtool_checks@localhost")
        db.check("no file", "SELECT LOAD_FILE('/run/mysqld/mysqld.pid') IS NULL", equals=1)
        """
    )
    ran = bench.drtool("run", script, "--profile", "fast", "--json")
    assert ran.code == 0, ran
    assert {check.outcome for check in ran.record.checks} == {Verdict.PASSED}
    told = " ".join(ran.record.deviations)
    for name in (
        "init_connect",
        "sql_mode",
        "sql_select_limit",
        "max_statement_time",
        "time_zone",
        "LOCALES",
        "a question led",
    ):
        assert name in told, told
    assert "DROP DATABASE" not in told


def test_a_check_takes_no_more_of_memory_and_disk_than_it_may(bench: Workbench, shop: ShopBackups) -> None:
    hostile = """
    USE shop; CREATE ALGORITHM=TEMPTABLE VIEW fills AS SELECT seq, REPEAT('x', 1000) FROM seq_1_to_4000000;
    """
    shop.write(bench.folder / "db.sql", before_trailer(shop.sql, hostile))
    script = bench.scenario(
        """
        db = drill.restore_mariadb(drill.backup("db.sql"), disk="150MiB")
        db.check("sorts on disk", "SELECT COUNT(*) FROM (SELECT DISTINCT seq, REPEAT(seq, 20) FROM "
                 "shop.seq_1_to_100000) x", equals=100000)
        db.check("endless rows", "SELECT a.id FROM shop.page_views p, shop.orders a, shop.orders b, shop.orders c, "
                 "shop.orders d", at_least=1)
        db.check("fills the disk", "SELECT COUNT(*) FROM shop.fills", at_least=1)
        """
    )
    ran = bench.start("run", script, "--profile", "fast", "--json").ended(within_seconds=60)
    assert ran.code == 3, ran
    came_to = {check.name: (check.outcome, check.observed) for check in ran.record.checks if not check.builtin}
    assert came_to["sorts on disk"] == (Verdict.PASSED, "100000")
    assert came_to["endless rows"][0] is Verdict.UNVERIFIED
    assert came_to["fills the disk"][0] is Verdict.UNVERIFIED
    assert "outgrew" in came_to["fills the disk"][1]
    assert [found.code for found in ran.record.findings] == ["disk-limit"]
    assert ran.peak_bytes is not None
    assert ran.peak_bytes < 150 * 2**20


def test_dump_that_fills_the_disk_is_stopped_at_its_limit(bench: Workbench, shop: ShopBackups) -> None:
    fills = "USE shop; CREATE TABLE fills AS SELECT REPEAT('x', 1000) AS x FROM shop.seq_1_to_100000000;"
    shop.write(bench.folder / "db.sql", before_trailer(shop.sql, fills))
    script = bench.scenario('drill.restore_mariadb(drill.backup("db.sql"), disk="200MiB")')
    ran = bench.drtool("run", script, "--profile", "fast", "--json", timeout=60)
    assert ran.code == 3, ran
    assert [found.code for found in ran.record.findings] == ["disk-limit"]


@pytest.mark.long
def test_what_others_write_to_the_disk_is_not_held_against_the_backup(bench: Workbench, shop: ShopBackups) -> None:
    shop.write(bench.folder / "db.sql", before_trailer(shop.sql, "DO SLEEP(3);"))
    script = bench.scenario('drill.restore_mariadb(drill.backup("db.sql"), disk="100MiB")')
    running = bench.start("run", script, "--profile", "fast", "--json")
    bench.wait_for_restore()
    time.sleep(0.5)
    (sandbox,) = bench.containers()
    image = sandbox.attrs["Config"]["Image"]
    # Into the container's own layer, which lies on the engine's disk as the drill's volume does.
    other = bench.engine.containers.run(image, ["bash", "-c", "head -c 300M /dev/zero > /x && sleep 60"], detach=True)
    try:
        ran = running.ended()
        assert other.exec_run(["stat", "-c", "%s", "/x"]).output == b"314572800\n"
    finally:
        other.remove(force=True, v=True)
    assert ran.code == 0, ran


def _flood(byte: bytes, compression: Compression, gibibytes: int) -> bytes:
    """Return a small stream of very many equal bytes: both formats allow one stream to follow another."""
    return packed(byte * (_GIBIBYTE // 16), compression) * (16 * gibibytes)


@pytest.mark.parametrize("compression", [Compression.ZSTD, Compression.GZIP])
def test_decompression_bomb_of_nothing_is_no_backup(bench: Workbench, compression: Compression) -> None:
    (bench.folder / "db.sql").write_bytes(_flood(b"\0", compression, 2))
    ran = bench.drtool("verify", "db.sql", "--json")
    assert ran.code == 1, ran
    assert ran.elapsed_seconds < pace.seconds(10)
    assert [found.code for found in ran.record.findings] == ["not-a-backup"]


def test_archive_bomb_is_stopped_at_its_limit(bench: Workbench) -> None:
    huge = tarfile.TarInfo("huge")
    huge.size = 64 * _GIBIBYTE
    head = huge.tobuf(tarfile.GNU_FORMAT)
    (bench.folder / "bomb.tar.zst").write_bytes(packed(head, Compression.ZSTD) + _flood(b"\0", Compression.ZSTD, 64))
    script = bench.scenario('drill.restore_files(drill.backup("bomb.tar.zst"), disk="200MiB")')
    ran = bench.drtool("run", script, "--json", timeout=60)
    assert ran.code == 3, ran
    assert [found.code for found in ran.record.findings] == ["disk-limit"]


@pytest.mark.parametrize(("statement", "code"), [("SHUTDOWN;", 1), ("", 0)])
def test_a_folder_whose_definitions_stop_the_server_fails_before_its_rows(
    bench: Workbench, statement: str, code: int
) -> None:
    header, end = "-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB\n", "-- Dump completed on 2026-11-24  3:00:00\n"
    folder = bench.folder / "pieces"
    folder.mkdir()
    (folder / "schema.sql").write_text(f"{header}CREATE TABLE `t` (`id` INT PRIMARY KEY);\n{statement}\n{end}")
    (folder / "rows.sql").write_text(f"{header}INSERT INTO `t` VALUES (1), (2);\n{end}")
    ran = bench.drtool("verify", f"{folder}/", "--database", "app", "--profile", "fast", "--json")
    assert ran.code == code, ran
    codes = [found.code for found in ran.record.findings if found.effect is not Effect.WARNING]
    assert codes == (["server-stopped"] if statement else [])


@pytest.mark.long
def test_statement_bomb_ends_within_the_sandboxs_memory(bench: Workbench) -> None:
    begin = b"-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB\nCREATE DATABASE x;\nCREATE TABLE x.t (a LONGTEXT);\n"
    begin += b"INSERT INTO x.t VALUES ('"
    flood = _flood(b"A", Compression.ZSTD, 2)
    (bench.folder / "db.sql.zst").write_bytes(packed(begin, Compression.ZSTD) + flood)
    script = bench.scenario('drill.restore_mariadb(drill.backup("db.sql.zst"), memory="512MiB")')
    ran = bench.start("run", script, "--json").ended(within_seconds=90)
    assert ran.code in {1, 3}, ran
    assert ran.record.findings[0].code in {"dump-truncated", "out-of-memory", "packet-too-large"}
    assert ran.peak_bytes is not None
    assert ran.peak_bytes < 150 * 2**20


def test_personal_data_beside_a_mistake_is_nowhere_in_the_evidence(bench: Workbench, shop: ShopBackups) -> None:
    secret = ("jane.doe@example.net", "17 Quince Street", "4111-1111-1111-1111")
    rows = f"USE shop;\nINSERT INTO customers VALUES (1, '{secret[0]}', '{secret[1]}' '{secret[2]}';\n"
    constraint = f"CREATE TABLE once (a VARCHAR(90) UNIQUE);\nINSERT INTO once VALUES ('{secret[0]}'), ('{secret[0]}');"
    behind = shop.sql + f"{secret[0]}, {secret[1]}, {secret[2]}\n".encode()
    trailer = shop.sql.rpartition(TRAILER)[0] + TRAILER + f" on {secret[0]} {secret[2]}\n".encode()
    unpackable = with_members(
        shop.tar, [member("way-out", kind=tarfile.SYMTYPE, link="/tmp"), member(f"way-out/{secret[0]}", b"x")]
    )
    files = {
        "syntax.sql": before_trailer(shop.sql, rows),
        "duplicate.sql": before_trailer(shop.sql, constraint),
        "behind.sql": behind,
        "trailer.sql": trailer,
        "error.sql": f"mariadb-dump: Couldn't execute: duplicate '{secret[0]}'\n".encode(),
        "escape.tar": unpackable,
    }
    for name, content in files.items():
        shop.write(bench.folder / name, content)
    ran = bench.drtool("verify", *files, "--profile", "fast", "--jobs", "2")
    assert ran.code == 1, ran
    assert {record.verdict for record in bench.records()} == {Verdict.FAILED}
    for text in secret:
        assert text not in ran.stdout + ran.stderr
        assert text.encode() not in bench.evidence()


def test_names_with_shell_and_html_in_them_do_nothing_and_break_nothing(bench: Workbench) -> None:
    shell, html = "$(touch /tmp/pwned) `touch /tmp/pwned`; touch /tmp/pwned '", "<script>alert(1)</script><img src=x>"
    folder = bench.folder / "$(touch pwned);<b>'\""
    folder.mkdir()
    tables = "".join(
        f"CREATE TABLE `{name.replace('`', '``')}` (a INT);\nINSERT INTO `{name.replace('`', '``')}` VALUES (1);\n"
        for name in (shell[:60], html[:60])
    )
    header = f"-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for {html}\n--\n"
    header += f"-- Host: {html.replace(' ', '')}    Database: {shell[:40]}\n"
    footer = "-- Dump completed on 2026-11-24 12:00:00\n"
    (folder / "db;$(touch pwned) <i>.sql").write_text(header + tables + footer)
    archive = with_members(_empty_archive(), [member(name, b"x") for name in (shell, html, "new\nline", "-rf", "*")])
    (folder / "files $(touch pwned).tar").write_bytes(archive)
    script = bench.scenario(
        f"""
        folder = {str(folder)!r}
        db = drill.restore_mariadb(drill.latest(folder.replace("[", "[[]") + "/db*.sql"))
        db.check({html!r}, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema NOT IN "
                 "('mysql', 'sys', 'information_schema', 'performance_schema')", equals=2)
        files = drill.restore_files(drill.latest(folder + "/*.tar"))
        files.check_count("*", equals=5)
        files.check_exists({html!r})
        files.check_exists("$(touch /tmp/pwned)*")
        """,
        targets=f"owner={html!r}, controls=[{html!r}]",
    )
    ran = bench.drtool("run", script, "--profile", "fast")
    assert ran.code == 0, ran
    assert not list(bench.folder.rglob("pwned"))
    assert not Path("/tmp/pwned").exists()
    (page,) = bench.reports.rglob("report.html")
    assert "<script>alert" not in page.read_text(encoding="utf-8")
    assert "<img src=x>" not in page.read_text(encoding="utf-8")


def _empty_archive() -> bytes:
    stream = io.BytesIO()
    tarfile.open(fileobj=stream, mode="w").close()
    return stream.getvalue()


def test_setuid_comes_back_as_it_was_and_gains_nothing(bench: Workbench, shop: ShopBackups) -> None:
    shop.write(bench.folder / "up.tar", with_members(shop.tar, [member("bin/become-root", b"x", mode=0o4755)]))
    script = bench.scenario('drill.restore_files(drill.backup("up.tar")).check_exists("bin/become-root")')
    ran = bench.drtool("run", script, "--keep", "--json")
    assert ran.code == 0, ran
    (container,) = bench.containers()
    assert container.exec_run(["stat", "-c", "%a", "/restored/bin/become-root"]).output == b"4755\n"
    assert "NoNewPrivs:\t1" in container.exec_run(["cat", "/proc/self/status"]).output.decode()
    bench.clear_the_engine()
