"""Dumps and backups of other servers: MySQL, and series of MariaDB that no image is at hand for."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, unverified, verify
from tests.field.dumps import SHOP, dump, use

_MYSQL_8 = "TablePlus/TablePlus#3587"
_SYSTEM_TABLES = "mariadb-operator/mariadb-operator#1513"
_OLD_USERS = """\
DROP TABLE IF EXISTS `user`;
CREATE TABLE `user` (
  `Host` char(60) COLLATE utf8_bin NOT NULL DEFAULT '',
  `User` char(80) COLLATE utf8_bin NOT NULL DEFAULT '',
  `Password` char(41) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL DEFAULT '',
  PRIMARY KEY (`Host`,`User`)
) ENGINE=MyISAM DEFAULT CHARSET=utf8 COLLATE=utf8_bin COMMENT='Users and global privileges';
LOCK TABLES `user` WRITE;
INSERT INTO `user` VALUES ('localhost','root','');
UNLOCK TABLES;
"""
_INFO = """\
uuid = 0
name =
tool_name = xtrabackup
tool_version = 8.0.35-30
server_version = 8.0.36-28
start_time = 2026-01-02 03:04:00
end_time = 2026-01-02 03:04:05
innodb_from_lsn = 0
innodb_to_lsn = 20000
partial = N
incremental = N
format = file
compressed = N
encrypted = N
"""
_POINTS = "backup_type = full-backuped\nfrom_lsn = 0\nto_lsn = 20000\nlast_lsn = 20010\n"
_FULL: dict[str, str | bytes] = {
    "full/backup-my.cnf": "[mysqld]\ninnodb_page_size=16384\nserver_id=1\n",
    "full/ibdata1": bytes(16384),
    "full/mysql.ibd": bytes(16384),
    "full/xtrabackup_logfile": bytes(2048),
    "full/xtrabackup_checkpoints": _POINTS,
    "full/xtrabackup_info": _INFO,
}


def _of_mysql(columns: str, *, server: str = "8.0.36", options: str = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4") -> str:
    """Return what mysqldump writes of one table with one row."""
    return (
        f"-- MySQL dump 10.13  Distrib {server.partition('-')[0]}, for Linux (x86_64)\n--\n"
        "-- Host: localhost    Database: app\n-- ------------------------------------------------------\n"
        f"-- Server version\t{server}\n\n/*!50503 SET NAMES utf8mb4 */;\n"
        "/*!50606 SET @OLD_INNODB_STATS_AUTO_RECALC=@@INNODB_STATS_AUTO_RECALC */;\n"
        "/*!50606 SET GLOBAL INNODB_STATS_AUTO_RECALC=OFF */;\n"
        "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n\n"
        f"DROP TABLE IF EXISTS `item`;\nCREATE TABLE `item` (\n  `id` int NOT NULL,\n  {columns}\n) {options};\n\n"
        "INSERT INTO `item` (`id`) VALUES (1);\n\n"
        "/*!50606 SET GLOBAL INNODB_STATS_AUTO_RECALC=@OLD_INNODB_STATS_AUTO_RECALC */;\n"
        "/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;\n\n-- Dump completed on 2026-01-02  3:04:05\n"
    )


def _one(text: str, objectives: tuple[str, ...] = ("--rto", "10m", "--rpo", "100000h")) -> Input:
    return verify("app.sql", {"app.sql": text}, objectives=objectives)


def _forum(engine: str) -> str:
    return (
        "-- MySQL dump 10.9\n--\n-- Host: localhost    Database: forum\n"
        "-- ------------------------------------------------------\n-- Server version\t4.1.22-standard\n\n"
        "/*!40101 SET NAMES utf8 */;\n/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n\n"
        "DROP TABLE IF EXISTS `posts`;\nCREATE TABLE `posts` (\n  `id` int(10) unsigned NOT NULL auto_increment,\n"
        f"  `stamp` datetime NOT NULL,\n  `body` text NOT NULL,\n  PRIMARY KEY  (`id`)\n) {engine}=MyISAM;\n\n"
        "INSERT INTO `posts` VALUES (1,20040101120000,'first'),(2,20040102120000,'second');\n\n"
        "/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;\n\n-- Dump completed\n"
    )


def _all_databases(server: str, *more: str) -> Input:
    return _one(dump(SHOP, *more, selects=True, server=server))


_PLAIN = "`doc` json DEFAULT NULL,\n  `secret` int DEFAULT NULL,\n  PRIMARY KEY (`id`)"
_BY_FUNCTION = "`uid` binary(16) NOT NULL DEFAULT (uuid_to_bin(uuid())),\n  PRIMARY KEY (`id`)"
_INDEX_ON_EXPRESSION = "`name` varchar(20) DEFAULT NULL,\n  PRIMARY KEY (`id`),\n  KEY `low` ((lower(`name`)))"
_DROPPED = "DROP DATABASE IF EXISTS `blog`;\n" + use("blog")

CASES = (
    Case(
        number="c28",
        seen="cloudfoundry/cf-mysql-release#192",
        tried=passes(
            "--all-databases --add-drop-database",
            _one(dump("DROP DATABASE IF EXISTS `shop`;\n", use("shop"), SHOP, _DROPPED, SHOP, database="")),
        ),
        twin=fails(
            "the same, cut before the second database is made",
            _one(
                dump("DROP DATABASE IF EXISTS `shop`;\n", use("shop"), SHOP, _DROPPED, SHOP, database="").partition(
                    "-- Current Database: `blog`"
                )[0]
            ),
            "dump-trailer-missing",
        ),
    ),
    Case(
        number="c38",
        seen="shieldproject/shield#703",
        tried=unverified("XtraBackup's folder of MySQL 8", verify("full/", _FULL), "format-unsupported"),
        twin=fails(
            "the same without its info files",
            verify(
                "full/",
                {name: content for name, content in _FULL.items() if "_info" not in name and "_check" not in name},
            ),
        ),
    ),
    Case(
        number="c43",
        seen=_MYSQL_8,
        tried=fails("MySQL 8, a function that MariaDB lacks", _one(_of_mysql(_BY_FUNCTION)), "mysql-feature"),
        twin=passes("MySQL 8, nothing of the kind", _one(_of_mysql(_PLAIN))),
    ),
    Case(
        number="c43b",
        seen=_MYSQL_8,
        tried=passes(
            "MySQL 8 with its collation",
            _one(_of_mysql(_PLAIN, options="ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci")),
        ),
        twin=fails("MySQL 8, an index on an expression", _one(_of_mysql(_INDEX_ON_EXPRESSION)), "mysql-feature"),
    ),
    Case(
        number="c26",
        seen="redaxo/redaxo4#194; dkpro/dkpro-jwpl#118",
        tried=fails("MySQL 4.1: TYPE=MyISAM", _one(_forum("TYPE")), unsaid=("index on an expression", "cut dump")),
        twin=passes("the same with ENGINE=MyISAM", _one(_forum("ENGINE"), objectives=("--rto", "10m"))),
    ),
    Case(
        number="c27",
        seen=_SYSTEM_TABLES,
        tried=unverified(
            "all databases of 10.3, with its table of users",
            _all_databases("10.3.39-MariaDB-0+deb10u2", use("mysql"), _OLD_USERS),
            "system-tables-of-another-series",
            unsaid=("cut dump",),
        ),
        twin=passes("databases of 10.3 without mysql", _all_databases("10.3.39-MariaDB-0+deb10u2")),
    ),
    Case(
        number="c27b",
        seen=_SYSTEM_TABLES,
        tried=fails(
            "all databases of MySQL 5.7, with its table of users",
            _all_databases("5.7.44-log", use("mysql"), _OLD_USERS),
            "system-tables-differ",
            unsaid=("cut dump",),
        ),
        twin=passes("databases of MySQL 5.7 without mysql", _all_databases("5.7.44-log")),
    ),
    Case(
        number="c67",
        seen="TablePlus/TablePlus#2615",
        tried=fails(
            "MySQL 5.7, compressed pages",
            _one(
                _of_mysql(
                    _PLAIN, server="5.7.44-log", options="ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMPRESSION='zlib'"
                )
            ),
            "mysql-feature",
            unsaid=("cut dump",),
        ),
        twin=passes("MySQL 5.7 without them", _one(_of_mysql(_PLAIN, server="5.7.44-log"))),
    ),
)
