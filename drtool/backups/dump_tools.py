"""The tools that dumps are made with: by what their headers are known, what these say, and how their dumps end.

A header is what stands in the first 4 KiB. Where no source is named beside a tool, its format was read off dumps of
several of its releases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from drtool.backups.tool_times import ReadTime, read_any_order, read_day_first, read_internet, read_iso, read_of_c
from drtool.mariadb.series import series_of

MARIADB_DUMP = "mariadb-dump"
"""The name of the tool that comes with the server, and of mysqldump, which it was."""

_HEADER_CHARACTERS = 4096


class Ending(StrEnum):
    """What a tool writes at the end of its dumps."""

    COMMENT = "a closing comment of its own"
    SETTINGS = "statements that give back the settings which it took at the beginning"
    CHECKS = "the statement that switches the check of foreign keys on again"
    GRANTS = "the grants of the last account that it announces"
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class DumpTool:
    """A tool, as its dumps are known.

    Attributes:
        name: what people call it.
        sign: what its header has and no other; what it calls itself and its release is in `tool`, where it does.
        says: what else its header says, in groups `server`, `host`, `database` and `began`, in one pattern or several.
        reads: how the time in `began` is read, and the one in its closing comment.
        ending: what it writes at the end.
        closing: its closing comment, with the time in the group `ended`.
        closes_in_utc: whether that time is UTC, though it may not say so.
    """

    name: str
    sign: re.Pattern[str]
    says: tuple[re.Pattern[str], ...] = ()
    reads: ReadTime = read_iso
    ending: Ending = Ending.NOTHING
    closing: re.Pattern[str] | None = None
    closes_in_utc: bool = False

    def ended(self, closing: str) -> datetime | None:
        """Return when a dump was done by its closing comment, with a zone where that says one; None without a time."""
        found = self.closing.fullmatch(closing) if self.closing else None
        said = self.reads(found["ended"]) if found and found["ended"] else None
        return said.replace(tzinfo=UTC) if said and self.closes_in_utc and said.tzinfo is None else said


@dataclass(frozen=True, kw_only=True)
class DumpHeader:
    """What the header of a dump says.

    Attributes:
        tool: that made it.
        tool_named: the tool with its release, as it calls itself.
        server_version: of the server that it was made of.
        series: `major.minor` of that server where it was a MariaDB.
        host: that server's, as its client was told it.
        database: the one that is in it.
        began: when its tool began, by the header; without a zone where none is said.
    """

    tool: DumpTool
    tool_named: str
    server_version: str | None = None
    series: str | None = None
    host: str | None = None
    database: str | None = None
    began: datetime | None = None


def _patterns(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.MULTILINE) for pattern in patterns)


def _sign(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.MULTILINE)


_SERVER_LINE = r"^-- Server version\s+(?P<server>\S+)"
_HOST_LINE = r"^-- Host: (?P<host>\S*)\s+Database: ?(?P<database>[^\n]*?)\s*$"
# Labels are in the user's language; a wide colon stands behind those of China and Japan.
_LABEL = "[^:\uff1a\n]{1,60}[:\uff1a]\\s*"
_STATUS_LINE = (
    r"\A\s*-- Status:\d+:\d+:MP_%s:(?P<database>[^:\n]*):(?:php|perl):(?P<release>[^:\n]*):[^\n]*?:"
    r"(?P<server>\d+\.\d+\.\d[^:\n]*):"
)
_TOOLS = (
    DumpTool(
        name=MARIADB_DUMP,
        sign=_sign(r"^-- (?P<tool>(?:MariaDB|MySQL) dump \d[^\n,]*)"),
        says=_patterns(_HOST_LINE, _SERVER_LINE),
        ending=Ending.COMMENT,
    ),
    DumpTool(  # https://github.com/ifsnop/mysqldump-php, src/Ifsnop/Mysqldump/Mysqldump.php
        name="mysqldump-php",
        sign=_sign(r"^-- (?P<tool>mysqldump-php) https?://\S+"),
        says=_patterns(_HOST_LINE, _SERVER_LINE, r"^-- Date: (?P<began>[^\n]+)"),
        reads=read_internet,
        ending=Ending.COMMENT,
        closing=re.compile(r"-- Dump completed(?: on: (?P<ended>.+))?"),
    ),
    DumpTool(  # https://github.com/jamf/go-mysqldump, and what was made of it, such as databacker's mysql-backup
        name="go-mysqldump",
        sign=_sign(r"^-- (?P<tool>Go SQL Dump \S+)"),
        says=_patterns(_HOST_LINE, _SERVER_LINE),
        ending=Ending.COMMENT,
        closing=re.compile(r"-- Dump completed on (?P<ended>.+)"),
        closes_in_utc=True,
    ),
    DumpTool(  # https://dev.mysql.com/doc/refman/8.0/en/mysqlpump.html
        name="mysqlpump",
        sign=_sign(r"^-- Dump created by (?P<tool>MySQL pump utility, version: [^\s,]+)"),
        says=_patterns(r"^-- Server version: (?P<server>\S+)", r"^-- Dump start time: (?P<began>[^\n]+)"),
        reads=read_of_c,
        ending=Ending.COMMENT,
        closing=re.compile(r"-- Dump end time: (?P<ended>.+)"),
    ),
    DumpTool(  # https://github.com/phpmyadmin/phpmyadmin, libraries/classes/Plugins/Export/ExportSql.php and locale/
        name="phpMyAdmin",
        sign=_sign(r"^-- (?P<tool>phpMyAdmin SQL Dump)\s+-- version (?P<release>\S+)"),
        says=_patterns(
            rf"^-- https?://[^\n]*\n--[ \t\r]*\n-- (?:{_LABEL})?(?P<host>[^\n]*)\n-- (?:{_LABEL})?(?P<began>[^\n]*)\n"
            r"-- \D{1,60}(?P<server>\d+\.\d+\.\d+\S*)",
            rf"^-- {_LABEL}`(?P<database>[^`\n]+)`\s*$",
        ),
        reads=read_day_first,
        ending=Ending.SETTINGS,
    ),
    DumpTool(
        name="HeidiSQL",
        sign=_sign(r"^(?:--|#) (?P<tool>HeidiSQL) [Vv]ersion: +(?P<release>\S+)"),
        says=_patterns(
            rf"\A(?:--|#) -+\s*\n(?:--|#) {_LABEL}(?P<host>[^\n]*)\n",
            rf"^(?:--|#) {_LABEL}(?P<server>\d+\.\d+\.\d+[^\s]*)[^\n]*\n(?:--|#) {_LABEL}[^\n]*\n(?:--|#) HeidiSQL",
            r"^(?:--|#) Date/time: +(?P<began>[^\n]+)",
        ),
        ending=Ending.SETTINGS,
    ),
    DumpTool(  # https://github.com/vrana/adminer, adminer/dump.inc.php and adminer/include/adminer.inc.php
        name="Adminer",
        sign=_sign(
            r"^-- (?P<tool>Adminer(?:Evo)? (?:[4-9]|[1-9]\d|3\.(?!0)\d)\S*) \w+(?: (?P<server>\d\S*)[^\n]*)? dump\s*$"
        ),
        ending=Ending.COMMENT,
        closing=re.compile(r"-- (?P<ended>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?: UTC)?)"),
        closes_in_utc=True,
    ),
    DumpTool(
        name="Navicat",
        sign=_sign(r"\A\s*/\*\s*\n ?(?P<tool>Navicat [^\n]{1,60}?) (?:Data Transfer|Dump SQL)\s*$"),
        says=_patterns(
            r"^ ?Source Server Version : (?:\d+ \((?P<server>[^\s)]+)|(?P<number>\d{5,6})\s*$)",
            r"^ ?Source Host +: (?P<host>[^\n]*)",
            r"^ ?Source (?:Schema|Database) +: (?P<database>[^\n]*)",
            r"^ ?Date: (?P<began>[^\n]*)",
        ),
        reads=read_any_order,
        ending=Ending.CHECKS,
    ),
    DumpTool(  # https://github.com/Sequel-Ace/Sequel-Ace, SPSQLExporter.m
        name="Sequel Ace",
        sign=_sign(r"^# (?P<tool>Sequel (?:Pro|Ace)) SQL dump\s*\n# \D{1,40}(?P<release>\d+)"),
        says=_patterns(
            rf"^# {_LABEL}(?P<host>\S*) \(MySQL (?P<server>[^)\n]+)\)\s*\n# {_LABEL}(?P<database>[^\n]*)\n"
            rf"# {_LABEL}(?P<began>[^\n]*)"
        ),
        ending=Ending.SETTINGS,
    ),
    DumpTool(  # https://github.com/wp-plugins/updraftplus, backup.php; WordPress has its clock in UTC
        name="UpdraftPlus",
        sign=_sign(r"^# Created by (?P<tool>UpdraftPlus) version (?P<release>\S+)"),
        says=_patterns(
            r"^# WordPress Version: [^\n]*, MySQL (?P<server>\d\S*)\s*$",
            r"^# Generated: (?P<began>[^\n]+)",
            r"^# Hostname: (?P<host>[^\n]*)",
            r"^# Database: `(?P<database>[^`\n]+)`",
        ),
        reads=read_day_first,
        ending=Ending.SETTINGS,
    ),
    DumpTool(  # the plugin WP Migrate, and others that were made of WP-DB-Backup
        name="WP Migrate",
        sign=_sign(r"\A\s*# (?P<tool>WordPress MySQL database (?:migration|backup))\s*$"),
        says=_patterns(
            r"^# Generated: (?P<began>[^\n]+)",
            r"^# Hostname: (?P<host>[^\n]*)",
            r"^# Database: `(?P<database>[^`\n]+)`",
        ),
        reads=read_day_first,
    ),
    DumpTool(  # https://github.com/wp-media/backwpup, inc/class-mysqldump.php; its times are the blog's
        name="BackWPup",
        sign=_sign(r"^-- Backup with (?P<tool>BackWPup) ver\.: (?P<release>\S+)"),
        says=_patterns(r"^-- Database Name: (?P<database>[^\n]*)", r"^-- Backup on: (?P<began>[^\n]+)"),
        ending=Ending.COMMENT,
        closing=re.compile(r"-- Backup completed on (?P<ended>.+)"),
    ),
    DumpTool(  # the plugin Duplicator for WordPress, which itself takes a dump without this end for incomplete
        name="Duplicator",
        sign=_sign(
            r"\A\s*/\* (?P<tool>DUPLICATOR(?:-[A-Z]+)?)(?: \([^)\n]{1,60}\))? MYSQL SCRIPT CREATED ON : "
            r"(?P<began>[^*\n]+?) \*/"
        ),
        ending=Ending.COMMENT,
        closing=re.compile(r"/\* DUPLICATOR_MYSQLDUMP_EOF \*/(?P<ended>)"),
    ),
    DumpTool(  # https://github.com/MySqlBackupNET/MySqlBackup.Net
        name="MySqlBackup.NET",
        sign=_sign(r"\A\s*-- (?P<tool>MySqlBackup\.NET \d\S*)"),
        says=_patterns(_SERVER_LINE, r"^-- Dump Time: (?P<began>[^\n]+)"),
        ending=Ending.SETTINGS,
        closing=re.compile(r"-- Dump completed on (?P<ended>.+)"),
    ),
    DumpTool(  # Sypex Dumper, and what was made of it, such as DataLife Engine's
        name="Sypex Dumper",
        sign=_sign(
            r"\A\s*(?:#[^\n]*\n\s*)?#(?P<tool>SKD\d+)\|(?P<database>[^|\n]+)\|\d+\|(?P<began>[\d.]{10} [\d:]+)\|"
        ),
    ),
    DumpTool(
        name="TablePlus",
        sign=_sign(r"^-- (?P<tool>TablePlus \d\S*)"),
        says=_patterns(r"^-- Database: (?P<database>[^\n]*)", r"^-- Generation Time: (?P<began>[^\n]+)"),
        ending=Ending.SETTINGS,
    ),
    DumpTool(
        name="SQLyog",
        sign=_sign(r"\A\s*/\*\s*\n?(?P<tool>SQLyog [^\n(]{1,60}?)\s*(?:\([^\n]*)?\n"),
        says=_patterns(r"^(?:MySQL|Host) - (?P<server>\S+)(?: : Database - (?P<database>[^\n]*))?"),
        ending=Ending.SETTINGS,
    ),
    DumpTool(
        name="MySQL Administrator",
        sign=_sign(r"^-- (?P<tool>MySQL Administrator dump \S+)"),
        says=_patterns(_SERVER_LINE),
        ending=Ending.SETTINGS,
    ),
    DumpTool(
        name="dbForge Studio",
        sign=_sign(r"^--[^\n]{0,60}? Devart (?P<tool>dbForge Studio[^\n,]* for MySQL),\D{0,20}(?P<release>[\d.]+)"),
        says=_patterns(
            rf"^-- [^\n]*https?://[^\n]*\n-- \D{{1,40}}(?P<began>\d[^\n]*)\n-- {_LABEL}(?P<server>\d+\.\d+\.\d+\S*)"
        ),
        reads=read_any_order,
        ending=Ending.SETTINGS,
    ),
    DumpTool(  # https://github.com/dg/MySQL-dump, src/MySQLDump.php
        name="David Grudl's MySQL Dump Utility",
        sign=_sign(r"^-- Created at (?P<began>[\d.]+ [\d:]+) using (?P<tool>David Grudl MySQL Dump Utility)"),
        says=_patterns(
            r"^-- Host: (?P<host>[^\n]*)", r"^-- MySQL Server: (?P<server>\S+)", r"^-- Database: (?P<database>[^\n]*)"
        ),
        reads=read_day_first,
        ending=Ending.COMMENT,
        closing=re.compile(r"-- THE END(?P<ended>)"),
    ),
    DumpTool(  # https://docs.percona.com/percona-toolkit/pt-show-grants.html
        name="pt-show-grants",
        sign=_sign(r"^-- Grants dumped by (?P<tool>pt-show-grants)"),
        says=_patterns(
            r"^-- Dumped from server (?P<host>\S*) via [^\n]*?MySQL (?P<server>\S+)(?: at (?P<began>[^\n]+))?"
        ),
        ending=Ending.GRANTS,
    ),
    DumpTool(  # https://gitea.com/xorm/xorm, engine.go (Gitea, Forgejo, Gogs); its times are the application's
        name="xorm",
        sign=_sign(r"\A\s*/\*Generated by (?P<tool>xorm) (?P<began>[\d-]+ [\d:]+), from \w+ to mysql\*/"),
    ),
    DumpTool(
        name="MySQLDumper",
        sign=_sign(_STATUS_LINE % "0"),
        says=_patterns(r"^-- Dump created: (?P<began>[^\n]+)"),
        ending=Ending.COMMENT,
        closing=re.compile(r"-- EOB(?P<ended>)"),
    ),
    DumpTool(  # the last of them alone has an end, and how many there are none of them says
        name="MySQLDumper (in parts)",
        sign=_sign(_STATUS_LINE % "[1-9][0-9]*"),
        says=_patterns(r"^-- Dump created: (?P<began>[^\n]+)"),
    ),
    DumpTool(  # https://github.com/phpbb/phpbb, phpBB/phpbb/db/extractor/mysql_extractor.php
        name="phpBB",
        sign=_sign(r"\A\s*#\s*\n# (?P<tool>phpBB) Backup Script\s*$"),
        says=_patterns(r"^# DATE : +(?P<began>[^\n]+)"),
        reads=read_day_first,
    ),
    DumpTool(  # DumpDatabase.php, and forums that were made of it
        name="Simple Machines Forum",
        sign=_sign(r"\A\s*# =+\s*\n#\s*\n# Database dump of tables in `(?P<database>[^`\n]+)`\s*\n# (?P<began>[^\n]*)"),
        reads=read_day_first,
        ending=Ending.COMMENT,
        closing=re.compile(r"# Done(?P<ended>)"),
    ),
    DumpTool(
        name="All-in-One WP Migration",
        sign=_sign(r"\A\s*-- (?P<tool>All-in-One WP Migration) SQL Dump\s*$"),
        says=_patterns(r"^-- Host: (?P<host>[^\n]*)", r"^-- Database: (?P<database>[^\n]*)"),
    ),
    DumpTool(  # Drupal's module, https://git.drupalcode.org/project/backup_migrate
        name="Backup and Migrate",
        sign=_sign(r"\A\s*-- (?P<tool>Backup and Migrate) MySQL Dump\s*$"),
        says=_patterns(
            r"^-- MySQL Version: (?:(?P<number>\d{5,6})\s*$|(?P<server>\d+\.\S+))",
            r"^-- Host: (?P<host>[^\n]*)",
            r"^-- Database: (?P<database>[^\n]*)",
            r"^-- Generation Time: (?P<began>[^\n]+)",
        ),
        reads=read_internet,
        ending=Ending.SETTINGS,
    ),
    DumpTool(  # https://github.com/bcit-ci/CodeIgniter, system/database/drivers/mysqli/mysqli_utility.php
        name="CodeIgniter",
        sign=_sign(r"\A\s*(?:SET foreign_key_checks = 0;\s*)?#\s*\n# TABLE STRUCTURE FOR: \S"),
        ending=Ending.CHECKS,
    ),
)  # fmt: skip

# Navicat takes the version as a number: 100432 is 10.4.32. To clients that know MySQL alone MariaDB calls itself
# 5.5.5-10.4.32, and that number is of no server. MySQL has no series 10.
_OF_CLIENTS = "50505"
_AT_LEAST_TEN = re.compile(r"(?:5\.5\.5-)?([1-9]\d\.\d{1,2})\.\d+")


def read_header(text: str) -> DumpHeader | None:
    """Return what the header of a dump says, by its first characters; None where it is of no tool that is known."""
    text = text[:_HEADER_CHARACTERS]
    signed = ((tool, found) for tool in _TOOLS if (found := tool.sign.search(text)))
    tool, sign = next(signed, (None, None))
    if tool is None or sign is None:
        return None
    said = {name: value for name, value in sign.groupdict().items() if value}
    for pattern in tool.says:
        if found := pattern.search(text):
            said |= {name: value.strip() for name, value in found.groupdict().items() if value and value.strip()}
    version = said.get("server") or _of_number(said.get("number", ""))
    began = said.get("began")
    return DumpHeader(
        tool=tool,
        tool_named=" ".join(filter(None, (said.get("tool", tool.name).strip(), said.get("release")))),
        server_version=version,
        series=_series(version or ""),
        host=said.get("host"),
        database=said.get("database"),
        began=tool.reads(began) if began else None,
    )


def _of_number(number: str) -> str | None:
    if not number or number == _OF_CLIENTS:
        return None
    return f"{number[:-4]}.{int(number[-4:-2])}.{int(number[-2:])}"


def _series(version: str) -> str | None:
    bare = _AT_LEAST_TEN.match(version)
    return series_of(version) or (bare[1] if bare else None)
