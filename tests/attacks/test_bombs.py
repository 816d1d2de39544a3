"""Backups that take all there is of something: memory, disk, time, tables. Each drill ends, and soon."""

from __future__ import annotations

import pytest

from drtool.backups.compression import Compression
from fixtures.faults.packing import packed
from tests import pace
from tests.attacks.attack import Attack, Drilled, Input, each, judge, scenario, verify
from tests.attacks.dumps import HEADER, TRAILER, dump, dumped

_SECONDS = 60
_BLOCK = 2**24
_FILLS = "CREATE VIEW `fills` AS SELECT a.seq AS x, REPEAT('x', 500) AS y FROM seq_1_to_9000000 a ORDER BY y, x DESC;"
_LIMITS = ("disk-limit", "disk-full", "asked")


def _asked(statements: str, query: str) -> Input:
    body = f"""
db = drill.restore_mariadb(drill.backup(str(here / "db.sql")), disk="150MiB", memory="1GiB")
db.check("asked", {query!r}, at_least=1)
"""
    return scenario(body, files={"db.sql": dump(statements)})


def _limited(statements: str) -> Input:
    body = 'drill.restore_mariadb(drill.backup(str(here / "db.sql")), disk="150MiB", memory="1GiB")'
    return scenario(body, files={"db.sql": dump(statements)})


def _flood(byte: bytes, blocks: int, head: bytes = b"", tail: bytes = b"") -> bytes:
    one = packed(byte * _BLOCK, Compression.ZSTD)
    return packed(head, Compression.ZSTD) + one * blocks + packed(tail, Compression.ZSTD)


_MANY = "".join(
    f"CREATE TABLE `t{number}` (`a` int) ENGINE=MyISAM;\nINSERT INTO `t{number}` VALUES (1);\n" for number in range(300)
)

ATTACKS = (
    Attack(
        name="view-that-fills-the-disk-when-it-is-asked",
        bad=_asked(_FILLS, "SELECT COUNT(*) FROM (SELECT * FROM app.fills LIMIT 8999999) t"),
        twin=_asked(_FILLS, "SELECT COUNT(*) FROM app.people"),
        told=_LIMITS,
        code=3,
        worst=True,
    ),
    Attack(
        name="table-that-fills-the-disk-as-it-loads",
        bad=_limited("CREATE TABLE `fills` AS SELECT REPEAT('x', 1000) AS x FROM seq_1_to_90000000;"),
        twin=_limited("CREATE TABLE `fills` AS SELECT REPEAT('x', 1000) AS x FROM seq_1_to_900;"),
        told=("disk-limit",),
        code=3,
    ),
    Attack(
        name="temporary-table-that-fills-the-disk-as-it-loads",
        bad=_limited(
            "CREATE TEMPORARY TABLE `fills` ENGINE=MyISAM AS SELECT REPEAT('x', 1000) AS x FROM seq_1_to_90000000;"
        ),
        twin=_limited(
            "CREATE TEMPORARY TABLE `fills` ENGINE=MyISAM AS SELECT REPEAT('x', 1000) AS x FROM seq_1_to_900;"
        ),
        told=("disk-limit", "disk-full"),
        code=3,
    ),
    Attack(
        name="zeros-without-end",
        bad=verify("db.sql.zst", files={"db.sql.zst": _flood(b"\0", 128)}),
        twin=verify("db.sql.zst", files={"db.sql.zst": packed(b"\n" * 1000 + dump().encode(), Compression.ZSTD)}),
        told=("not-a-backup",),
    ),
    Attack(
        name="comment-of-a-gigabyte-that-never-closes",
        bad=verify("db.sql.zst", files={"db.sql.zst": _flood(b"x", 64, (HEADER + "/* ").encode(), TRAILER.encode())}),
        twin=verify(
            "db.sql.zst", files={"db.sql.zst": packed(b"-- " + b"x" * 1000 + b"\n" + dump().encode(), Compression.ZSTD)}
        ),
        told=(
            "dump-end-swallowed",
            "dump-truncated",
            "dump-does-not-load",
            "packet-too-large",
            "dump-trailer-missing",
            "tables are present",
            "dump-trailing-garbage",
        ),
    ),
    Attack(
        name="blank-lines-of-a-gigabyte-and-no-dump",
        bad=verify("db.sql.zst", files={"db.sql.zst": _flood(b"\n", 64)}),
        twin=verify("db.sql.zst", files={"db.sql.zst": packed(dump().encode(), Compression.ZSTD)}),
        told=("not-a-backup", "backup-empty", "tables are present"),
    ),
    Attack(
        name="hundreds-of-tables-of-which-one-cannot-be-read",
        bad=dumped(_MANY + "CREATE VIEW `v` AS SELECT * FROM `t7`;\nDROP TABLE `t7`;"),
        twin=dumped(_MANY),
        told=("tables and views are readable",),
    ),
    Attack(
        name="output-without-end-as-it-loads-and-then-a-cut",
        bad=dumped("SELECT REPEAT('so on ', 10000) FROM seq_1_to_30000;", trailer=""),
        twin=dumped("SELECT REPEAT('so on ', 10000) FROM seq_1_to_30000;"),
        told=("dump-trailer-missing",),
    ),
)


@each(ATTACKS)
def test_a_backup_that_takes_all_there_is_does_not_pass(attack: Attack, drilled: Drilled) -> None:
    judge(attack, drilled)
    assert drilled(attack.bad).elapsed_seconds < pace.seconds(_SECONDS)


@pytest.mark.long
def test_bombs_are_small_themselves() -> None:
    for attack in ATTACKS:
        assert sum(len(content) for _, content in attack.bad.files) < 200_000
