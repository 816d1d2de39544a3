"""What servers refuse of dumps, with the reason that a person gets, and twins that load."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, Tried, fails, passes, unverified, verify
from tests.field.dumps import SERVER, dump

_CUT = "cut dump"


def _file(*statements: str, server: str = SERVER) -> Input:
    return verify("shop.sql", {"shop.sql": dump(*statements, server=server)})


def _refused(what: str, statement: str, code: str, *says: str) -> Tried:
    return fails(what, _file(_TABLE, statement), code, says=says, unsaid=(_CUT,))


def _loads(what: str, statement: str) -> Tried:
    return passes(what, _file(_TABLE, statement))


_TABLE = (
    "CREATE TABLE `shelf` (`id` int NOT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB;\nINSERT INTO `shelf` VALUES (1);\n"
)
_MAKES = "CREATE TABLE `t` (`id` int NOT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB"
_LONG = "CREATE TABLE `t` (`a` varchar(700) CHARACTER SET utf8mb4, KEY `a` (`a`)) ENGINE=InnoDB ROW_FORMAT={of};\n"
_CHILD = (
    "CREATE TABLE `t` (`id` int, `of` int, KEY (`of`), CONSTRAINT `up` FOREIGN KEY (`of`) REFERENCES `{of}` (`id`));\n"
)
_TRIGGER = "/*!50003 CREATE TRIGGER `up` BEFORE INSERT ON `shelf` FOR EACH ROW SET NEW.`id` = NEW.`id`{end} */;;\n"
_DELIMITED = "DELIMITER ;;\n" + _TRIGGER + "DELIMITER ;\n"
_CALLED = (
    "CREATE DATABASE `crm`;\n\n--\n-- Current Database: `crm`\n--\n\n{crm}CREATE FUNCTION `twice`(n INT) RETURNS INT "
    "DETERMINISTIC RETURN 2 * n;\n\n--\n-- Current Database: `shop`\n--\n\n{shop}" + _TABLE + "CREATE VIEW `double` AS "
    "SELECT `crm`.`twice`(`id`) AS `id` FROM `shelf`;\n"
)

CASES = (
    Case(
        number="c121",
        seen="Cacti/cacti#2511",
        tried=_refused(
            "ROW_FORMAT=FIXED", f"{_MAKES} ROW_FORMAT=FIXED;\n", "table-options-refused", "innodb_strict_mode", "shop.t"
        ),
        twin=_loads("ROW_FORMAT=DYNAMIC", f"{_MAKES} ROW_FORMAT=DYNAMIC;\n"),
    ),
    Case(
        number="c122",
        seen="no thread looked up",
        tried=_refused(
            "DATA DIRECTORY", f"{_MAKES} DATA DIRECTORY='/srv/data/';\n", "data-directory-missing", "DATA DIRECTORY"
        ),
        twin=_loads("none", f"{_MAKES} COMMENT='DATA DIRECTORY';\n"),
    ),
    Case(
        number="c123",
        seen="TablePlus/TablePlus#2615",
        tried=_refused(
            "COMPRESSION='zlib' of MySQL", f"{_MAKES} COMPRESSION='zlib';\n", "mysql-feature", "COMPRESSION"
        ),
        twin=_loads("PAGE_COMPRESSED", f"{_MAKES} PAGE_COMPRESSED=1;\n"),
    ),
    Case(
        number="c124",
        seen="no thread looked up",
        tried=unverified(
            "a function out of a library",
            _file(_TABLE, "CREATE FUNCTION `sys_x` RETURNS STRING SONAME 'lib_x.so';\n"),
            "plugin-missing",
            says=("lib_x.so",),
            unsaid=(_CUT,),
        ),
        twin=_loads("a function of SQL", "CREATE FUNCTION `one`() RETURNS int DETERMINISTIC RETURN 1;\n"),
    ),
    Case(
        number="c125",
        seen="redaxo/redaxo4#194",
        tried=_refused("TYPE=MyISAM", "CREATE TABLE `t` (`id` int) TYPE=MyISAM;\n", "syntax-too-old", "ENGINE="),
        twin=_loads("ENGINE=MyISAM", "CREATE TABLE `t` (`id` int) ENGINE=MyISAM;\n"),
    ),
    Case(
        number="c126",
        seen="nextcloud/server#6757",
        tried=_refused(
            "an index that is too long", _LONG.format(of="COMPACT"), "dump-does-not-load", "DYNAMIC", "1709"
        ),
        twin=_loads("one that is not", _LONG.format(of="DYNAMIC")),
    ),
    Case(
        number="c127",
        seen="no thread looked up",
        tried=_refused(
            "a foreign key that the parent has no index for",
            "SET foreign_key_checks = 1;\n" + _CHILD.format(of="gone"),
            "dump-does-not-load",
            "parent's table",
        ),
        twin=_loads("one that it has", _CHILD.format(of="shelf")),
    ),
    Case(
        number="c128",
        seen="nZEDb/nZEDb#2038",
        tried=_refused(
            "a trigger with a semicolon in its comment",
            _DELIMITED.format(end=";"),
            "dump-does-not-load",
            "last semicolon",
        ),
        twin=_loads("one without", _DELIMITED.format(end="")),
    ),
    Case(
        number="c129",
        seen="no thread looked up",
        tried=_refused(
            "a collation that no server knows",
            "CREATE TABLE `t` (`a` text) COLLATE utf8mb4_klingon_ci;\n",
            "collation-unknown",
            "utf8mb4_klingon_ci",
        ),
        twin=_loads("one that they know", "CREATE TABLE `t` (`a` text) COLLATE utf8mb4_unicode_ci;\n"),
    ),
    Case(
        number="c130",
        seen="phpmyadmin/phpmyadmin#13403",
        tried=_refused(
            "HTML of PHP's in the middle",
            "<br />\n<b>Fatal error</b>:  Maximum execution time exceeded\n;\n",
            "dump-tool-failed",
        ),
        twin=_loads(
            "such HTML in a row",
            "CREATE TABLE `t` (`a` text);\nINSERT INTO `t` VALUES ('<br />\\n<b>Fatal error</b>');\n",
        ),
    ),
    Case(
        number="c131",
        seen="no thread looked up",
        tried=_refused(
            "an sql_mode of MySQL 8",
            "SET sql_mode = 'TIME_TRUNCATE_FRACTIONAL';\n",
            "dump-does-not-load",
            "sql_mode",
            "version=",
        ),
        twin=_loads("one of MariaDB's", "SET sql_mode = 'TIME_ROUND_FRACTIONAL';\n"),
    ),
    Case(
        number="c132",
        seen="mariadb-operator/mariadb-operator#1513",
        tried=unverified(
            "system tables of 10.3, which there is no image of",
            _file(
                "USE `mysql`;\n", "CREATE TABLE `user` (`Host` char(60), `User` char(80));\n", server="10.3.39-MariaDB"
            ),
            "system-tables-of-another-series",
            says=("10.3",),
            unsaid=(_CUT, "two dumps"),
        ),
        twin=fails("a table of its own twice", _file(_TABLE, _TABLE), "dump-does-not-load", says=("two dumps",)),
    ),
    Case(
        number="c133",
        seen="databacker/mysql-backup#222; mydumper/mydumper#1144",
        tried=passes(
            "a dump without a header that alters its database",
            verify("crm.sql", {"crm.sql": dump(_TABLE, "ALTER DATABASE `shop` CHARACTER SET latin1 ;\n")}),
        ),
        twin=unverified(
            "one that alters another",
            verify("crm.sql", {"crm.sql": dump(_TABLE, "ALTER DATABASE `crm` CHARACTER SET latin1 ;\n")}),
            "database-not-made",
            says=("crm", "--database"),
        ),
    ),
    Case(
        number="c544",
        seen="Dokploy/dokploy#4967; Dokploy/dokploy#3436",
        tried=fails(
            "a routine of another database, in a dump out of which a filter took USE",
            _file(_CALLED.format(crm="", shop="")),
            "dump-does-not-load",
            says=("1305", "several databases", "USE"),
        ),
        twin=passes(
            "the same with USE",
            _file(_CALLED.format(crm="USE `crm`;\n", shop="CREATE DATABASE `shop`;\nUSE `shop`;\n")),
        ),
    ),
)
