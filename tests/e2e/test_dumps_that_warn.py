"""What a server changes without an error, while it loads a dump, is found by its warnings; what only warns is not."""

from __future__ import annotations

import pytest

from drtool.record.verdicts import Effect
from tests.e2e.conftest import ShopBackups
from tests.e2e.workbench import Workbench

_WHOLE = (
    "CREATE TABLE legacy (k ENUM('a','b'), w VARCHAR(2)) ENGINE=InnoDB; INSERT INTO legacy VALUES ('','x'),('a',NULL);"
    "CREATE TABLE computed (k VARCHAR(9), w TINYINT AS (CAST(k AS INT)) STORED) ENGINE=InnoDB;"
    "INSERT INTO computed (k) VALUES (''),('a'),('1000');"
    "CREATE TABLE t (id TINYINT PRIMARY KEY, s VARCHAR(3), d DATE NOT NULL) ENGINE=InnoDB;"
    "INSERT INTO t VALUES (1,'abc','2026-01-01'),(2,'','0000-00-00');"
)


@pytest.mark.parametrize(
    ("more", "warning"),
    [
        ("", None),
        ("REVOKE ALL PRIVILEGES, GRANT OPTION FROM root@localhost; SET GLOBAL sql_select_limit = 0;", None),
        ("BEGIN; COMMIT; SET sql_select_limit = 0;\nDELIMITER $$\nSELECT * FROM t; SELECT '/* none' $$", None),
        ("INSERT INTO t VALUES (3,'jane@example.org','2026-01-01');", 1265),
        ("INSERT INTO t VALUES (1000,'abc','2026-01-01');", 1264),
        ("INSERT IGNORE INTO t VALUES (1,'x','2026-01-01'),(4,'y','2026-01-01');", 1062),
        ("CREATE TABLE u (a INT) ENGINE=TokuDB;", 1266),
    ],
)
def test_a_dump_that_does_not_come_back_as_it_is_fails_though_it_loads(
    bench: Workbench, shop: ShopBackups, more: str, warning: int | None
) -> None:
    head, _, _ = shop.sql.partition(b"--\n-- Current Database")
    body = f"CREATE DATABASE `shop`;\nUSE `shop`;\n{_WHOLE}\n{more}\n-- Dump completed\n"
    dump = shop.write(bench.folder / "db.sql", head + body.encode())
    ran = bench.drtool("verify", dump, "--profile", "fast", "--json")
    if warning is None:
        assert ran.code == 0, ran
        assert not [found for found in ran.record.findings if found.effect is not Effect.WARNING]
        return
    assert ran.code == 1, ran
    (found,) = ran.record.findings
    assert (found.code, f"warning {warning}" in found.message) == ("rows-altered", True)
    assert b"jane" not in bench.evidence()
