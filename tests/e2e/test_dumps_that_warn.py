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


def test_a_table_that_comes_back_in_another_engine_is_named_with_both(bench: Workbench, shop: ShopBackups) -> None:
    head, _, _ = shop.sql.partition(b"--\n-- Current Database")
    tables = "CREATE TABLE u (a INT) ENGINE=TokuDB;\nCREATE TABLE v (a INT) ENGINE=HEAP;\n"
    body = f"CREATE DATABASE `shop`;\nUSE `shop`;\n{tables}"
    dump = shop.write(bench.folder / "db.sql", head + body.encode() + b"-- Dump completed\n")
    ran = bench.drtool("verify", dump, "--profile", "fast", "--json")
    assert ran.code == 1, ran
    (found,) = [one for one in ran.record.findings if one.effect is not Effect.WARNING]
    assert (found.code, "shop.u (TokuDB, now innodb)" in found.message) == ("engine-missing", True)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ("INSERT INTO t VALUES (1,'a',NULL),(2,'b',NULL);", None),
        ("INSERT IGNORE INTO t VALUES (1,'a',NULL); DELETE FROM t WHERE id = 1;", None),
        ("INSERT INTO t VALUES (1,'a',NULL); DROP TABLE t; CREATE TABLE t (a INT); INSERT INTO t VALUES (7);", None),
        ("INSERT INTO t VALUES (1,'a',NULL); CALL `gone`();", None),
        ("CREATE TABLE h (a INT) WITH SYSTEM VERSIONING; INSERT INTO h VALUES (1),(2);", None),
        ("INSERT INTO t VALUES (1,'a',NULL);\nDELIMITER ;;\nINSERT INTO t VALUES (2,'b',NULL);;\nDELIMITER ;\n", None),
        ("INSERT INTO t VALUES (1,'a',NULL); /*M!100000 WITH x AS (SELECT 1) SELECT 1 */;", None),
        ("INSERT INTO t VALUES (1,'a',NULL); CREATE TABLE w (a INT); /*!50700 DROP TABLE w */;", None),
        ("INSERT INTO t VALUES (1,'a',NULL),(2,'b',NULL); /*M!100000 DELETE FROM t */;", None),
        ("INSERT INTO t VALUES (1,'a',NULL),(2,'b',NULL); SET @a = 1; BEGIN; ROLLBACK;", None),
        ("SET autocommit=0; INSERT INTO t VALUES (1,'a',NULL); ROLLBACK; SET autocommit=1;", "rows-not-as-sent"),
        ("BEGIN; INSERT INTO t VALUES (1,'a',NULL); ROLLBACK AND NO CHAIN;", "rows-not-as-sent"),
    ],
)  # fmt: skip
def test_as_many_rows_are_there_as_were_sent(bench: Workbench, shop: ShopBackups, more: str, code: str | None) -> None:
    head, _, _ = shop.sql.partition(b"--\n-- Current Database")
    made = "CREATE TABLE t (id INT, name VARCHAR(9), at DATE) ENGINE=InnoDB;\nCREATE PROCEDURE gone() DELETE FROM t;\n"
    made += "CREATE TABLE k (a INT); INSERT INTO k VALUES (1);\n"
    body = f"CREATE DATABASE `shop`;\nUSE `shop`;\n{made}{more}\n-- Dump completed\n"
    dump = shop.write(bench.folder / "db.sql", head + body.encode())
    ran = bench.drtool("verify", dump, "--profile", "fast", "--json")
    assert [found.code for found in ran.record.findings if found.effect is not Effect.WARNING] == (
        [code] if code else []
    ), ran
    assert ran.code == (1 if code else 0)


@pytest.mark.parametrize(
    ("more", "not_held"),
    [
        ("INSERT INTO t VALUES (1);", ""),
        (
            "INSERT INTO t VALUES (1); DELETE FROM t WHERE id = 7;",
            "the rows of these tables (shop.t) were not held against",
        ),
        ("INSERT INTO t VALUES (1); CALL more();", "statements that may change any table, such as CALL"),
        (
            "CREATE TRIGGER r AFTER INSERT ON t FOR EACH ROW INSERT INTO k VALUES (2); INSERT INTO t VALUES (1);",
            "fired",
        ),
    ],
)
def test_where_rows_cannot_be_held_against_those_sent_the_report_says_so(
    bench: Workbench, shop: ShopBackups, more: str, not_held: str
) -> None:
    head, _, _ = shop.sql.partition(b"--\n-- Current Database")
    made = "CREATE TABLE t (id INT);\nCREATE TABLE k (a INT); INSERT INTO k VALUES (1);\n"
    made += "CREATE PROCEDURE more() INSERT INTO t VALUES (9);\n"
    body = f"CREATE DATABASE `shop`;\nUSE `shop`;\n{made}{more}\n-- Dump completed\n"
    shop.write(bench.folder / "db.sql", head + body.encode())
    said = [
        one
        for one in bench.drtool("verify", "db.sql", "--profile", "fast", "--json").record.assumptions
        if "held" in one
    ]
    assert (len(said), all(not_held in one for one in said)) == (1 if not_held else 0, True), said
