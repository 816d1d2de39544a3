"""Dumps as mariadb-dump writes them, small and whole, to be edited by the cases."""

from __future__ import annotations

from collections.abc import Iterable

SANDBOX = "/*M!999999\\- enable the sandbox mode */ \n"
COMPLETED = "\n-- Dump completed on 2026-01-02  3:04:05\n"
SERVER = "10.11.16-MariaDB-0+deb12u1"
_SET = """\
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;
"""
_SET_BACK = """\
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;

/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;
"""


def dump(
    *parts: str,
    database: str = "shop",
    selects: bool = False,
    server: str = SERVER,
    sandbox: str = SANDBOX,
    comments: bool = True,
    completed: str = COMPLETED,
) -> str:
    """Return a dump of a database.

    Args:
        parts: its tables and the rest; `SHOP` where none is named.
        database: whose dump it is; nothing, where it is one of several.
        selects: whether it makes and selects the database, as with --databases.
        server: what its header names.
        sandbox: its very first line.
        comments: whether it has a header and a closing comment.
        completed: its closing comment.
    """
    series = server.partition("-")[0]
    head = (
        f"{sandbox}-- MariaDB dump 10.19  Distrib {series}-MariaDB, for debian-linux-gnu (x86_64)\n--\n"
        f"-- Host: localhost    Database: {database}\n-- ------------------------------------------------------\n"
        f"-- Server version\t{server}\n\n"
    )
    body = (use(database) if selects else "") + "".join(parts or (SHOP,))
    return f"{head if comments else sandbox}{_SET}\n{body}{_SET_BACK}{completed if comments else ''}"


def use(database: str) -> str:
    """Return what a dump with --databases begins each of them with."""
    return (
        f"--\n-- Current Database: `{database}`\n--\n\n"
        f"CREATE DATABASE /*!32312 IF NOT EXISTS*/ `{database}` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;\n\n"
        f"USE `{database}`;\n\n"
    )


def table(name: str, columns: str, rows: Iterable[str] = (), *, options: str = "ENGINE=InnoDB") -> str:
    """Return a table with its rows, as a dump has them."""
    return structure(name, columns, options=options) + filled(name, rows)


def structure(name: str, columns: str, *, options: str = "ENGINE=InnoDB") -> str:
    """Return a table's structure."""
    return (
        f"--\n-- Table structure for table `{name}`\n--\n\nDROP TABLE IF EXISTS `{name}`;\n"
        "/*!40101 SET @saved_cs_client     = @@character_set_client */;\n"
        "/*!40101 SET character_set_client = utf8mb4 */;\n"
        f"CREATE TABLE `{name}` (\n  {columns}\n) {options} DEFAULT CHARSET=utf8mb4;\n"
        "/*!40101 SET character_set_client = @saved_cs_client */;\n\n"
    )


def filled(name: str, rows: Iterable[str]) -> str:
    """Return the rows of a table; each is what stands in its brackets."""
    values = ",\n".join(f"({row})" for row in rows)
    inserted = f"INSERT INTO `{name}` VALUES\n{values};\n" if values else ""
    return (
        f"--\n-- Dumping data for table `{name}`\n--\n\nLOCK TABLES `{name}` WRITE;\n"
        f"/*!40000 ALTER TABLE `{name}` DISABLE KEYS */;\n{inserted}"
        f"/*!40000 ALTER TABLE `{name}` ENABLE KEYS */;\nUNLOCK TABLES;\n\n"
    )


PHPMYADMIN = """\
-- phpMyAdmin SQL Dump
-- version 5.2.1
-- https://www.phpmyadmin.net/
--
-- Host: localhost
-- Generation Time: Jan 02, 2026 at 03:04 AM
-- Server version: 10.11.16-MariaDB
-- PHP Version: 8.2.7

SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";
SET time_zone = "+00:00";

"""
"""How phpMyAdmin begins, up to the settings that it keeps aside."""

CUSTOMERS = table(
    "customers",
    "`id` int(11) NOT NULL AUTO_INCREMENT,\n  `name` varchar(80) NOT NULL,\n  PRIMARY KEY (`id`)",
    (f"{number},'customer {number}'" for number in range(1, 21)),
)
ORDERS = table(
    "orders",
    "`id` int(11) NOT NULL AUTO_INCREMENT,\n  `customer_id` int(11) NOT NULL,\n  `total` decimal(10,2) DEFAULT NULL,\n"
    "  PRIMARY KEY (`id`),\n  KEY `customer_id` (`customer_id`),\n"
    "  CONSTRAINT `orders_customer` FOREIGN KEY (`customer_id`) REFERENCES `customers` (`id`)",
    (f"{number},{1 + number % 20},{number}.50" for number in range(1, 41)),
)
ZONES = table(
    "zones",
    "`id` int(11) NOT NULL,\n  `label` varchar(40) DEFAULT NULL,\n  PRIMARY KEY (`id`)",
    (f"{number},'zone {number}'" for number in range(1, 11)),
)
SHOP = CUSTOMERS + ORDERS + ZONES


def users(word: str, number: int) -> str:
    """Return a table that more than one application has."""
    columns = "`id` int(11) NOT NULL,\n  `nick` varchar(40) DEFAULT NULL,\n  PRIMARY KEY (`id`)"
    return table("users", columns, (f"{one},'{word} {one}'" for one in range(1, number + 1)))


POSTS = table(
    "posts",
    "`id` int(11) NOT NULL,\n  `title` varchar(100) DEFAULT NULL,\n  PRIMARY KEY (`id`)",
    (f"{number},'post {number}'" for number in range(1, 11)),
)
PAGES = table(
    "pages",
    "`id` int(11) NOT NULL,\n  `title` varchar(100) DEFAULT NULL,\n  PRIMARY KEY (`id`)",
    (f"{number},'page {number}'" for number in range(1, 11)),
)
BLOG = POSTS + users("blogger", 6)
WIKI = PAGES + users("writer", 4)
