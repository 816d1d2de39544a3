"""Small dumps as mariadb-dump writes them, to be attacked."""

from __future__ import annotations

from tests.attacks.attack import Input, verify

HEADER = """\
-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: localhost    Database: app
-- ------------------------------------------------------
-- Server version\t10.11.6-MariaDB-0+deb12u1
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
"""
TABLES = """\
CREATE TABLE `people` (`id` int(11) NOT NULL AUTO_INCREMENT, `name` varchar(20) NOT NULL, `seen` datetime DEFAULT NULL,
  PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `people` VALUES (1,'Ann','2026-01-01 00:00:00'),(2,'Bob',NULL),(3,'Cy',NULL);
CREATE TABLE `orders` (`id` int(11) NOT NULL, `person` int(11) DEFAULT NULL, PRIMARY KEY (`id`), KEY `of` (`person`),
  CONSTRAINT `of` FOREIGN KEY (`person`) REFERENCES `people` (`id`) ON DELETE CASCADE) ENGINE=InnoDB;
INSERT INTO `orders` VALUES (1,1),(2,1),(3,2);
"""
TRAILER = "-- Dump completed on 2026-01-02  3:04:05\n"


def dump(more: str = "", *, before: str = "", tables: str = TABLES, trailer: str = TRAILER) -> str:
    """Return a dump with statements before its tables and behind them."""
    return f"{HEADER}{before}{tables}{more}\n{trailer}"


def dumped(more: str = "", *options: str, before: str = "", tables: str = TABLES, trailer: str = TRAILER) -> Input:
    """Have a dump verified that has statements before its tables and behind them."""
    text = dump(more, before=before, tables=tables, trailer=trailer)
    return verify("db.sql", *options, files={"db.sql": text})
