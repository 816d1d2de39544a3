"""Dumps whose head or end was lost or added to, and statements that need what stood there."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, verify
from tests.field.dumps import CUSTOMERS, dump, table

_TAKEN = "/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n"
_GIVEN_BACK = "/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;\n"
_NET = "-- MySqlBackup.NET 2.3\n-- Dump Time: 2026-01-02 03:04:05\n\n" + _TAKEN + CUSTOMERS
_NET_END = _GIVEN_BACK + "\n-- Dump completed on 2026-01-02 03:04:06\n-- Total time: 0:0:0:1:121 (d:h:m:s:ms)\n"
_RECKONED = table("price", "`net` int,\n  `gross` int GENERATED ALWAYS AS (`net` * 2) STORED", ("1,2", "2,4"))
_VIEW = "CREATE DEFINER={by} SQL SECURITY DEFINER VIEW `v` AS SELECT `name` FROM `customers`;\n"
_LOG = "INSERT INTO `customers` VALUES (99,'z');\n"


def _file(text: str) -> Input:
    return verify("shop.sql", {"shop.sql": text}, "--rto", "10m")


def _headless(text: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if "SET @OLD_" not in line and not line.startswith("-- "))


CASES = (
    Case(
        number="h01",
        seen="MySqlBackupNET/MySqlBackup.Net#52",
        tried=passes("a tool's own lines behind its closing comment", _file(_NET + _NET_END)),
        twin=fails("the same, cut inside its rows", _file(_NET[:-90]), "dump-truncated"),
    ),
    Case(
        number="h02",
        seen="arionum/node#13; bcgov/backup-container#150",
        tried=fails(
            "values for a generated column, and no mode that passes over them (--compact)",
            _file(_headless(dump(_RECKONED, comments=False)).replace(_GIVEN_BACK, "")),
            "dump-does-not-load",
            says=("generated column", "sql_mode"),
        ),
        twin=passes("the same dump with its head", _file(dump(_RECKONED))),
    ),
    Case(
        number="h03",
        seen="phpmyadmin/phpmyadmin#12490; replibyte/replibyte#287",
        tried=fails(
            "the head of a dump was cut off, and its end gives back what that took",
            _file(_headless(dump())),
            "dump-does-not-load",
            says=("at its beginning is missing",),
        ),
        twin=passes("the same with its head", _file(dump())),
    ),
    Case(
        number="h04",
        seen="MariaDB's documentation of views",
        tried=fails(
            "a view runs as an account that the dump does not bring",
            _file(dump(CUSTOMERS, _VIEW.format(by="`web`@`10.1.%`"))),
            "tables and views are readable",
            says=("its definer web@10.1.% is not there",),
        ),
        twin=passes(
            "a view of an account that every server has", _file(dump(CUSTOMERS, _VIEW.format(by="root@localhost")))
        ),
    ),
    Case(
        number="h05",
        seen="ifsnop/mysqldump-php#252",
        tried=fails(
            "rows alone (--no-create-info)",
            _file(dump(_LOG)),
            "dump-does-not-load",
            says=("makes no table", "definitions"),
            unsaid=("lower_case_table_names",),
        ),
        twin=passes("rows behind their definitions", _file(dump(CUSTOMERS, _LOG))),
    ),
    Case(
        number="h06",
        seen="kanisterio/kanister#802",
        tried=fails(
            "log tables of the server are locked",
            _file(dump(CUSTOMERS, "LOCK TABLES `mysql`.`general_log` WRITE;\nUNLOCK TABLES;\n")),
            "dump-does-not-load",
            says=("log table",),
        ),
        twin=passes(
            "a table of its own is locked", _file(dump(CUSTOMERS, "LOCK TABLES `customers` WRITE;\nUNLOCK TABLES;\n"))
        ),
    ),
)
