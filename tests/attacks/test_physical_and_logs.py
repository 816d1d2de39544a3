"""Physical backups of which files are gone, foreign or exchanged, and binary logs with a gap, a cut or a stranger."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from fixtures.faults.mbstream import Chunk, chunks, joined
from fixtures.faults.packing import unpacked
from fixtures.shop.accounts import Account
from fixtures.shop.backups import copy_binary_logs
from fixtures.shop.compression import Compression
from fixtures.shop.physical import PhysicalJob, checkpoint
from fixtures.shop.production import Production
from tests.attacks.attack import FAST, HERE, Attack, Drilled, Input, each, judge, scenario

_FILL = """\
CREATE DATABASE shop;
USE shop;
CREATE TABLE shop.people (id INT PRIMARY KEY, name VARCHAR(50)) ENGINE=InnoDB;
INSERT INTO shop.people SELECT seq, CONCAT('name ', seq) FROM seq_1_to_500;
CREATE TABLE shop.orders (id INT PRIMARY KEY, person INT, KEY (person),
  CONSTRAINT of FOREIGN KEY (person) REFERENCES shop.people (id)) ENGINE=InnoDB;
INSERT INTO shop.orders SELECT seq, 1 + seq % 500 FROM seq_1_to_2000;
CREATE TABLE shop.plain (id INT PRIMARY KEY, note TEXT) ENGINE=MyISAM;
INSERT INTO shop.plain VALUES (1, 'a'), (2, 'b');
CREATE TABLE shop.texts (id INT PRIMARY KEY, words TEXT, FULLTEXT (words)) ENGINE=InnoDB;
INSERT INTO shop.texts VALUES (1, 'some words');
CREATE TABLE shop.lines (id INT NOT NULL, note TEXT NOT NULL) ENGINE=CSV;
INSERT INTO shop.lines VALUES (1, 'a'), (2, 'b');
CREATE TABLE shop.beats (id INT PRIMARY KEY) ENGINE=InnoDB;
"""
_LOGS = 4
_UNKNOWN = ("tables of InnoDB are known to the server",)
_READABLE = ("tables and views are readable",)
_DAMAGED = ("redo-log-damaged", "backup-does-not-prepare", "server-does-not-start")

Edit = Callable[[list[Chunk]], Iterable[Chunk]]


@pytest.fixture(scope="module")
def supplies(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """A physical backup, a dump, and the binary logs that follow it, one row in each."""
    folder = tmp_path_factory.mktemp("production")
    with Production.started() as production:
        (folder / "fill.sql").write_text(_FILL)
        production.run_sql_file(folder / "fill.sql")
        checkpoint(production)
        full = PhysicalJob(production, folder, compression=Compression.NONE).full()
        dump = (
            "mariadb-dump --defaults-file=/root/root.cnf --single-transaction --master-data=2 --gtid --databases shop"
        )
        dumped = production.run(["bash", "-c", dump])
        assert dumped.status == 0, dumped.output
        connection = production.connect(Account.ROOT)
        with connection.cursor() as cursor:
            for number in range(_LOGS):
                cursor.execute("FLUSH BINARY LOGS")
                cursor.execute("INSERT INTO shop.beats VALUES (%s)", (number,))
        connection.close()
        logs = copy_binary_logs(production, folder / "logs")
    kept = logs[-_LOGS:]
    return {"full.mb": unpacked(full.read_bytes()), "db.sql": dumped.output.encode()} | {
        f"binlog.00000{number}": log.read_bytes() for number, log in enumerate([logs[-_LOGS - 1], *kept], start=1)
    }


def _stream(edit: Edit = lambda parts: parts) -> Input:
    def arrange(folder: Path) -> None:
        path = folder / "full.mb"
        written = path.stat().st_mtime
        path.write_bytes(joined(edit(chunks(path.read_bytes()))))
        os.utime(path, (written, written))

    return Input((), ("verify", f"{HERE}/full.mb", *FAST), arrange)


def _without(*prefixes: str) -> Input:
    def left(parts: list[Chunk]) -> Iterable[Chunk]:
        kept = [part for part in parts if not part.path.startswith(prefixes)]
        assert len(kept) < len(parts), prefixes
        return kept

    return _stream(left)


def _exchanged(one: str, other: str) -> Input:
    def exchange(parts: list[Chunk]) -> Iterable[Chunk]:
        theirs = [part for part in parts if part.path == other]
        for part in parts:
            if part.path != one:
                yield part
        for part in theirs:
            yield Chunk(path=one, offset=part.offset, payload=part.payload)

    return _stream(exchange)


def _zeroed(path: str) -> Input:
    return _stream(
        lambda parts: (
            Chunk(path=part.path, offset=part.offset, payload=bytes(len(part.payload)))
            if part.path == path and part.payload
            else part
            for part in parts
        )
    )


def _in_a_tar(*places: str) -> Input:
    def arrange(folder: Path) -> None:
        whole: dict[str, bytearray] = {}
        for part in chunks((folder / "full.mb").read_bytes()):
            content = whole.setdefault(part.path, bytearray())
            if part.payload:
                content.extend(bytes(part.offset - len(content)))
                content[part.offset : part.offset + len(part.payload)] = part.payload
        written = (folder / "full.mb").stat().st_mtime
        with tarfile.open(folder / "full.tar", "w") as archive:
            for place in places:
                for path, content in whole.items():
                    info = tarfile.TarInfo(f"{place}/{path}")
                    info.size, info.mtime = len(content), int(written)
                    archive.addfile(info, io.BytesIO(bytes(content)))
        os.utime(folder / "full.tar", (written, written))

    return Input((), ("verify", f"{HERE}/full.tar", *FAST), arrange)


def _and(path: str, content: bytes) -> Input:
    return _stream(lambda parts: [Chunk(path=path, payload=content), Chunk(path=path), *parts])


def _replayed(arrange: Callable[[Path], object] | None = None, *, files: Mapping[str, bytes] | None = None) -> Input:
    body = f"""
db = drill.restore_mariadb(drill.backup(str(here / "db.sql")))
drill.replay_binlogs(str(here / "binlog.*"))
db.check("all beats", "SELECT COUNT(*) FROM shop.beats", equals={_LOGS})
"""
    return scenario(body, files=dict(files or {}), arrange=arrange)


def _log(number: int) -> str:
    return f"binlog.00000{number}"


def _gone(number: int) -> Callable[[Path], object]:
    return lambda folder: (folder / _log(number)).unlink()


def _edited(number: int, edit: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        path = folder / _log(number)
        path.write_bytes(edit(path.read_bytes()))

    return change


def _flipped(log: bytes) -> bytes:
    at = len(log) - 100
    return log[:at] + bytes([log[at] ^ 0x10]) + log[at + 1 :]


_WHOLE, _REPLAYED = _stream(), _replayed()

ATTACKS = (
    Attack(
        name="physical-definition-of-a-table-gone",
        bad=_without("shop/people.frm"),
        twin=_WHOLE,
        told=(*_UNKNOWN, *_READABLE),
        worst=True,
    ),
    Attack(name="physical-both-files-of-a-table-gone", bad=_without("shop/beats."), twin=_WHOLE, told=_UNKNOWN),
    Attack(
        name="physical-rows-of-a-table-gone", bad=_without("shop/beats.ibd"), twin=_WHOLE, told=(*_READABLE, *_UNKNOWN)
    ),
    Attack(name="physical-database-gone", bad=_without("shop/"), twin=_WHOLE, told=(*_UNKNOWN, "tables are present")),
    Attack(
        name="physical-definition-of-a-csv-table-gone",
        bad=_without("shop/lines.frm"),
        twin=_WHOLE,
        told=("definition-missing",),
    ),
    Attack(
        name="physical-table-of-who-has-which-role-gone",
        bad=_without("mysql/roles_mapping."),
        twin=_WHOLE,
        told=("definition-missing",),
    ),
    Attack(
        name="physical-files-of-a-full-text-index-gone",
        bad=_without("shop/FTS_"),
        twin=_WHOLE,
        told=("index-files-missing",),
    ),
    Attack(
        name="physical-two-backups-in-one-stream",
        bad=_stream(lambda parts: [*parts, *parts]),
        twin=_WHOLE,
        told=("stream-trailing-garbage",),
        worst=True,
    ),
    Attack(
        name="physical-two-backups-in-one-archive",
        bad=_in_a_tar("monday", "tuesday"),
        twin=_in_a_tar("backups/tuesday"),
        told=("backups-mixed",),
        code=3,
    ),
    Attack(name="physical-rows-of-a-myisam-table-gone", bad=_without("shop/plain.MYD"), twin=_WHOLE, told=_READABLE),
    Attack(name="physical-index-of-a-myisam-table-gone", bad=_without("shop/plain.MYI"), twin=_WHOLE, told=_READABLE),
    Attack(name="physical-system-tables-gone", bad=_without("mysql/"), twin=_WHOLE, told=("backup-partial", *_DAMAGED)),
    Attack(name="physical-system-tablespace-gone", bad=_without("ibdata1"), twin=_WHOLE, told=("physical-incomplete",)),
    Attack(
        name="physical-table-exchanged-for-another",
        bad=_exchanged("shop/people.ibd", "shop/orders.ibd"),
        twin=_WHOLE,
        told=(*_READABLE, *_DAMAGED, "CHECK TABLE", "pages match their checksums"),
    ),
    Attack(name="physical-log-all-zeros", bad=_zeroed("ib_logfile0"), twin=_WHOLE, told=_DAMAGED),
    Attack(
        name="physical-rows-all-zeros",
        bad=_zeroed("shop/people.ibd"),
        twin=_WHOLE,
        told=(*_READABLE, *_DAMAGED, "pages match their checksums"),
    ),
    Attack(
        name="physical-file-that-climbs-out",
        bad=_and("../../tmp/climbed", b"out"),
        twin=_and("shop/readme.txt", b"in"),
        told=("stream-damaged", "stream-truncated", "physical-info-missing"),
    ),
    Attack(
        name="physical-file-from-the-root",
        bad=_and("/tmp/from-the-root", b"out"),
        twin=_and("shop/readme.txt", b"in"),
        told=("stream-damaged", "stream-truncated", "physical-info-missing"),
    ),
    Attack(
        name="logs-with-a-gap",
        bad=_replayed(_gone(3)),
        twin=_REPLAYED,
        told=("binary-log-gap", "binary-log-missing"),
        worst=True,
    ),
    Attack(
        name="logs-without-the-one-that-the-dump-begins-in",
        bad=_replayed(_gone(1)),
        twin=_REPLAYED,
        told=("binary-log-missing", "gtid-not-in-logs", "binary-log-gap"),
    ),
    Attack(name="logs-without-the-newest", bad=_replayed(_gone(_LOGS + 1)), twin=_REPLAYED, told=("all beats",)),
    Attack(
        name="log-in-the-middle-cut-inside-an-event",
        bad=_replayed(_edited(3, lambda log: log[:-30])),
        twin=_REPLAYED,
        told=("binary-log-truncated", "binary-log-damaged"),
    ),
    Attack(
        name="log-of-which-a-byte-is-another",
        bad=_replayed(_edited(3, _flipped)),
        twin=_REPLAYED,
        told=("binary-log-damaged",),
    ),
    Attack(
        name="log-in-the-middle-empty",
        bad=_replayed(_edited(3, lambda _: b"")),
        twin=_REPLAYED,
        told=("binary-log-truncated", "not-a-binary-log", "binary-log-damaged", "binary-log-gap"),
    ),
    Attack(
        name="log-in-the-middle-of-another-server",
        bad=_replayed(_edited(3, lambda log: log.replace(b"\x01\0\0\0", b"\x07\0\0\0"))),
        twin=_REPLAYED,
        told=("binary-logs-of-another-server", "binary-log-damaged", "binary-logs-mixed"),
    ),
    Attack(
        name="log-repeated-under-the-next-name",
        bad=_replayed(lambda folder: (folder / _log(_LOGS + 2)).write_bytes((folder / _log(2)).read_bytes())),
        twin=_REPLAYED,
        told=("binary-log-gap", "binary-logs-mixed", "binary-logs-of-another-server"),
    ),
    Attack(
        name="logs-of-which-two-have-changed-names",
        bad=_replayed(
            lambda folder: [
                (folder / _log(3)).rename(folder / "x"),
                (folder / _log(4)).rename(folder / _log(3)),
                (folder / "x").rename(folder / _log(4)),
            ]
        ),
        twin=_REPLAYED,
        told=("binary-log-gap", "binary-logs-mixed", "binary-logs-of-another-server"),
    ),
    Attack(
        name="text-among-the-logs",
        bad=_replayed(_edited(3, lambda _: b"not a log\n" * 50)),
        twin=_REPLAYED,
        told=("not-a-binary-log",),
    ),
)


@each(ATTACKS)
def test_a_physical_backup_or_logs_that_are_not_whole_do_not_pass(attack: Attack, drilled: Drilled) -> None:
    judge(attack, drilled)
