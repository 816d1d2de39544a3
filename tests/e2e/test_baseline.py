"""Baselines on real servers: what was lost is found and named, and what came back whole raises nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import docker
import docker.types
import pymysql
import pytest
from docker.models.containers import Container
from pymysql.connections import Connection

from drtool.baseline import kept
from drtool.baseline.database import document, live, localise, model, row_chain, row_sums, row_text
from drtool.baseline.database.capture import SANDBOX, Manner, capture_database
from drtool.baseline.database.compare_database import DatabaseComparison, compare_database
from drtool.baseline.database.compare_objects import Difference
from drtool.baseline.database.granted import ALL, privileges
from drtool.baseline.database.reading_work import Pace
from drtool.baseline.database.schema import read_schema
from drtool.baseline.database.snapshot import Guard
from drtool.baseline.files.compare_files import FilesComparison, compare_files
from drtool.baseline.files.files_in_container import files_in_container, restored_root
from drtool.baseline.files.folder import Tally, capture_folder
from drtool.baseline.findings import database_findings, files_findings
from drtool.baseline.tolerance import Tolerances
from drtool.cli.baseline import command
from drtool.errors import Unverifiable, WrongUse
from drtool.mariadb import server_url
from drtool.mariadb.sql import rows_of
from drtool.sandbox.container import Container as SandboxContainer
from drtool.sandbox.engine import Engine
from tests import pace

SERIES = ("10.5", "10.11", "11.8")
_LABEL = "drtool.test-baseline"
_BOOT = """
mariadb-install-db --no-defaults --datadir=/data/d --auth-root-authentication-method=normal --skip-test-db >/dev/null
exec mariadbd --no-defaults --datadir=/data/d --tmpdir=/tmp --socket=/run/mysqld/s --pid-file=/tmp/pid \
  --skip-networking --log-bin --server-id=1 --innodb-flush-log-at-trx-commit=0 --event-scheduler=OFF
"""

# One of everything that a dump carries, with the values that tell encodings of rows apart.
_ZOO = """
CREATE TABLE kinds (
  id int(11) NOT NULL AUTO_INCREMENT, small tinyint(1) NOT NULL DEFAULT 0, big bigint(20) unsigned DEFAULT NULL,
  padded int(6) unsigned zerofill DEFAULT 7, money decimal(12,4) DEFAULT 0, single float DEFAULT NULL,
  twice double DEFAULT NULL, bits bit(9) DEFAULT b'101', fixed char(10) DEFAULT 'x',
  old varchar(50) CHARACTER SET latin1 DEFAULT 'o''clock', three varchar(20) CHARACTER SET utf8 DEFAULT NULL,
  txt text, med mediumtext, blob4 longblob, bin4 binary(4), varbin varbinary(9),
  choice enum('a','b,c','') DEFAULT 'a', several set('x','y'),
  moment datetime(3) DEFAULT current_timestamp(3) ON UPDATE current_timestamp(3),
  stamp timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  day date DEFAULT '2020-01-01', span time(2), yr year(4), doc json, place point, addr inet6,
  calculated int GENERATED ALWAYS AS (id * 2) VIRTUAL, hidden int INVISIBLE DEFAULT 3,
  PRIMARY KEY (id), UNIQUE KEY pair (big, fixed), KEY by_prefix (txt(20)), FULLTEXT KEY words (med), KEY by_day (day),
  CONSTRAINT not_negative CHECK (small >= 0 AND fixed <> 'zz')
) DEFAULT CHARSET=utf8mb4 COMMENT='everything';
INSERT INTO kinds (id, small, big, money, single, twice, bits, fixed, old, three, txt, med, blob4, bin4, varbin, choice,
  several, moment, stamp, day, span, yr, doc, place, addr) VALUES
 (1, 1, 18446744073709551615, 1.5, 1.1, 1/3, b'1', 'é', 'Straße', '日本', 't', 'm', x'00ff', x'01', 'v', 'b,c', 'x,y',
  '2020-02-02 01:02:03.004', '2020-02-02 01:02:03', '2024-02-29', '-12:13:14.15', 1999, '{"a":1}', POINT(1, 2), '::1'),
 (2, 0, NULL, -0.0001, 1e-20, -0e0, NULL, NULL, '', NULL, '', NULL, NULL, NULL, NULL, NULL, '', NULL,
  '2038-01-19 03:14:07', '9999-12-31', '838:59:59', NULL, '[]', NULL, NULL),
 (3, 0, NULL, 0, 16777217, 1e308, NULL, 'NULL', 'NULL', '', NULL, REPEAT('x', 100000), NULL, NULL, NULL, '', NULL, NULL,
  '2038-01-19 03:14:07', '9999-12-31', '-838:59:59', NULL, NULL, NULL, NULL);
CREATE TABLE loose (a varchar(10), b varchar(10));
CREATE TABLE named (k varchar(20) PRIMARY KEY, v int);
INSERT INTO named SELECT CONCAT('k', seq), seq FROM seq_1_to_500;
CREATE TABLE orders (id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, total decimal(8,2) NOT NULL,
  note varchar(50));
INSERT INTO orders SELECT seq, seq / 7, IF(seq % 3, CONCAT('note ', seq), NULL) FROM seq_1_to_20000;
CREATE TABLE clocked (at datetime PRIMARY KEY, v int);
INSERT INTO clocked SELECT '2024-01-01' + INTERVAL seq HOUR, seq FROM seq_1_to_9000;
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (id int PRIMARY KEY, p int,
  CONSTRAINT of_parent FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE);
CREATE TABLE versioned (id int PRIMARY KEY, x int) WITH SYSTEM VERSIONING;
INSERT INTO versioned VALUES (1, 1), (2, 2); UPDATE versioned SET x = 3 WHERE id = 1;
CREATE TABLE parted (id int, d date, PRIMARY KEY (id, d)) PARTITION BY RANGE (YEAR(d))
  (PARTITION p0 VALUES LESS THAN (2020), PARTITION p1 VALUES LESS THAN MAXVALUE);
INSERT INTO parted VALUES (1, '2019-01-01'), (2, '2021-01-01');
CREATE TABLE crash_safe (id int PRIMARY KEY) ENGINE=Aria;
CREATE TABLE plain (id int PRIMARY KEY, x text) ENGINE=MyISAM; INSERT INTO plain VALUES (1, 'a');
CREATE TABLE renamed (id int PRIMARY KEY, was json, n int CHECK (n > 0));
ALTER TABLE renamed RENAME COLUMN was TO doc; INSERT INTO renamed VALUES (1, '{}', 1);
CREATE SEQUENCE numbers START WITH 100 INCREMENT BY 5 MAXVALUE 99999 CACHE 10; DO NEXTVAL(numbers);
CREATE VIEW totals AS SELECT o.id, CAST(SUM(o.total) AS CHAR) AS s, IF(o.note LIKE 'n%', 'yes', 'no') AS y
  FROM orders o LEFT JOIN child c ON c.id = o.id GROUP BY o.id ORDER BY 2 DESC LIMIT 5;
CREATE DEFINER=`app`@`%` SQL SECURITY INVOKER VIEW ranked AS
  SELECT id, ROW_NUMBER() OVER (PARTITION BY choice ORDER BY id) AS rn FROM kinds WHERE old LIKE 'a%' UNION SELECT 1, 2;
CREATE FUNCTION joined(a int, b varchar(10) CHARACTER SET utf8mb4) RETURNS varchar(20) CHARACTER SET utf8mb4
  DETERMINISTIC NO SQL COMMENT 'c' RETURN CONCAT(a, b);
CREATE DEFINER=`app`@`%` PROCEDURE counted(IN a int, OUT b int(11)) SQL SECURITY INVOKER
  SELECT COUNT(*) INTO b FROM kinds WHERE id > a;
CREATE TRIGGER filled BEFORE INSERT ON child FOR EACH ROW SET NEW.p = IFNULL(NEW.p, NULL);
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' ON COMPLETION PRESERVE DISABLE
  DO DELETE FROM child WHERE id = -1;
"""


def feed(container: Container, arguments: list[str], content: bytes) -> bytes:
    """Run a command in a container with something to read, and return what it says."""
    api = docker.from_env().api
    created = api.exec_create(container.id, arguments, stdin=True)
    stream: Any = api.exec_start(created["Id"], socket=True)
    stream._sock.sendall(content)
    stream._sock.shutdown(1)
    return bytes(stream.read())


@dataclass(frozen=True)
class Mariadb:
    """A server of the tests, reached by its socket."""

    series: str
    container: Container
    socket: Path

    def connect(self, database: str | None = None, user: str = "root", password: str = "") -> Connection[Any]:
        """Open a connection that may write."""
        return pymysql.connect(
            unix_socket=str(self.socket), user=user, password=password, database=database, charset="utf8mb4",
            autocommit=True,
        )  # fmt: skip

    def run(self, database: str | None, *statements: str) -> None:
        """Carry out statements."""
        with self.connect(database) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def load(self, database: str, script: str | bytes) -> None:
        """Make a database anew and run a script in it, as the client would."""
        self.run(None, f"DROP DATABASE IF EXISTS `{database}`", f"CREATE DATABASE `{database}` CHARACTER SET utf8mb4")
        said = feed(
            self.container,
            ["mariadb", "--no-defaults", "-uroot", "-S/run/mysqld/s", database],
            script if isinstance(script, bytes) else script.encode(),
        )
        told = [line for line in said.splitlines() if b"ERROR" in line]
        assert not told, told

    def dump(self, database: str) -> bytes:
        """Return a dump with all that a dump can hold."""
        tool = "mysqldump" if self.series == "10.5" else "mariadb-dump"
        command_line = [tool, "--no-defaults", "-uroot", "-S/run/mysqld/s", "--single-transaction", "--routines",
                        "--triggers", "--events", database]  # fmt: skip
        done: Any = self.container.exec_run(command_line, demux=True)
        assert done.exit_code == 0, done.output[1]
        return bytes(done.output[0])

    def url(self, database: str, user: str = "root") -> str:
        """Return its URL for drtool."""
        return f"mariadb://{user}@localhost/{database}?socket={self.socket}"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.connect()


@pytest.fixture(scope="module")
def servers(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Mariadb]]:
    started: list[Container] = []

    def start(series: str) -> Mariadb:
        folder = tmp_path_factory.mktemp(f"s{series}", numbered=False)
        folder.chmod(0o777)
        container = engine.client.containers.run(
            f"drtool/mariadb:{series}", ["bash", "-c", _BOOT], entrypoint=[], detach=True, user="mysql",
            network_mode="none", labels={_LABEL: "1"}, tmpfs={"/data": "mode=1777", "/tmp": "mode=1777"},
            mounts=[docker.types.Mount(target="/run/mysqld", source=str(folder), type="bind")],
        )  # fmt: skip
        started.append(container)
        server = Mariadb(series, container, folder / "s")
        deadline = time.monotonic() + pace.seconds(60)
        while True:
            try:
                server.connect().close()
            except pymysql.err.OperationalError:
                assert time.monotonic() < deadline, container.logs(tail=5)
                time.sleep(0.05)
            else:
                return server

    # The sockets' paths must be short, which those of temporary folders are not always.
    try:
        with ThreadPoolExecutor() as pool:
            yield dict(zip(SERIES, pool.map(start, SERIES), strict=True))
    finally:
        for container in started:
            container.remove(force=True, v=True)


@pytest.fixture(scope="module")
def zoo(servers: dict[str, Mariadb]) -> tuple[Mariadb, model.DatabaseBaseline, bytes]:
    """Return the oldest server with the zoo in it, its baseline, and its dump."""
    old = servers["10.5"]
    script = _ZOO + "INSERT INTO loose VALUES ('a|b', 'c'), (NULL, ''), ('x', 'y'), ('x', 'y');"
    old.load("zoo", script)
    return old, capture_database(old.connect, ["zoo"]), old.dump("zoo")


@pytest.fixture
def restored(servers: dict[str, Mariadb], zoo: tuple[Mariadb, model.DatabaseBaseline, bytes]) -> Mariadb:
    """Return a server of the next series with the dump of the zoo restored into it."""
    servers["10.11"].load("zoo", zoo[2])
    return servers["10.11"]


def compared(
    server: Mariadb, baseline: model.DatabaseBaseline, tolerances: Tolerances | None = None
) -> DatabaseComparison:
    observed = capture_database(server.connect, baseline.databases, manner=SANDBOX, like=baseline)
    return compare_database(baseline, observed, tolerances, history_kept=False)


def said(found: DatabaseComparison | FilesComparison) -> dict[str, str]:
    findings = database_findings(found) if isinstance(found, DatabaseComparison) else files_findings(found)
    return {one.code: one.what for one in findings}


@pytest.mark.parametrize("series", SERIES)
def test_a_dump_restored_into_any_series_raises_nothing(
    servers: dict[str, Mariadb], zoo: tuple[Mariadb, model.DatabaseBaseline, bytes], series: str
) -> None:
    _, baseline, dump = zoo
    servers[series].load("healthy", dump)
    observed = capture_database(
        servers[series].connect, ["healthy"], manner=SANDBOX, like=baseline, renamed={"zoo": "healthy"}
    )
    found = compare_database(baseline, observed, renamed={"zoo": "healthy"}, history_kept=False)
    assert said(found) == {}
    assert found.equal
    assert found.tables == 12  # and the history of one, which was not compared
    assert list(found.unknown) == ["1 row of zoo.versioned (history), which the backup does not have"]
    assert list(found.unseen) == [one for one in model.ObjectKind if one in model.ON_REQUEST]
    assert found.rows > 29_000


def test_a_collation_that_a_dump_does_not_name_is_told_where_the_series_gives_it_another(
    servers: dict[str, Mariadb],
) -> None:
    old, new = servers["10.5"], servers["11.8"]
    old.load(
        "unnamed", "CREATE TABLE t (a varchar(10) PRIMARY KEY) DEFAULT CHARSET=utf8mb4; INSERT INTO t VALUES ('x')"
    )
    baseline, whole = capture_database(old.connect, ["unnamed"]), old.dump("unnamed")
    unnamed = whole.replace(b" COLLATE=utf8mb4_general_ci", b"")
    assert unnamed != whole
    for server, dump, told in (
        (old, unnamed, 0), (new, whole, 0), (new, unnamed, 1), (new, b"SET character_set_collations = '';" + unnamed, 0)
    ):  # fmt: skip
        server.load("unnamed", dump)
        found = compared(server, baseline)
        assert (said(found), len(found.collations)) == ({}, told)


def test_a_dump_of_the_newest_series_restores_as_it_was(servers: dict[str, Mariadb]) -> None:
    new = servers["11.8"]
    new.load(
        "native", _ZOO + "CREATE TABLE ids (id uuid PRIMARY KEY, v inet4); INSERT INTO ids VALUES (UUID(), '10.0.0.1')"
    )
    baseline = capture_database(new.connect, ["native"])
    new.load("native", new.dump("native"))
    assert said(compared(new, baseline)) == {}


@pytest.mark.parametrize("series", SERIES)
def test_each_way_to_digest_rows_comes_to_the_same(servers: dict[str, Mariadb], series: str) -> None:
    server = servers[series]
    server.load("each", _ZOO)
    with server.connect() as connection, connection.cursor() as cursor:
        live.prepare(connection, None)
        for table in read_schema(connection, ["each"], with_grants=False).tables:
            cursor.execute("SET character_set_connection = latin1")
            cursor.execute(row_sums.part_query(table.quoted, table.columns, where="", force_primary=False))
            rows, upper, lower = (int(one) for one in cursor.fetchone() or ())
            cursor.execute(row_sums.any_size_query(table.quoted, table.columns))
            assert cursor.fetchone() == (rows, (upper << 32) + lower)
            order = [model.KeyColumn(name=one.name, collation=one.collation) for one in table.key]
            ask, sql = partial(rows_of, connection), row_chain.ordering(table.columns, order, unique=table.unique)
            chain = partial(row_chain.chain, ask, columns=table.columns, order=sql)
            whole = chain(table.indexed_by_key, where=table.where())
            assert whole[0] == (rows if not table.past else 1)
            if not table.key:
                continue
            assert whole == chain(f"{table.quoted} IGNORE INDEX (PRIMARY)", where=table.where())
            column = f"`{table.key[0].name}`"
            ((middle,),) = ask(f"SELECT {column} FROM {table.quoted} ORDER BY 1 LIMIT {rows // 2}, 1") or ((0,),)
            low, state = chain(table.indexed_by_key, where=table.where(f"{column} < '{middle}'"))
            high, state = chain(table.indexed_by_key, where=table.where(f"{column} >= '{middle}'"), state=state)
            assert (low + high, state) == whole
            for number, found in enumerate(
                row_chain.chain_buckets(ask, table.quoted, table.columns, table.key, order=sql, where=table.where())
            ):
                bucket = f"{row_text.bucket_of(table.key)} = {number}"
                assert found == chain(table.quoted, where=table.where(bucket))


@pytest.mark.parametrize("series", SERIES)
def test_rows_that_were_chosen_to_have_the_same_sum_are_told_apart_by_their_digest(
    servers: dict[str, Mariadb], series: str
) -> None:
    server = servers[series]
    server.load("forged", "CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL); INSERT INTO t SELECT seq, seq FROM "
                "seq_1_to_8")  # fmt: skip
    baseline = capture_database(server.connect, ["forged"])
    sums = replace(baseline, schema_version=1, tables=[replace(table, order=()) for table in baseline.tables])
    sums = capture_database(server.connect, ["forged"], like=sums)
    assert compared(server, sums).equal
    # Found in 19 s by a program of 30 lines: a generalized birthday.
    for row, chosen in enumerate((42141, 26067, 13170, 43074, 31482, 116523, 2704, 14164), start=1):
        server.run("forged", f"UPDATE t SET n = {chosen} WHERE id = {row}")
    assert compared(server, sums).equal
    assert any("do not withstand somebody who chooses rows" in note for note in compared(server, sums).notes)
    assert set(said(compared(server, baseline))) == {"rows-changed"}


def test_each_loss_is_named_by_table_and_key_range(
    restored: Mariadb, zoo: tuple[Mariadb, model.DatabaseBaseline, bytes]
) -> None:
    restored.run(
        "zoo",
        "DELETE FROM orders WHERE id = 12345",
        "UPDATE clocked SET v = v + 1 WHERE at = '2024-06-01 00:00:00'",
        "INSERT INTO orders (id, total) VALUES (20001, 1)",
        "UPDATE named SET v = v + 1 WHERE k = 'k7'",
    )
    found = said(compared(restored, zoo[1]))
    assert set(found) == {"rows-missing", "rows-extra", "rows-changed"}
    assert "at least 1 in zoo.orders (id 1" in found["rows-missing"]
    assert "zoo.orders (id from 20001)" in found["rows-extra"]
    assert "zoo.clocked (at 2024-0" in found["rows-changed"]
    assert "zoo.named (key bucket" in found["rows-changed"]


@pytest.mark.parametrize(
    ("statement", "code", "name"),
    [
        ("DROP PROCEDURE counted", "object-missing", "procedure zoo.counted"),
        ("DROP TRIGGER filled", "object-missing", "trigger zoo.filled"),
        ("DROP EVENT nightly", "object-missing", "event zoo.nightly"),
        ("ALTER EVENT nightly DISABLE ON SLAVE", "object-changed", "event zoo.nightly"),
        ("ALTER TABLE crash_safe PAGE_CHECKSUM=0", "object-changed", "table option zoo.crash_safe"),
        ("DROP VIEW totals", "object-missing", "view zoo.totals"),
        ("DROP SEQUENCE numbers", "object-missing", "sequence zoo.numbers"),
        ("DROP TABLE versioned", "table-missing", "zoo.versioned"),
        ("ALTER TABLE orders AUTO_INCREMENT = 1", None, ""),
        ("ALTER TABLE kinds DROP INDEX by_day", "object-missing", "index zoo.kinds.by_day"),
        ("ALTER TABLE child DROP FOREIGN KEY of_parent", "object-missing", "foreign key zoo.child.of_parent"),
        ("ALTER TABLE kinds DROP CONSTRAINT not_negative", "object-missing", "check constraint zoo.kinds.not_negative"),
        ("ALTER TABLE renamed MODIFY doc longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
         "object-missing", "check constraint zoo.renamed.doc"),
        ("ALTER TABLE orders MODIFY note varchar(60)", "object-changed", "column zoo.orders.note"),
        ("CREATE OR REPLACE VIEW totals AS SELECT 1 AS id", "object-changed", "view zoo.totals"),
        ("CREATE TABLE surprise (a int)", "table-extra", "zoo.surprise"),
        ("ALTER TABLE parted REMOVE PARTITIONING", "object-changed", "zoo.parted"),
        ("ALTER TABLE loose ROW_FORMAT=COMPRESSED", "object-changed", "table option zoo.loose"),
        ("ALTER DATABASE zoo COLLATE latin1_bin", "object-changed", "database default zoo"),
        ("CREATE OR REPLACE DEFINER=`root`@`localhost` PROCEDURE counted(IN a int, OUT b int(11)) SQL SECURITY INVOKER "
         "SELECT COUNT(*) INTO b FROM kinds WHERE id > a", "object-changed", "procedure zoo.counted (definer)"),
    ],
)  # fmt: skip
def test_each_object_that_differs_is_named(
    restored: Mariadb, zoo: tuple[Mariadb, model.DatabaseBaseline, bytes], statement: str, code: str | None, name: str
) -> None:
    restored.run("zoo", statement)
    found = said(compared(restored, zoo[1]))
    if code is None:  # an InnoDB table's counter does not go below its greatest key
        assert found == {}
    else:
        assert name in found[code]
        assert len(found) == 1 or code == "object-changed"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE loose SET a = 'a', b = 'b|c' WHERE b = 'c'",
        "UPDATE loose SET a = '', b = NULL WHERE b = ''",
        "UPDATE loose SET a = 'NULL' WHERE b = ''",
        "UPDATE loose SET a = 'N' WHERE a IS NULL",
        "DELETE FROM loose WHERE a = 'x'",
        "UPDATE loose SET a = 'z', b = 'z' WHERE a = 'x'",
        "UPDATE loose SET b = 'C' WHERE b = 'c'",
        "UPDATE loose SET b = 'y ' WHERE b = 'y' LIMIT 1",
        "UPDATE loose SET a = 'x0', b = 'y' WHERE a = 'x' LIMIT 1",
        "UPDATE loose SET a = '1', b = '' WHERE b = ''",
    ],
)
def test_rows_that_look_alike_are_told_apart_and_equal_rows_do_not_cancel(
    restored: Mariadb, zoo: tuple[Mariadb, model.DatabaseBaseline, bytes], statement: str
) -> None:
    restored.run("zoo", statement)
    found = compared(restored, zoo[1])
    assert [one.table for one in found.differing] == ["zoo.loose"]


@pytest.mark.parametrize(
    "change",
    [
        "small = 0", "big = big - 1", "money = money + 0.0001", "single = 1.10001", "twice = twice + 1e-16",
        "bits = b'11'",
        "fixed = 'e'", "old = 'Strasse'", "three = '日'", "txt = 'T'", "med = 'n'", "blob4 = x'00fe'", "bin4 = x'02'",
        "varbin = 'V'", "choice = ''", "several = 'x'", "moment = '2020-02-02 01:02:03.005'",
        "stamp = '2020-02-02 02:02:03'", "day = '2024-03-01'", "span = '-12:13:14.16'", "yr = 2000",
        "doc = '{\"a\": 1}'",
        "place = POINT(2, 1)", "addr = '::2'", "hidden = 4", "txt = NULL",
    ],
)  # fmt: skip
def test_a_change_of_any_kind_of_value_shows(
    restored: Mariadb, zoo: tuple[Mariadb, model.DatabaseBaseline, bytes], change: str
) -> None:
    kept_columns = "moment = moment, stamp = stamp, " if not change.startswith(("moment", "stamp")) else ""
    restored.run("zoo", f"UPDATE kinds SET {kept_columns}{change} WHERE id = 1")
    found = compared(restored, zoo[1])
    assert [(one.table, one.changed) for one in found.differing] == [("zoo.kinds", 1)]


def test_a_shift_of_time_zone_shows_though_counts_are_equal(
    restored: Mariadb, zoo: tuple[Mariadb, model.DatabaseBaseline, bytes]
) -> None:
    restored.run("zoo", "UPDATE kinds SET moment = moment, stamp = stamp + INTERVAL 1 HOUR WHERE id = 1")
    assert "zoo.kinds" in said(compared(restored, zoo[1]))["rows-changed"]


def test_rows_that_came_after_the_baseline_pass_where_the_table_only_grows(
    restored: Mariadb, zoo: tuple[Mariadb, model.DatabaseBaseline, bytes]
) -> None:
    grows = Tolerances.of(append_only=["orders"])
    restored.run("zoo", "INSERT INTO orders (total) VALUES (1), (2)")
    assert compared(restored, zoo[1], grows).equal
    restored.run("zoo", "UPDATE orders SET total = total + 1 WHERE id = 5")
    assert set(said(compared(restored, zoo[1], grows))) == {"rows-changed"}


def test_a_difference_is_narrowed_down_to_rows_where_both_sides_can_be_asked(
    restored: Mariadb, zoo: tuple[Mariadb, model.DatabaseBaseline, bytes]
) -> None:
    source, baseline, _ = zoo
    restored.run(
        "zoo",
        "DELETE FROM orders WHERE id IN (4000, 4001)",
        "INSERT INTO orders (id, total) VALUES (30000, 1)",
        "UPDATE orders SET note = 'x' WHERE id = 7777",
        "UPDATE named SET v = v + 1 WHERE k IN ('k7', 'k8')",
    )
    coarse = {one.table: one for one in compared(restored, baseline).differing}
    with source.connect() as before, restored.connect() as after:
        infos = {one.name: one for one in read_schema(before, ["zoo"], with_grants=False).tables}

        def narrowed(name: str) -> Any:
            info = infos[name]
            (kind,) = {one.key_kind for one in baseline.tables if one.name == name}
            return localise.localise(
                localise.Side(connection=before, table=info.quoted), localise.Side(connection=after, table=info.quoted),
                coarse[f"zoo.{name}"], kind=kind, columns=info.columns, key=info.key,
            )  # fmt: skip

        orders, named = narrowed("orders"), narrowed("named")
    assert (orders.missing, orders.extra, orders.changed, orders.exact) == (2, 1, 1, True)
    places = {(str(one.difference), one.lower, one.upper) for one in orders.places}
    assert places == {("missing", "4000", "4002"), ("extra", "30000", "30001"), ("changed", "7777", "7778")}
    assert (named.missing, named.extra, named.changed, named.exact) == (0, 0, 2, True)
    assert all(one.difference is Difference.CHANGED for one in named.places)


def test_a_row_longer_than_a_packet_is_not_passed_over_in_silence(servers: dict[str, Mariadb]) -> None:
    server = servers["10.11"]
    server.load("wide", "CREATE TABLE t (id int PRIMARY KEY, a text, b text, c text) CHARACTER SET latin1;"
                "INSERT INTO t VALUES (1, REPEAT('a', 60000), REPEAT('b', 60000), REPEAT('c', 60000));")  # fmt: skip
    server.run(None, "SET GLOBAL max_allowed_packet = 131072")
    try:
        with pytest.raises(Unverifiable) as caught:
            capture_database(server.connect, ["wide"])
    finally:
        server.run(None, "SET GLOBAL max_allowed_packet = 16777216")
    assert caught.value.code == "rows-unreadable"
    assert "wide.t" in str(caught.value)


def test_two_connections_see_one_instant_of_a_server_that_never_rests(servers: dict[str, Mariadb]) -> None:
    server = servers["11.8"]
    server.load("busy", "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b LIKE a;"
                "INSERT INTO a SELECT seq FROM seq_1_to_3000;")  # fmt: skip
    stop = threading.Event()

    def move() -> None:
        with server.connect("busy") as connection, connection.cursor() as cursor:
            for number in range(1, 3001):
                if stop.is_set():
                    return
                cursor.execute("BEGIN")
                cursor.execute("DELETE FROM a WHERE id = %s", (number,))
                cursor.execute("INSERT INTO b VALUES (%s)", (number,))
                cursor.execute("COMMIT")
                time.sleep(0.001)

    mover = threading.Thread(target=move)
    mover.start()
    try:
        taken = [capture_database(server.connect, ["busy"]) for _ in range(5)]
    finally:
        stop.set()
        mover.join()
    assert [sum(table.rows for table in one.tables) for one in taken] == [3000] * 5
    assert len({one.position for one in taken}) > 1
    assert all(one.position is not None and one.position.gtid for one in taken)


def test_a_table_can_be_altered_while_it_is_read_and_the_baseline_says_that_it_was(servers: dict[str, Mariadb]) -> None:
    server = servers["10.11"]
    server.load(
        "altered",
        "CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t SELECT seq, 1 FROM seq_1_to_40000;"
        "ANALYZE NO_WRITE_TO_BINLOG TABLE t;",
    )
    began = threading.Event()
    slow = Manner(connections=1, pace=Pace(share=0.01))
    result: list[BaseException] = []

    def capture() -> None:
        try:
            capture_database(server.connect, ["altered"], manner=slow, progress=lambda *_: began.set())
        except Unverifiable as error:
            result.append(error)

    thread = threading.Thread(target=capture)
    thread.start()
    assert began.wait(20)
    server.run("altered", "SET lock_wait_timeout = 3", "ALTER TABLE t ADD COLUMN w int, ALGORITHM=COPY")
    thread.join(30)
    assert result, "the capture ended before the table was altered"
    assert "altered.t" in str(result[0])
    assert "altered or truncated" in str(result[0])


def test_an_account_that_sees_little_makes_a_baseline_that_says_so(servers: dict[str, Mariadb]) -> None:
    server = servers["10.11"]
    server.load("seen", "CREATE TABLE t (id int PRIMARY KEY, p int, FOREIGN KEY (p) REFERENCES t (id));"
        "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET @x = 1;"
                "CREATE PROCEDURE p() SELECT 1; CREATE VIEW v AS SELECT 1 AS one;")  # fmt: skip
    server.run(None, "CREATE OR REPLACE USER reader@localhost IDENTIFIED BY 'geheim'",
               "GRANT SELECT ON seen.* TO reader@localhost")  # fmt: skip
    baseline = capture_database(lambda: server.connect(None, "reader", "geheim"), ["seen"])
    notes = " ".join(baseline.notes)
    assert "Triggers of seen cannot be seen" in notes
    assert "Foreign keys of seen cannot be seen: the account needs SHOW VIEW" in notes
    assert "Routines of seen cannot be seen" in notes
    assert compared(server, baseline).equal
    with pytest.raises(WrongUse, match="no database mysql"):
        capture_database(lambda: server.connect(None, "reader", "geheim"), ["mysql"])


def test_an_account_of_single_tables_and_columns_holds_nothing_of_the_others_against_a_restore(
    servers: dict[str, Mariadb],
) -> None:
    server = servers["10.11"]
    server.load("parts", "CREATE TABLE t (id int PRIMARY KEY, a int CHECK (a > 0)); INSERT INTO t VALUES (1, 1);"
        "CREATE TABLE c (iban int, id int PRIMARY KEY, KEY (iban), KEY pair (id, iban)); INSERT INTO c VALUES (1, 1);"
                "CREATE TABLE hidden (id int); CREATE SEQUENCE s;")  # fmt: skip
    server.run(None, "CREATE OR REPLACE USER part@localhost IDENTIFIED BY 'geheim'",
               "GRANT SELECT ON parts.t TO part@localhost",
               "GRANT SELECT (id) ON parts.c TO part@localhost")  # fmt: skip
    baseline = capture_database(lambda: server.connect(None, "part", "geheim"), ["parts"])
    assert "Tables and columns of parts that the account may not read cannot be seen" in " ".join(baseline.notes)
    found = compared(server, baseline)
    assert (found.objects, found.differing, {*model.IN_PART} - {*found.unseen}) == ((), (), set())
    assert ["parts.c" in one for one in found.unproved] == [True]  # of which it saw a part of each row
    server.run("parts", "ALTER TABLE t MODIFY a bigint")
    assert [one.name for one in compared(server, baseline).objects] == ["parts.t.a"]
    server.run("parts", "DROP TABLE t")
    assert [one.name for one in compared(server, baseline).objects] == ["parts.t"]


@pytest.mark.parametrize("series", SERIES)
def test_what_an_account_may_by_its_roles_is_seen_and_in_full(servers: dict[str, Mariadb], series: str) -> None:
    server = servers[series]
    server.load("roles", "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3);"
        "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET @x = 1; CREATE VIEW v AS SELECT 1 AS one;"
                "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1;")  # fmt: skip
    rights = "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON roles.* TO"
    server.run(None, "CREATE OR REPLACE ROLE inner_role", "CREATE OR REPLACE ROLE outer_role",
               "GRANT inner_role TO outer_role", f"{rights} inner_role", "GRANT SELECT ON mysql.proc TO inner_role",
               "CREATE OR REPLACE USER member@localhost IDENTIFIED BY 'geheim'", "GRANT outer_role TO member@localhost",
               "SET DEFAULT ROLE outer_role FOR member@localhost",
               "CREATE OR REPLACE USER anybody@localhost IDENTIFIED BY 'geheim'", "SET GLOBAL sql_select_limit = 2",
               "CREATE OR REPLACE PROCEDURE roles.one() SELECT 1",
               "SET GLOBAL sql_quote_show_create = 0")  # fmt: skip
    try:
        whole = capture_database(server.connect, ["roles"])
        seen = capture_database(lambda: server.connect(None, "member", "geheim"), ["roles"])
        assert (seen.kinds, seen.objects, seen.tables) == (whole.kinds, whole.objects, whole.tables)
        assert [table.rows for table in seen.tables] == [3]
        if series != "10.5":  # which has no PUBLIC
            server.run(None, f"{rights} PUBLIC")
            seen = capture_database(lambda: server.connect(None, "anybody", "geheim"), ["roles"])
            assert {model.ObjectKind.VIEW, model.ObjectKind.TRIGGER, model.ObjectKind.EVENT} <= set(seen.kinds)
            server.run(None, f"{rights.replace('GRANT', 'REVOKE')} PUBLIC".replace(" TO ", " FROM "))
        if series == "11.8":
            server.run(None, f"{rights.replace(', EVENT', ', EVENT, SHOW CREATE ROUTINE')} anybody@localhost")
            seen = capture_database(lambda: server.connect(None, "anybody", "geheim"), ["roles"])
            assert seen.objects == whole.objects
    finally:
        server.run(None, "SET GLOBAL sql_select_limit = DEFAULT", "SET GLOBAL sql_quote_show_create = 1")


def test_a_connection_to_production_cannot_write(servers: dict[str, Mariadb], zoo: object) -> None:
    server = servers["10.5"]
    target = server_url.parse(server.url("zoo"), environment={})
    with (
        live.LiveServer(server=target).connect() as connection,
        connection.cursor() as cursor,
        pytest.raises(pymysql.err.MySQLError) as caught,
    ):
        cursor.execute("DELETE FROM zoo.orders")
    assert caught.value.args[0] == 1792
    with live.LiveServer(server=target).connect() as connection, connection.cursor() as cursor:
        # However soon the server ends sessions that rest, these stay.
        cursor.execute("SELECT @@wait_timeout, @@idle_transaction_timeout, @@idle_readonly_transaction_timeout")
        assert cursor.fetchall() == ((2147483, 0, 0),)
    with (
        live.LiveServer(server=target, statement_limit_seconds=0.2).connect() as connection,
        connection.cursor() as cursor,
    ):
        with pytest.raises(pymysql.err.MySQLError) as caught:
            cursor.execute("SELECT SLEEP(3) FROM zoo.orders")
        assert caught.value.args[0] == 1969
        assert {"DELETE", ALL} & privileges(connection, "zoo")


def test_a_password_of_an_option_file_is_the_one_that_mariadb_reads(
    servers: dict[str, Mariadb], tmp_path: Path
) -> None:
    server = servers["10.5"]
    server.run(None, "CREATE OR REPLACE USER sharp@localhost IDENTIFIED BY 'pä€#à'", "CREATE DATABASE IF NOT EXISTS d")
    option_file = tmp_path / "my.cnf"
    option_file.write_text('[client]\npassword="pä€#à"\n', encoding="utf-8")
    target = server_url.parse(server.url("d", "sharp"), defaults_file=option_file, environment={})
    live.LiveServer(server=target).connect().close()
    option_file.write_text("[client]\npassword=pä€#à\n", encoding="utf-8")
    target = server_url.parse(server.url("d", "sharp"), defaults_file=option_file, environment={})
    with pytest.raises(Unverifiable) as caught:
        live.LiveServer(server=target).connect()
    assert "ends at the #" in caught.value.mend
    assert "pä" not in str(caught.value)


def test_a_read_lock_is_refused_to_an_account_that_may_not_take_it(servers: dict[str, Mariadb]) -> None:
    server = servers["10.11"]
    server.load("locked", "CREATE TABLE t (id int PRIMARY KEY);")
    server.run(None, "CREATE OR REPLACE USER plain@localhost", "GRANT SELECT ON locked.* TO plain@localhost")
    with pytest.raises(Unverifiable) as caught:
        capture_database(lambda: server.connect(None, "plain"), ["locked"], manner=Manner(guard=Guard.READ_LOCK))
    assert caught.value.code == "no-read-lock"
    baseline = capture_database(server.connect, ["locked"], manner=Manner(guard=Guard.READ_LOCK))
    assert baseline.snapshot is model.Snapshot.READ_LOCK


def test_grants_are_compared_where_they_were_asked_for(servers: dict[str, Mariadb]) -> None:
    server = servers["10.11"]
    server.load("granted", "CREATE TABLE t (id int PRIMARY KEY);")
    server.run(None, "CREATE OR REPLACE USER app@localhost", "GRANT SELECT, INSERT ON granted.* TO app@localhost")
    baseline = capture_database(server.connect, ["granted"], manner=Manner(with_grants=True))
    assert compared(server, baseline).equal
    server.run(None, "REVOKE INSERT ON granted.* FROM app@localhost")
    assert "app" in said(compared(server, baseline))["grant-changed"]
    may = "EXECUTE ON PROCEDURE granted.p"
    server.run(None, "CREATE OR REPLACE PROCEDURE granted.p() SELECT 1", f"GRANT {may} TO app@localhost")
    baseline = capture_database(server.connect, ["granted"], manner=Manner(with_grants=True))
    assert compared(server, baseline).equal
    server.run(None, f"REVOKE {may} FROM app@localhost")
    found = said(compared(server, baseline))
    assert found == {"grant-missing": "Grants are missing: granted: 'app'@'localhost' on procedure p"}


def test_the_command_keeps_a_signed_baseline_beside_the_backup(
    servers: dict[str, Mariadb], zoo: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    backup = tmp_path / "zoo.sql.zst"
    assert command.main([servers["10.5"].url("zoo"), "--beside", str(backup)], standalone_mode=False) == 0
    written = tmp_path / "zoo.sql.zst.baseline.json"
    baseline = document.read(written)
    assert baseline.server_version.startswith("10.5.")
    assert b"k7" not in written.read_bytes()  # a key of the table `named`, and a text
    check = subprocess.run(
        ["ssh-keygen", "-Y", "check-novalidate", "-n", "drtool-baseline", "-s", f"{written}.sig"],
        input=written.read_bytes(), check=False, capture_output=True,
    )  # fmt: skip
    assert check.returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config", written.name, f"{written.name}.sig"]


@pytest.fixture
def large(servers: dict[str, Mariadb]) -> Iterator[str]:
    """Return the URL of a database that takes some seconds to read at a hundredth of the pace."""
    with servers["10.5"].connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE large")
        cursor.execute("USE large")
        cursor.execute("CREATE TABLE numbers (id int PRIMARY KEY) SELECT seq AS id FROM seq_1_to_600000")
        yield servers["10.5"].url("large")
        cursor.execute("DROP DATABASE large")


def test_an_interrupted_capture_says_that_nothing_was_changed_and_leaves_nothing(large: str, tmp_path: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "drtool", "baseline", large, "--unsigned", "--share", "0.01", "--connections", "1",
         "--out", str(tmp_path / "large.json")],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + pace.seconds(20)
    while not any(tmp_path.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.3)
    running.send_signal(signal.SIGINT)
    _, said_by_it = running.communicate(timeout=pace.seconds(20))
    assert running.returncode == 130, said_by_it
    assert "nothing was changed, and no baseline was written" in said_by_it
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a folder with all that an archive can carry."""
    root = tmp_path / "srv" / "uploads"
    (root / "2024" / "ü x").mkdir(parents=True)
    for number in range(40):
        (root / "2024" / f"{number:02}.jpg").write_bytes(os.urandom(5000))
    (root / "2024" / "ü x" / "new\nline").write_bytes(b"x")
    with open(os.fsencode(root) + b"/bad\xff%name", "wb"):  # noqa: PTH123 (Path takes no bytes)
        pass
    os.link(root / "2024" / "00.jpg", root / "2024" / "again.jpg")
    (root / "latest").symlink_to("2024/39.jpg")
    (root / "tool").write_bytes(b"#!")
    (root / "tool").chmod(0o4755)
    os.chown(root / "2024", 33, 33)
    for number in (1, 2):
        os.setxattr(root / "2024" / f"{number:02}.jpg", "user.by", b"anna")
    return root


@pytest.fixture
def folder_sandbox(engine: Engine) -> Iterator[SandboxContainer]:
    container = engine.client.containers.run(
        "drtool/mariadb:10.11", ["sleep", "300"], entrypoint=[], detach=True, user="0:0", network_mode="none",
        labels={_LABEL: "1"}, tmpfs={"/restored": ""},
    )  # fmt: skip
    try:
        yield SandboxContainer(engine, container)
    finally:
        container.remove(force=True, v=True)


def unpack(container: SandboxContainer, root: Path, *what: str) -> None:
    archive = subprocess.run(
        ["tar", "-C", str(root), "-c", "--format=pax", *(what or ["."])], check=True, capture_output=True
    )
    feed(container.inner, ["tar", "-C", "/restored", "-xp", "--numeric-owner", "--xattrs"], archive.stdout)


def names_in(folder: Path) -> Callable[[], set[bytes]]:
    return lambda: set(os.listdir(os.fsencode(folder)))  # noqa: PTH208 (Path takes no bytes)


def look(container: SandboxContainer, tree: Path, root: str = "/restored") -> FilesComparison:
    with files_in_container(container, root) as seen:
        return compare_files(capture_folder(tree, Tally()), seen)


def test_restored_files_raise_nothing_whatever_their_names(folder_sandbox: SandboxContainer, tree: Path) -> None:
    unpack(folder_sandbox, tree)
    found = look(folder_sandbox, tree)
    assert said(found) == {}
    assert found.differing == ()
    assert found.files == 44
    assert found.unknown == ("user attributes of 2 entries",)  # which tar leaves out unless it is told
    unpack(folder_sandbox, tree, "--xattrs", ".")
    assert look(folder_sandbox, tree).unknown == ()
    assert restored_root(folder_sandbox, "/restored", os.fsencode(tree), names_in(tree)) == ("/restored", True)


def test_files_are_found_below_the_folders_that_their_archive_names(
    folder_sandbox: SandboxContainer, tree: Path
) -> None:
    unpack(folder_sandbox, tree.parent.parent, "srv/uploads")
    root = restored_root(folder_sandbox, "/restored", os.fsencode(tree), names_in(tree))
    assert root == ("/restored/srv/uploads", True)
    assert look(folder_sandbox, tree, root[0]).differing == ()
    unpack(folder_sandbox, Path("/etc"), "passwd")  # which the baseline does not cover
    assert restored_root(folder_sandbox, "/restored", os.fsencode(tree), names_in(tree)) == (root[0], False)


def test_one_folder_that_the_baseline_does_not_have_is_what_it_is_of(
    folder_sandbox: SandboxContainer, tree: Path
) -> None:
    """A Docker volume is mounted under any name for its backup; its baseline is of a folder called `_data`."""
    unpack(folder_sandbox, tree.parent, tree.name)
    elsewhere = b"/var/lib/docker/volumes/shop/_data"
    root = restored_root(folder_sandbox, "/restored", elsewhere, names_in(tree))
    assert root == (f"/restored/{tree.name}", True)
    assert look(folder_sandbox, tree, root[0]).differing == ()
    assert restored_root(folder_sandbox, "/restored", elsewhere, names_in(tree.parent)) == ("/restored", True)


def test_a_folder_that_is_called_as_one_above_it_is_not_taken_for_that(
    folder_sandbox: SandboxContainer, tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "www"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "1.jpg").write_bytes(b"1")
    unpack(folder_sandbox, folder)
    original = os.fsencode(folder)
    assert restored_root(folder_sandbox, "/restored", original, names_in(folder)) == ("/restored", True)
    folder_sandbox.inner.exec_run(["bash", "-c", "cd /restored && mkdir data/www && ln -s /etc data/www/data"])
    assert restored_root(folder_sandbox, "/restored", original, names_in(folder))[0] != "/restored/data/www/data"


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (
            "cp -p 2024/05.jpg /tmp/a && head -c 5000 /dev/zero > 2024/05.jpg && touch -r /tmp/a 2024/05.jpg",
            "file-changed",
        ),
        ("rm 2024/07.jpg", "file-missing"),
        (": > 2024/08.jpg", "file-changed"),
        ("touch 2024/extra", "file-extra"),
        ("chmod 600 2024/09.jpg", "file-mode-changed"),
        ("chown 7:7 2024/09.jpg", "file-owner-changed"),
        ("cp -p 2024/01.jpg /tmp/a && rm 2024/01.jpg && cp -p /tmp/a 2024/01.jpg", "file-attributes-changed"),
        ("cp -p 2024/again.jpg /tmp/a && rm 2024/again.jpg && cp -p /tmp/a 2024/again.jpg", "file-link-changed"),
    ],
)
def test_each_loss_of_files_is_named_by_folder(
    folder_sandbox: SandboxContainer, tree: Path, damage: str, code: str
) -> None:
    unpack(folder_sandbox, tree, "--xattrs", ".")
    done = folder_sandbox.inner.exec_run(["bash", "-ec", f"cd /restored && {damage}"])
    assert done.exit_code == 0, done.output
    found = look(folder_sandbox, tree)
    assert list(said(found)) == [code]
    assert said(found)[code].endswith(": 1 in 2024")


def test_the_command_keeps_a_list_of_files_beside_the_archive(
    folder_sandbox: SandboxContainer, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    archive = tmp_path / "uploads.tar.zst"
    assert command.main([str(tree), "--beside", str(archive)], standalone_mode=False) == 0
    unpack(folder_sandbox, tree)
    from drtool.stores import store_for

    with (
        kept.find_folder_baseline(store_for(str(archive)), str(archive)) as (where, read),
        files_in_container(folder_sandbox, "/restored") as seen,
    ):
        header, entries = read()
        assert compare_files(entries(), seen).equal
        assert len(list(entries())) == len(list(entries()))  # as often as they are asked for
        assert header.root == str(tree)
        assert where.location.endswith("uploads.tar.zst.baseline.jsonl.zst")
