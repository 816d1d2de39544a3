"""Dumps by tools that make a table in a view's place first, of which the view itself does not come."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, unverified, verify
from tests.field.dumps import CUSTOMERS, PHPMYADMIN, dump, table

_TAKES = """\
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET NAMES utf8mb4 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
"""
_GIVES = """\
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
"""
_SEQUEL = """\
# ************************************************************
# Sequel Ace SQL dump
# Version 20067
#
# Host: 127.0.0.1 (MySQL 5.5.5-10.11.16-MariaDB)
# Database: shop
# Generation Time: 2026-01-02 03:04:05 +0000
# ************************************************************


"""
_COMMENT = "--\n-- Stand-in structure for view `named`\n-- (See below for the actual view)\n--\n"
_VIEW = "CREATE VIEW `named` AS SELECT `id`, `name` FROM `customers`;\n"
_STANDS_IN = "CREATE TABLE `named` (\n`id` int(11)\n,`name` varchar(80)\n);\n"
_PLACEHOLDER = "CREATE TABLE `named` (\n   `id` INT(11) NOT NULL,\n   `name` VARCHAR(80) NOT NULL\n) ENGINE=MyISAM;\n"
_HEAD_BY_SCRIPT = "-- MySQL dump by a script of the shop\n-- 2026-01-02 03:04:05\n"
_TRIGGER = "CREATE DEFINER=`root`@`localhost` TRIGGER `noted` AFTER INSERT ON `customers` FOR EACH ROW BEGIN\n"
_LOSES = f"DELIMITER ;;\n{_TRIGGER} CALL note_it('x'); END\n;;\nDELIMITER ;\n"
_PROGRAMS = f"{_LOSES}DELIMITER ;;\nCREATE PROCEDURE `note_it`(a text) BEGIN SET @a = a; END ;;\nDELIMITER ;\n"


def _file(content: str) -> Input:
    return verify("shop.sql", {"shop.sql": content})


def _by_phpmyadmin(*parts: str) -> Input:
    return _file(PHPMYADMIN + _TAKES + CUSTOMERS + "".join(parts) + _GIVES)


def _by_sequel(*parts: str) -> Input:
    drops = "# Dump of view named\n\nDROP TABLE IF EXISTS `named`; DROP VIEW IF EXISTS `named`;\n\n"
    return _file(_SEQUEL + _TAKES + CUSTOMERS + drops + _PLACEHOLDER + "".join(parts) + _GIVES)


CASES = (
    Case(
        number="c650",
        seen="phpmyadmin/phpmyadmin#12298",
        tried=fails(
            "phpMyAdmin, what stands in for a view and no view",
            _by_phpmyadmin(_COMMENT, _STANDS_IN),
            "views-unfinished",
            says=("named",),
        ),
        twin=passes("the same, and the view", _by_phpmyadmin(_COMMENT, _STANDS_IN, "DROP TABLE `named`;\n", _VIEW)),
    ),
    Case(
        number="c651",
        seen="OpenSID/OpenSID#3",
        tried=fails(
            "phpMyAdmin, what stands in for a view is dropped, and a filter took the view",
            _by_phpmyadmin(_COMMENT, _STANDS_IN, "DROP TABLE IF EXISTS `named`;\n\n"),
            "views-unfinished",
            says=("named", "filter"),
        ),
        twin=passes(
            "a table of which nothing says that it stands in for a view",
            _by_phpmyadmin("--\n-- Table structure for table `named`\n--\n", _STANDS_IN),
        ),
    ),
    Case(
        number="c652",
        seen="sequelpro/sequelpro#2556",
        tried=fails("Sequel Ace, a view's placeholder and no view", _by_sequel(), "views-unfinished", says=("named",)),
        twin=passes("the same, and the view", _by_sequel("DROP TABLE IF EXISTS `named`;\n\n", _VIEW)),
    ),
    Case(
        number="c653",
        seen="webula-cz/smallbackup",
        tried=unverified(
            "a header that begins as mysqldump's, by a tool that ends with settings",
            _file(_HEAD_BY_SCRIPT + _TAKES + CUSTOMERS + _GIVES),
            "RPO",
            unsaid=("Dump completed", "cut short"),
        ),
        twin=fails(
            "mariadb-dump's own header, and its end missing",
            _file(dump(CUSTOMERS, completed="")),
            "dump-trailer-missing",
            says=("Dump completed",),
        ),
    ),
    Case(
        number="c654",
        seen="mysql/mysql-utilities#28",
        tried=fails(
            "NULL for a column that takes none",
            _file(dump(table("cities", "`id` int(11) NOT NULL,\n  `city` varchar(40) NOT NULL", ("1,NULL",)))),
            "dump-does-not-load",
            says=("NULL", "city"),
            unsaid=("strict sql_mode",),
        ),
        twin=passes(
            "NULL for one that takes it",
            _file(dump(table("cities", "`id` int(11) NOT NULL,\n  `city` varchar(40)", ("1,NULL",)))),
        ),
    ),
    Case(
        number="c655",
        seen="josephdpurcell/mysqlmigrate#2",
        tried=fails(
            "grep -v DEFINER took a trigger's first line, and what is left of it calls a procedure",
            _file(dump(CUSTOMERS, _PROGRAMS.replace(_TRIGGER, ""))),
            "definitions-taken-out",
            says=("1 place", "1305"),
            unsaid=("--routines",),
        ),
        twin=passes("the same with that line", _file(dump(CUSTOMERS, _PROGRAMS))),
    ),
)
