"""Accounts alone, one system database, what belongs to the server: backups too, and judged by what they hold."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, unverified, verify
from tests.field.dumps import COMPLETED, SHOP, dump, structure, table

_ALONE = "nfrastack/db-backup#557; signal18/replication-manager#1120; mattanja/automysqlbackup#9"
_HASH = f"*{'2470C0C06DEE42FD' * 2}16110000"
_GRANTS = f"""\
CREATE USER IF NOT EXISTS `app`@`10.0.0.%` IDENTIFIED BY PASSWORD '{_HASH}';
CREATE USER IF NOT EXISTS `report`@`localhost` IDENTIFIED BY PASSWORD '{_HASH}';
GRANT USAGE ON *.* TO `app`@`10.0.0.%`;
GRANT SELECT, INSERT ON `shop`.* TO `app`@`10.0.0.%`;
GRANT SELECT ON *.* TO `report`@`localhost`;
"""
_PT = f"""\
-- Grants dumped by pt-show-grants
-- Dumped from server Localhost via UNIX socket, MySQL 10.11.6-MariaDB-0+deb12u1 at 2026-01-02 03:04:05
-- Grants for 'app'@'%'
CREATE USER IF NOT EXISTS `app`@`%`;
GRANT SELECT, INSERT ON `shop`.* TO `app`@`%`;
GRANT USAGE ON *.* TO `app`@`%` IDENTIFIED BY PASSWORD '{_HASH}';
"""
_PRIVILEGES = (
    "`Host` char(255) NOT NULL DEFAULT '',\n  `User` char(128) NOT NULL DEFAULT '',\n"
    "  `Priv` longtext NOT NULL DEFAULT '{}' CHECK (json_valid(`Priv`)),\n  PRIMARY KEY (`Host`,`User`)"
)
_ACCOUNTS = table(
    "global_priv",
    _PRIVILEGES,
    (
        "'localhost','root','{\"access\":18446744073709551615,\"plugin\":\"unix_socket\"}'",
        f'\'10.0.0.%\',\'app\',\'{{"access":0,"plugin":"mysql_native_password","authentication_string":"{_HASH}"}}\'',
    ),
    options="ENGINE=Aria",
)
_PLUGIN = "INSTALL PLUGIN handlersocket SONAME 'handlersocket.so';\n"
_UDF = "CREATE OR REPLACE FUNCTION lib_mysqludf_sys_info RETURNS STRING SONAME 'lib_mysqludf_sys.so';\n"


def _one(text: str, *options: str, objectives: tuple[str, ...] = ("--rto", "10m", "--rpo", "100000h")) -> Input:
    return verify("all.sql", {"all.sql": text}, *options, objectives=objectives)


CASES = (
    Case(
        number="c11",
        seen=_ALONE,
        tried=passes("the database mysql alone", _one(dump(_ACCOUNTS, database="mysql", selects=True))),
        twin=fails(
            "the same, cut behind its accounts",
            _one(dump(_ACCOUNTS, database="mysql", selects=True, completed="")),
            "dump-trailer-missing",
        ),
    ),
    Case(
        number="c11b",
        seen=_ALONE,
        tried=passes("accounts alone (--system=users)", _one(dump(_GRANTS, database=""))),
        twin=fails("the same with no account in it", _one(dump("", database="")), "tables are present"),
    ),
    Case(
        number="c11c",
        seen="MariaDB's documentation of mariadb-dump",
        tried=fails("a dump of an empty database", _one(dump("", database="empty")), "tables are present"),
        twin=passes("one of a table without rows", _one(dump(structure("t", "`id` int(11) NOT NULL"))), "no-rows"),
    ),
    Case(
        number="c11d",
        seen=_ALONE,
        tried=passes("databases, and the accounts behind them", _one(dump(SHOP, _GRANTS, selects=True))),
        twin=passes(
            "an account without a password among them",
            _one(dump(SHOP, _GRANTS.replace(f" IDENTIFIED BY PASSWORD '{_HASH}'", ""), selects=True)),
            "account-without-password",
        ),
    ),
    Case(
        number="c11e",
        seen="MariaDB's documentation of mariadb-dump",
        tried=passes(
            "a view and a sequence alone",
            _one(dump("CREATE SEQUENCE `ids`;\nCREATE VIEW `one` AS SELECT 1 AS `a`;\n")),
            says=("0, and 1 view, 1 sequence",),
        ),
        twin=fails(
            "tables that are dropped at the end, and a view that is left",
            _one(dump(SHOP, "DROP TABLE `orders`, `customers`, `zones`;\nCREATE VIEW `one` AS SELECT 1 AS `a`;\n")),
            "tables are present",
        ),
    ),
    Case(
        number="c49",
        seen=_ALONE,
        tried=passes("accounts by pt-show-grants", _one(_PT), says=("no further account",)),
        twin=fails(
            "the same, cut before the grants of its last account",
            _one(_PT + "-- Grants for 'web'@'%'\n"),
            "dump-trailer-missing",
            says=("as dumps by pt-show-grants do",),
        ),
    ),
    Case(
        number="c54",
        seen="MariaDB's documentation of mariadb-dump",
        tried=unverified(
            "--system=plugins, a plugin that is not at hand",
            _one(dump(SHOP, _PLUGIN, selects=True)),
            "plugin-missing",
            says=("handlersocket",),
        ),
        twin=passes(
            "one that is",
            _one(dump(SHOP, "INSTALL SONAME 'ha_archive';\n".replace("ha_archive", "locales"), selects=True)),
        ),
    ),
    Case(
        number="c54b",
        seen="MariaDB's documentation of mariadb-dump",
        tried=unverified(
            "--system=udfs, a library that is not at hand",
            _one(dump(_UDF, database="")),
            "plugin-missing",
            says=("lib_mysqludf_sys",),
        ),
        twin=passes("--system=all of a server without any", _one(dump(_GRANTS, database=""))),
    ),
    Case(
        number="c54c",
        seen="MariaDB's documentation of mariadb-dump",
        tried=unverified(
            "a plugin behind the closing comment, by hand", _one(dump(SHOP, selects=True) + _PLUGIN), "plugin-missing"
        ),
        twin=passes("an empty line behind it", _one(dump(SHOP, selects=True, completed=f"{COMPLETED}\n"))),
    ),
)
