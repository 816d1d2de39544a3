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


def _one(text: str) -> Input:
    """Return a dump that is verified against a recovery time alone: these tools say no zone of their times."""
    return verify("notes.sql", {"notes.sql": text}, objectives=("--rto", "10m"))


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
)
