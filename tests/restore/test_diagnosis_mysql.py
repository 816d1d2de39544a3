"""A dump of MySQL's that MariaDB cannot take says what of MySQL's it needs."""

from __future__ import annotations

import pytest

from drtool.backups.compression import Compression
from drtool.backups.recognise import Format, Recognised
from drtool.errors import RestoreFailed
from drtool.restore.dump import dump_failure
from drtool.restore.pipeline import Outcome

MYSQL = Recognised(
    format=Format.DUMP,
    compression=Compression.NONE,
    server_version="8.0.36",
    has_header=True,
    header={"tool": "MySQL dump 10.13  Distrib 8.0.36"},
)


def refused(line: str, dump: Recognised = MYSQL, *, end: str = "complete") -> RestoreFailed:
    outcome = Outcome(finished=True, statuses={"read": 0, "decompress": 0, "sink": 1}, errors={"sink": [line]}, end=end)
    failure = dump_failure(outcome, dump)
    assert isinstance(failure, RestoreFailed)
    return failure


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("ERROR 1273 (HY000) at line 25: Unknown collation: 'utf8mb4_0900_ai_ci'", "utf8mb4_0900_ai_ci"),
        ("ERROR 1193 (HY000) at line 20: Unknown system variable 'GTID_PURGED'", "GTID_PURGED"),
        ("ERROR 1305 (42000) at line 31: FUNCTION shop.uuid_to_bin does not exist", "a function"),
        ("ERROR 1524 (HY000) at line 9: Plugin 'caching_sha2_password' is not loaded", "caching_sha2_password"),
        ("ERROR 1064 (42000) at line 40: You have an error in your SQL syntax near '(secret", "index on an expression"),
    ],
)
def test_the_feature_is_named(line: str, named: str) -> None:
    failure = refused(line)
    assert failure.code == "mysql-feature"
    assert named in str(failure)
    assert "8.0.36" in failure.what
    assert "secret" not in str(failure)


def test_a_cut_dump_and_one_of_mariadb_are_told_as_ever() -> None:
    line = "ERROR 1064 (42000) at line 40: You have an error in your SQL syntax near 'x'"
    assert refused(line, end="missing").code == "dump-truncated"
    mariadb = Recognised(
        format=Format.DUMP,
        compression=Compression.NONE,
        series="10.11",
        has_header=True,
        header={"tool": "MariaDB dump"},
    )
    assert refused(line, mariadb).code == "dump-does-not-load"
