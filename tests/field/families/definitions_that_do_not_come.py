"""Dumps by other tools than mariadb-dump of which routines, triggers or events do not come."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, verify
from tests.field.dumps import CUSTOMERS, PHPMYADMIN

_ADMINER = "-- Adminer 5.4.0 MariaDB 10.11.16-MariaDB dump\n\nSET NAMES utf8;\nSET foreign_key_checks = 0;\n\n"
_ADMINER_ENDS = "\n-- 2026-01-02 03:04:05 UTC\n"
_DROPS = "DROP PROCEDURE IF EXISTS `tidy`;;\n"
_MAKES = "CREATE PROCEDURE `tidy`()\nBEGIN\n  SET @a = 1;\nEND;;\n"
_PHP_DUMP = """\
-- mysqldump-php https://github.com/ifsnop/mysqldump-php
--
-- Host: localhost\tDatabase: shop
-- ------------------------------------------------------
-- Server version \t10.11.16-MariaDB
-- Date: Fri, 02 Jan 2026 03:04:05 +0000

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET NAMES utf8mb4 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='{mode}' */;
"""
_PHP_DUMP_ENDS = """
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;

-- Dump completed on: Fri, 02 Jan 2026 03:04:06 +0000
"""
_QUOTED = 'CREATE TABLE "boxes" (\n  "id" int(11) NOT NULL\n);\nINSERT INTO "boxes" VALUES (1);\n'
_PHPMYADMIN_TAKES = """\
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET NAMES utf8mb4 */;

"""
_PHPMYADMIN_ENDS = "\n/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;\n"
_TRIGGER = "DELIMITER $$\nCREATE TRIGGER `noted` AFTER INSERT ON `customers` FOR EACH ROW BEGIN\n  SET @a = 1;\nEND\n"


def _file(content: str) -> Input:
    return verify("shop.sql", {"shop.sql": content})


def _by_adminer(*parts: str) -> Input:
    return _file(f"{_ADMINER}DELIMITER ;;\n\n{''.join(parts)}\nDELIMITER ;\n\n{CUSTOMERS}{_ADMINER_ENDS}")


def _by_php(mode: str) -> Input:
    return _file(_PHP_DUMP.replace("{mode}", mode) + _QUOTED + _PHP_DUMP_ENDS)


CASES = (
    Case(
        number="c656",
        seen="vrana/adminer#1160",
        tried=fails(
            "Adminer, a routine that is dropped and not made",
            _by_adminer(_DROPS),
            "definitions-taken-out",
            says=("tidy",),
        ),
        twin=passes("the same with the routine", _by_adminer(_DROPS, _MAKES)),
    ),
    Case(
        number="c657",
        seen="phpmyadmin/phpmyadmin#18495",
        tried=fails(
            "phpMyAdmin, a trigger without the delimiter that ends it",
            _file(f"{PHPMYADMIN}{_PHPMYADMIN_TAKES}{CUSTOMERS}{_TRIGGER}DELIMITER ;\n{_PHPMYADMIN_ENDS}"),
            "dump-end-swallowed",
            says=("delimiter",),
            unsaid=("cut short",),
        ),
        twin=passes(
            "the same with it",
            _file(f"{PHPMYADMIN}{_PHPMYADMIN_TAKES}{CUSTOMERS}{_TRIGGER}$$\nDELIMITER ;\n{_PHPMYADMIN_ENDS}"),
        ),
    ),
    Case(
        number="c658",
        seen="ifsnop/mysqldump-php#272",
        tried=fails(
            "names in double quotes, and a mode that takes them for texts",
            _by_php("NO_AUTO_VALUE_ON_ZERO"),
            "dump-does-not-load",
            says=("double quotes", "ANSI_QUOTES"),
        ),
        twin=passes("the same in a mode that takes them for names", _by_php("NO_AUTO_VALUE_ON_ZERO,ANSI_QUOTES")),
    ),
)
