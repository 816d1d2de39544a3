"""Dumps by other tools than mariadb-dump: what their headers name, and what stands at their ends."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, verify
from tests.field.packing import gzipped

_PHPMYADMIN_SEEN = "phpmyadmin/phpmyadmin#17250; phpmyadmin/phpmyadmin#12025"
_PHPMYADMIN = """\
-- phpMyAdmin SQL Dump
-- version 5.2.1
-- https://www.phpmyadmin.net/
--
-- Servidor: 127.0.0.1
-- Tiempo de generación: 02-01-2026 a las 03:04:05
-- Versión del servidor: 10.5.23-MariaDB
-- Versión de PHP: 8.2.12

SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";
START TRANSACTION;
SET time_zone = "+00:00";


/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!40101 SET NAMES utf8mb4 */;

--
-- Base de datos: `tienda`
--

-- --------------------------------------------------------

--
-- Estructura de tabla para la tabla `clientes`
--

CREATE TABLE `clientes` (
  `id` int(11) NOT NULL,
  `nombre` varchar(80) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

--
-- Volcado de datos para la tabla `clientes`
--

INSERT INTO `clientes` (`id`, `nombre`) VALUES
(1, 'Cliente 1'),
(2, 'Cliente 2'),
(3, 'Cliente 3');

"""
_KEYS = """\
--
-- Índices para tablas volcadas
--

--
-- Indices de la tabla `clientes`
--
ALTER TABLE `clientes`
  ADD PRIMARY KEY (`id`);

--
-- AUTO_INCREMENT de la tabla `clientes`
--
ALTER TABLE `clientes`
  MODIFY `id` int(11) NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=4;
COMMIT;

/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
"""
_HTML = "<table class='xdebug-error'><tr><th>Fatal error: Maximum execution time exceeded</th></tr></table>\n"
_WARNING = "<br />\n<b>Warning</b>:  Undefined variable $db in <b>export.php</b> on line <b>12</b><br />\n"
_NOTES = """\
CREATE TABLE IF NOT EXISTS `notes` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `body` text DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
"""
_ROWS = "INSERT INTO `notes` (`id`, `body`) VALUES\n\t(1, 'one'),\n\t(2, 'two'),\n\t(3, 'it''s three');\n"
_SET = """\
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET NAMES utf8mb4 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;
"""
_SET_BACK = """\
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;
"""
_LINE = f"-- {'-' * 56}\n"
_HEIDI = (
    f"{_LINE}-- Host:                         127.0.0.1\n"
    "-- Server version:               10.5.23-MariaDB - mariadb.org binary distribution\n"
    f"-- Server OS:                    Win64\n-- HeidiSQL Version:             12.6.0.6765\n{_LINE}\n{_SET}\n"
    "-- Dumping database structure for notes\nCREATE DATABASE IF NOT EXISTS `notes`;\nUSE `notes`;\n\n"
    f"-- Dumping structure for table notes.notes\n{_NOTES}\n"
    f"-- Dumping data for table notes.notes: ~3 rows (approximately)\n{_ROWS}\n{_SET_BACK}"
)
_ADMINER = (
    "-- Adminer 4.8.1 MySQL 10.5.23-MariaDB dump\n\nSET NAMES utf8;\nSET time_zone = '+00:00';\n"
    "SET foreign_key_checks = 0;\nSET sql_mode = 'NO_AUTO_VALUE_ON_ZERO';\n\nSET NAMES utf8mb4;\n\n"
    f"DROP TABLE IF EXISTS `notes`;\n{_NOTES}\n{_ROWS}\n\n-- 2026-01-02 03:04:05\n"
)
_MYSQLDUMP_PHP = (
    "-- mysqldump-php https://github.com/ifsnop/mysqldump-php\n--\n-- Host: localhost\tDatabase: notes\n"
    f"{_LINE}-- Server version \t10.5.23-MariaDB-0+deb11u1\n-- Date: Fri, 02 Jan 2026 03:04:02 +0000\n\n{_SET}\n"
    f"--\n-- Table structure for table `notes`\n--\n\n{_NOTES}\n{_ROWS}\n"
    f"-- Dumped table `notes` with 3 row(s)\n--\n\n{_SET_BACK}\n-- Dump completed on: Fri, 02 Jan 2026 03:04:05 +0000\n"
)
_NAVICAT = (
    "/*\n Navicat Premium Data Transfer\n\n Source Server         : prod\n Source Server Type    : MariaDB\n"
    " Source Server Version : 100523 (10.5.23-MariaDB)\n Source Schema         : notes\n\n"
    " File Encoding         : 65001\n\n Date: 02/01/2026 03:04:05\n*/\n\n"
    "SET NAMES utf8mb4;\nSET FOREIGN_KEY_CHECKS = 0;\n\n"
    f"-- ----------------------------\n-- Table structure for notes\n-- ----------------------------\n{_NOTES}\n"
    "-- ----------------------------\n-- Records of notes\n-- ----------------------------\n"
    "INSERT INTO `notes` VALUES (1, 'one');\nINSERT INTO `notes` VALUES (2, 'two');\n\nSET FOREIGN_KEY_CHECKS = 1;\n"
)
_SEQUEL_ACE = (
    f"# {'*' * 60}\n# Sequel Ace SQL dump\n# Version 20067\n#\n# https://sequel-ace.com/\n#\n"
    "# Host: 127.0.0.1 (MySQL 10.5.23-MariaDB)\n# Database: notes\n"
    f"# Generation Time: 2026-01-02 03:04:05 +0000\n# {'*' * 60}\n\n\n{_SET}\n# Dump of table notes\n# {'-' * 60}\n\n"
    f"DROP TABLE IF EXISTS `notes`;\n\n{_NOTES}\nLOCK TABLES `notes` WRITE;\n{_ROWS}\nUNLOCK TABLES;\n\n\n{_SET_BACK}"
)
_UPDRAFT = (
    "# WordPress MySQL database backup\n# Created by UpdraftPlus version 1.24.3 (https://updraftplus.com)\n"
    "# WordPress Version: 6.5, running on PHP 8.2.12 (Apache/2.4.57), MySQL 10.5.23-MariaDB\n"
    "# Backup of: https://shop.example.org\n# Generated: Friday 2. January 2026 03:04 UTC\n# Hostname: localhost\n"
    f"# Database: `wp`\n# {'-' * 56}\n\n/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n"
    "/*!40101 SET NAMES utf8mb4 */;\n/*!40101 SET foreign_key_checks = 0 */;\nSET sql_mode='NO_AUTO_VALUE_ON_ZERO';\n\n"
    "# Delete any existing table `notes`\n\nDROP TABLE IF EXISTS `notes`;\n\n"
    f"# Table structure of table `notes`\n\n{_NOTES}\n"
    "# Data contents of table `notes`\n# Approximate rows expected in table: 3\n\n"
    f"{_ROWS}# End of data contents of table `notes`\n\n"
    "/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;\n"
)
_UPDRAFTS = "backup_2026-01-02-0304_Shop_0123456789ab-db.gz"
_UPDRAFT_CUT = _UPDRAFT.partition("(2, 'two'")[0]
_NO_RPO = ("--rto", "10m")


def _one(text: str) -> Input:
    """Return a dump that is verified against a recovery time alone: most of these tools say no zone of their times."""
    return verify("notes.sql", {"notes.sql": text}, objectives=_NO_RPO)


def _by(number: str, name: str, text: str, seen: str = "") -> Case:
    """Return a case of a tool: its dump whole, and cut inside its rows."""
    return Case(
        number=number,
        seen=seen or f"{name}'s own output",
        tried=passes(f"{name}, whole", _one(text), unsaid=("made without comments", "a server it does not name")),
        twin=fails(f"{name}, cut inside its rows", _one(text.partition("(2, 'two'")[0] + "(2, 't")),
    )


CASES = (
    _by("c14", "phpMyAdmin in Spanish", _PHPMYADMIN.replace("'Cliente 2'", "'two'") + _KEYS, _PHPMYADMIN_SEEN),
    Case(
        number="c14b",
        seen="phpmyadmin/phpmyadmin#14517; phpmyadmin/phpmyadmin#13403",
        tried=fails("phpMyAdmin, cut before the keys at its end", _one(_PHPMYADMIN), "dump-trailer-missing"),
        twin=passes("phpMyAdmin, whole", _one(_PHPMYADMIN + _KEYS)),
    ),
    Case(
        number="c14c",
        seen="phpmyadmin/phpmyadmin#14517; phpmyadmin/phpmyadmin#13403",
        tried=fails("phpMyAdmin, PHP's error at its end", _one(_PHPMYADMIN + _HTML), unsaid=("made without comments",)),
        twin=passes("phpMyAdmin, HTML in a row", _one(_PHPMYADMIN.replace("Cliente 3", "<b>Fatal error</b>") + _KEYS)),
    ),
    _by("c16a", "HeidiSQL", _HEIDI),
    _by("c16b", "Adminer", _ADMINER),
    Case(
        number="c16b-2",
        seen="Adminer's own output",
        tried=fails(
            "Adminer, cut between two statements",
            _one(_ADMINER.partition("INSERT INTO")[0]),
            "dump-trailer-missing",
            says=("as dumps by Adminer do",),
        ),
        twin=passes("Adminer, whole", _one(_ADMINER)),
    ),
    _by("c16c", "mysqldump-php", _MYSQLDUMP_PHP, "ifsnop/mysqldump-php#221"),
    _by("c16d", "Navicat", _NAVICAT),
    _by("c16e", "Sequel Ace", _SEQUEL_ACE),
    Case(
        number="c16f",
        seen="UpdraftPlus's own output",
        tried=passes("UpdraftPlus, compressed", verify(_UPDRAFTS, {_UPDRAFTS: gzipped(_UPDRAFT)})),
        twin=fails("the same, cut inside its rows", verify(_UPDRAFTS, {_UPDRAFTS: gzipped(_UPDRAFT_CUT)})),
    ),
    Case(
        number="c14d",
        seen="phpmyadmin/phpmyadmin#14517; phpmyadmin/phpmyadmin#13403",
        tried=fails(
            "phpMyAdmin, PHP's warning before its header", _one(_WARNING + _PHPMYADMIN + _KEYS), says=("message",)
        ),
        twin=passes("phpMyAdmin, an empty line before its header", _one("\n" + _PHPMYADMIN + _KEYS)),
    ),
    Case(
        number="c16g",
        seen="ifsnop/mysqldump-php#221",
        tried=fails(
            "mysqldump-php, its closing comment missing",
            _one(_MYSQLDUMP_PHP.partition("-- Dump completed")[0].partition(_SET_BACK)[0]),
            "backup is complete",
        ),
        twin=passes(
            "mysqldump-php against a recovery point: its times have a zone",
            verify("notes.sql", {"notes.sql": _MYSQLDUMP_PHP}),
        ),
    ),
)
