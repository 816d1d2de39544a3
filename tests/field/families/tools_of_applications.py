"""Dumps by libraries and scripts that applications bring: what they say of themselves, and how they end."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, unverified, verify

_NOTES = """\
DROP TABLE IF EXISTS `notes`;
CREATE TABLE `notes` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `body` text,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
"""
_ROWS = "INSERT INTO `notes`(`id`,`body`) VALUES\n(1,'one'),\n(2,'two');\n"
_NET_HEAD = """\
-- MySqlBackup.NET 2.3.8.0
-- Dump Time: 2026-01-02 03:04:05
-- --------------------------------------
-- Server version 10.5.23-MariaDB mariadb.org binary distribution


/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET NAMES utf8mb4 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
"""
_NET_END = """\
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
"""
_NET_TIMES = "\n\n-- Dump completed on 2026-01-02 03:04:06\n-- Total time: 0:0:0:1:89 (d:h:m:s:ms)\n"
_SYPEX = "#SKD101|notes|1|2026.01.02 03:04:05|2|2\n\n"
_YII = """\
-- -------------------------------------------
SET AUTOCOMMIT=0;
START TRANSACTION;
SET SQL_QUOTE_SHOW_CREATE = 1;
SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0;
SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0;
-- -------------------------------------------
-- START BACKUP
-- -------------------------------------------
"""
_YII_GIVES = "SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS;\nSET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS;\n"
_YII_END = "COMMIT;\n-- -------------------------------------------\n-- END BACKUP\n"
_KEEPS = (
    "/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;\n"
    "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n"
)
_GIVES_MODE = "/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;\n"
_GIVES = _GIVES_MODE + "/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;\n"
_MYSQLDUMPER = """\
-- Status:1:2:MP_0:notes:php:1.24.4::10.5.23-MariaDB:1:::utf8:EXTINFO
--
-- TABLE-INFO
-- TABLE|notes|2|16384||InnoDB
-- EOF TABLE-INFO
--
-- Dump by MySQLDumper 1.24.4 (http://mysqldumper.net)
/*!40101 SET NAMES 'utf8' */;
SET FOREIGN_KEY_CHECKS=0;
-- Dump created: 2026-01-02 03:04

"""
_DUMPER_END = "\nSET FOREIGN_KEY_CHECKS=1;\n-- EOB\n\n"
_DRUPAL = (
    "-- Backup and Migrate MySQL Dump\n-- http://github.com/backupmigrate\n--\n-- Host: localhost\n-- Database: notes\n"
    "-- Generation Time: Fri, 02 Jan 2026 03:04:05 +0000\n-- MySQL Version: 100523\n\n"
    + _KEEPS
    + "\nSET AUTOCOMMIT = 0;\nSET FOREIGN_KEY_CHECKS=0;\nSET NAMES utf8mb4;\n\n"
)
_DRUPAL_END = "\n\n" + _GIVES + "\nSET FOREIGN_KEY_CHECKS = 1;\nCOMMIT;\nSET AUTOCOMMIT = 1;"
_PHPBB = "#\n# phpBB Backup Script\n# Dump of tables for phpbb_\n# DATE : 02-01-2026 03:04:05 GMT\n#\n# Table: notes\n"
_ALL_IN_ONE = (
    "-- All-in-One WP Migration SQL Dump\n-- https://servmask.com/\n--\n-- Host: localhost\n-- Database: wp\n--\n"
)
_CODE_IGNITER = "SET foreign_key_checks = 0;\n#\n# TABLE STRUCTURE FOR: notes\n#\n\n"
_SMF = f"# {'=' * 58}\n#\n# Database dump of tables in `notes`\n# January 02, 2026, 03:04:05 AM\n#\n# {'=' * 58}\n\n"


def _one(text: str) -> Input:
    """Return a dump that is verified against a recovery time alone: these tools say no zone of their times."""
    return verify("notes.sql", {"notes.sql": text}, objectives=("--rto", "10m"))


def _parts(*texts: str) -> Input:
    """Return the parts of a dump of MySQLDumper's: the first, the second and the tenth."""
    files = {
        f"dumps/notes_2026_01_02_03_04_part_{number}.sql": _MYSQLDUMPER.replace("MP_0", f"MP_{number}") + text
        for number, text in zip((1, 2, 10), texts, strict=True)
    }
    return verify("dumps/", files, objectives=("--rto", "10m"))


CASES = (
    Case(
        number="c432",
        seen="MySqlBackupNET/MySqlBackup.Net",
        tried=passes("MySqlBackup.NET, whole", _one(_NET_HEAD + _NOTES + _ROWS + _NET_END + _NET_TIMES)),
        twin=fails(
            "MySqlBackup.NET, cut between two statements",
            _one(_NET_HEAD + _NOTES + _ROWS),
            "dump-trailer-missing",
            says=("as dumps by MySqlBackup.NET do",),
        ),
    ),
    Case(
        number="c433",
        seen="DataLife Engine's backups",
        tried=unverified("Sypex Dumper, whole", _one(_SYPEX + _NOTES + _ROWS), says=("Sypex Dumper writes nothing",)),
        twin=fails("Sypex Dumper, cut inside its rows", _one(_SYPEX + _NOTES + _ROWS[:-6]), "dump-truncated"),
    ),
    Case(
        number="c444",
        seen="spanjeta/yii2-backup#23",
        tried=passes(
            "yii2-backup: two settings given back behind all, and its COMMIT",
            _one(_YII + _NOTES + _ROWS + _YII_GIVES + _YII_END),
            unsaid=("not written by its tool",),
        ),
        twin=unverified(
            "yii2-backup, one of its two settings not given back",
            _one(_YII + _NOTES + _ROWS + _YII_GIVES.partition("\n")[0] + "\n" + _YII_END),
            "backup is complete",
        ),
    ),
    Case(
        number="c445",
        seen="spanjeta/yii2-backup#23",
        tried=passes(
            "a tool that nobody knows gives its mode and its checks back", _one(_KEEPS + _NOTES + _ROWS + _GIVES)
        ),
        twin=unverified(
            "the same, ends between the two", _one(_KEEPS + _NOTES + _ROWS + _GIVES_MODE), "backup is complete"
        ),
    ),
    Case(
        number="c547",
        seen="MySQLDumper's backups",
        tried=passes("MySQLDumper, whole", _one(_MYSQLDUMPER + _NOTES + _ROWS + _DUMPER_END)),
        twin=fails(
            "MySQLDumper, cut between two statements",
            _one(_MYSQLDUMPER + _NOTES + _ROWS),
            "dump-trailer-missing",
            says=("as dumps by MySQLDumper do",),
        ),
    ),
    Case(
        number="c548",
        seen="Drupal's Backup and Migrate",
        tried=passes(
            "Drupal's Backup and Migrate, whole, against a recovery point: its time has a zone",
            verify("notes.sql", {"notes.sql": _DRUPAL + _NOTES + _ROWS + _DRUPAL_END}),
            unsaid=("not written by its tool",),
        ),
        twin=fails(
            "Drupal's Backup and Migrate, cut between two statements",
            verify("notes.sql", {"notes.sql": _DRUPAL + _NOTES + _ROWS}),
            "dump-trailer-missing",
            says=("as dumps by Backup and Migrate do",),
        ),
    ),
    Case(
        number="c549",
        seen="phpBB's backups",
        tried=unverified("phpBB, whole", _one(_PHPBB + _NOTES + _ROWS), says=("phpBB writes nothing",)),
        twin=fails("phpBB, cut inside its rows", _one(_PHPBB + _NOTES + _ROWS[:-6]), "dump-truncated"),
    ),
    Case(
        number="c550",
        seen="All-in-One WP Migration's database.sql",
        tried=unverified(
            "All-in-One WP Migration: a placeholder in the names of its tables",
            _one((_ALL_IN_ONE + _NOTES + _ROWS).replace("`notes`", "`SERVMASK_PREFIX_notes`")),
            "names-not-filled-in",
            says=("the names of 1 table begin with `SERVMASK_PREFIX_`", "sed 's/SERVMASK_PREFIX_/wp_/g'"),
        ),
        twin=unverified(
            "the same with the prefix in its place",
            _one((_ALL_IN_ONE + _NOTES + _ROWS).replace("`notes`", "`wp_notes`")),
            "backup is complete",
            says=("All-in-One WP Migration writes nothing",),
            unsaid=("SERVMASK_PREFIX_",),
        ),
    ),
    Case(
        number="c551",
        seen="Akeeba Backup's joomla.sql",
        tried=unverified(
            "Akeeba Backup: a placeholder in the names of its tables",
            _one((_NOTES + _ROWS).replace("`notes`", "`#__notes`")),
            "names-not-filled-in",
            says=("begin with `#__`",),
        ),
        twin=unverified(
            "the same with the prefix in its place",
            _one((_NOTES + _ROWS).replace("`notes`", "`jos_notes`")),
            "backup is complete",
            unsaid=("#__",),
        ),
    ),
    Case(
        number="c552",
        seen="bcit-ci/CodeIgniter: DB_utility::backup",
        tried=passes(
            "CodeIgniter with foreign_key_checks off, whole",
            _one(_CODE_IGNITER + _NOTES + _ROWS + "SET foreign_key_checks = 1;\n"),
        ),
        twin=fails(
            "CodeIgniter, cut between two statements", _one(_CODE_IGNITER + _NOTES + _ROWS), "dump-trailer-missing"
        ),
    ),
    Case(
        number="c553",
        seen="Simple Machines Forum's backups",
        tried=passes("Simple Machines Forum, whole", _one(_SMF + _NOTES + _ROWS + "\n# Done\n")),
        twin=fails(
            "Simple Machines Forum, cut between two statements", _one(_SMF + _NOTES + _ROWS), "dump-trailer-missing"
        ),
    ),
    Case(
        number="c554",
        seen="WP Staging's wpstgdb.sql",
        tried=fails(
            "WP Staging: placeholders for the prefix and for NULL, which no column of numbers takes",
            _one((_NOTES + "INSERT INTO `notes` VALUES ('{WPSTG_NULL}','a');\n").replace("`n", "`{WPSTG_TMP_PREFIX}n")),
            "dump-does-not-load",
            "names-not-filled-in",
            says=("placeholders for NULL and for binary values",),
        ),
        twin=unverified(
            "the same with its placeholders filled in",
            _one((_NOTES + "INSERT INTO `notes` VALUES (NULL,'a');\n").replace("`n", "`wp_n")),
            "backup is complete",
        ),
    ),
    Case(
        number="c555",
        seen="MySQLDumper's backups",
        tried=unverified(
            "MySQLDumper in parts, of which the tenth goes on where the second leaves off",
            _parts(_NOTES + _ROWS, _NOTES.replace("`notes`", "`more`"), _ROWS.replace("`notes`", "`more`")),
            "backup is complete",
        ),
        twin=fails(
            "the same, its first part cut inside its rows",
            _parts(_NOTES + _ROWS[:-6], _NOTES.replace("`notes`", "`more`"), _ROWS.replace("`notes`", "`more`")),
            "dump-truncated",
        ),
    ),
)
