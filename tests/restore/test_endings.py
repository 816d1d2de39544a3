"""What the end of a dump says, tool by tool: a whole one is known for it, and one cut anywhere never is."""

from __future__ import annotations

import io
import subprocess
from datetime import UTC, datetime
from importlib.resources import files

import pytest

from drtool.backups.recognise import recognise
from drtool.restore.endings import End, closed_at, end_of, trailer_failure
from drtool.restore.pipeline import Outcome, take_fact

_PROGRAM = "\n".join(
    files("drtool.restore").joinpath(name).read_text(encoding="utf-8")
    for name in ("statements.pl", "session.pl", "promises.pl")
)
TABLE = "CREATE TABLE `notes` (\n  `id` int(11) NOT NULL,\n  `body` text\n) ENGINE=InnoDB;\n\n"
ROWS = "INSERT INTO `notes` (`id`, `body`) VALUES\n(1, 'one; -- two'),\n(2, 'it''s\\nthree');\n\n"
KEYS = "ALTER TABLE `notes`\n  ADD PRIMARY KEY (`id`);\n\n"
TAKES = (
    "/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n/*!40101 SET NAMES utf8mb4 */;\n"
    "/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;\n"
    "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n\n"
)
GIVES = (
    "/*!40101 SET SQL_MODE=IFNULL(@OLD_SQL_MODE, '') */;\n"
    "/*!40014 SET FOREIGN_KEY_CHECKS=IFNULL(@OLD_FOREIGN_KEY_CHECKS, 1) */;\n"
    "/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;\n"
)
PHPMYADMIN = (
    "-- phpMyAdmin SQL Dump\n-- version 5.2.1\n-- https://www.phpmyadmin.net/\n--\n-- Host: localhost\n"
    "-- Generation Time: Nov 29, 2026 at 10:00 AM\n-- Server version: 10.4.32-MariaDB\n-- PHP Version: 8.2.12\n\n"
    f'SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";\nSTART TRANSACTION;\nSET time_zone = "+00:00";\n\n{{}}{TABLE}{ROWS}{KEYS}'
    "COMMIT;\n\n{}"
)
ADMINER = "-- Adminer 4.8.1 MySQL 10.11.6-MariaDB dump\n\nSET foreign_key_checks = 0;\n\n" + TABLE + ROWS
NAVICAT = (
    "/*\n Navicat Premium Data Transfer\n\n Source Server Version : 100432 (10.4.32-MariaDB)\n\n"
    " Date: 29/11/2026 10:00:00\n*/\n\n"
)
WHOLE = {
    "phpMyAdmin": PHPMYADMIN.format(TAKES, GIVES),
    "phpMyAdmin, copied from its page": PHPMYADMIN.format("", ""),
    "HeidiSQL": f"-- {'-' * 56}\n-- Host:                         db\n"
    "-- Server version:               10.6.16-MariaDB\n"
    f"-- Server OS:                    Win64\n-- HeidiSQL Version:             12.6.0.6765\n-- {'-' * 56}\n\n"
    + TAKES + TABLE + ROWS + GIVES,
    "SQLyog": "/*\nSQLyog Ultimate v12.3.3 (64 bit)\nMySQL - 10.1.13-MariaDB : Database - x\n*/\n\n"
    + TAKES + TABLE + ROWS + GIVES,
    "Adminer 4": f"{ADMINER}-- 2026-11-29 10:00:00\n",
    "Adminer 5": f"{ADMINER}-- 2026-11-29 10:00:00 UTC\n",
    "Navicat": f"{NAVICAT}SET FOREIGN_KEY_CHECKS = 0;\n\n{TABLE}{ROWS}SET FOREIGN_KEY_CHECKS = 1;\n",
    "mysqldump-php": "-- mysqldump-php https://github.com/ifsnop/mysqldump-php\n--\n-- Host: db\tDatabase: x\n"
    "-- Server version \t10.11.6-MariaDB\n-- Date: Sun, 29 Nov 2026 10:00:00 +0000\n\n"
    + TAKES + TABLE + ROWS + GIVES + "\n-- Dump completed on: Sun, 29 Nov 2026 11:00:01 +0100\n",
    "mysqlpump": "-- Dump created by MySQL pump utility, version: 5.7.29, Linux (x86_64)\n"
    f"-- Dump start time: Sun Nov 29 09:59:58 2026\n-- Server version: 5.7.29\n\n{TAKES}{TABLE}{ROWS}{GIVES}"
    "-- Dump end time: Sun Nov 29 10:00:00 2026\n",
    "Duplicator": "/* DUPLICATOR-LITE (PHP BUILD MODE) MYSQL SCRIPT CREATED ON : 2026-11-29 10:00:00 */\n\n"
    f"SET FOREIGN_KEY_CHECKS = 0;\n\n{TABLE}{ROWS}SET FOREIGN_KEY_CHECKS = 1; \n\n"
    "/* Duplicator WordPress Timestamp: 2026-11-29 10:00:02*/\n/* DUPLICATOR_MYSQLDUMP_EOF */\n",
    "BackWPup": "-- Backup with BackWPup ver.: 4.1.2\n-- Database Name: wp\n-- Backup on: 2026-11-29 10:00.07\n\n"
    + TAKES + TABLE + ROWS + GIVES + "\n-- Backup completed on 2026-11-29 10:00:09\n",
    "MySQLDumper": "-- Status:1:2:MP_0:notes:php:1.24.4::10.4.21-MariaDB:1:::utf8:EXTINFO\n--\n-- TABLE-INFO\n"
    "-- TABLE|notes|2|16384||InnoDB\n-- EOF TABLE-INFO\n--\n-- Dump by MySQLDumper 1.24.4 (http://mysqldumper.net)\n"
    "/*!40101 SET NAMES 'utf8' */;\nSET FOREIGN_KEY_CHECKS=0;\n-- Dump created: 2026-11-29 10:00\n\n"
    f"{TABLE}{ROWS}SET FOREIGN_KEY_CHECKS=1;\n-- EOB\n\n",
    "Simple Machines Forum": f"# {'=' * 58}\n#\n# Database dump of tables in `notes`\n"
    f"# November 29, 2026, 10:00:00 AM\n#\n# {'=' * 58}\n\n{TABLE}{ROWS}# {'-' * 56}\n\n# Done\n",
    "Backup and Migrate": "-- Backup and Migrate MySQL Dump\n-- http://github.com/backupmigrate\n--\n-- Host: db\n"
    "-- Database: notes\n-- Generation Time: Sun, 29 Nov 2026 10:00:00 +0000\n-- MySQL Version: 100432\n\n"
    + TAKES + "SET AUTOCOMMIT = 0;\nSET FOREIGN_KEY_CHECKS=0;\n" + TABLE + ROWS + GIVES
    + "SET FOREIGN_KEY_CHECKS = 1;\nCOMMIT;\nSET AUTOCOMMIT = 1;",
    "CodeIgniter": f"SET foreign_key_checks = 0;\n#\n# TABLE STRUCTURE FOR: notes\n#\n\n{TABLE}{ROWS}"
    "\nSET foreign_key_checks = 1;\n",
}  # fmt: skip


def look(text: str, *, sink: int = 0) -> tuple[End, Outcome]:
    told = subprocess.run(
        ["perl", "-e", f"{_PROGRAM}; main::promises()"], input=text.encode(), stdout=subprocess.PIPE, check=True
    ).stdout.decode()
    outcome = Outcome(finished=True, statuses={"sink": sink})
    for line in told.splitlines():
        take_fact(outcome, *line.split(" ", 1))
    return end_of(outcome, recognise(io.BytesIO(text.encode()))), outcome


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_dump_is_whole_that_ends_as_its_tool_ends_it(text: str, line_end: str) -> None:
    end, _ = look(text.replace("\n", line_end))
    assert (end.failure, end.unknown) == (None, "")


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
def test_a_dump_that_was_cut_is_never_taken_for_whole(text: str) -> None:
    """Wherever rows or keys are missing; where what gives back settings is cut itself, nothing else is missing."""
    begun, ended = text.index("CREATE TABLE"), text.index("(2, 'it") + 5
    ended = text.index("PRIMARY KEY") if "PRIMARY KEY" in text else ended
    for cut in range(begun, ended, 7):
        end, _ = look(text[:cut], sink=int(not text[:cut].rstrip().endswith(";")))
        assert end.failure or end.unknown, text[:cut][-80:]


@pytest.mark.parametrize("name", [name for name in WHOLE if "copied" not in name])
def test_a_dump_that_was_cut_between_two_statements_fails_by_the_words_of_its_tool(name: str) -> None:
    end, _ = look(WHOLE[name].partition("INSERT INTO")[0])
    assert end.failure is not None
    assert end.failure.code == "dump-trailer-missing"
    assert f"as dumps by {name.partition(',')[0].rstrip(' 45')} do" in end.failure.what


FOLLOWED = [*(name for name in WHOLE if "copied" not in name), "mariadb-dump", "mariadb-dump --skip-comments"]
MARIADB_DUMP = (
    "-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for Linux (x86_64)\n--\n-- Host: db    Database: x\n\n"
    f"{TAKES}{TABLE}{ROWS}{GIVES}"
)


def whole(name: str) -> str:
    if name == "mariadb-dump":
        return f"{MARIADB_DUMP}\n-- Dump completed on 2026-11-29 10:00:00\n"
    return MARIADB_DUMP.partition("\n\n")[2] if name.endswith("comments") else WHOLE[name]


@pytest.mark.parametrize("name", FOLLOWED)
def test_statements_that_follow_the_end_of_a_dump_are_told_and_no_damage(name: str) -> None:
    end, _ = look(whole(name) + "COMMIT;\nSET autocommit=1;\nFLUSH PRIVILEGES;\n")
    assert (end.failure, end.unknown) == (None, "")
    assert end.deviation.startswith("3 statements follow the end of the dump and were not written by its tool: ")


@pytest.mark.parametrize("name", FOLLOWED)
def test_statements_that_may_change_rows_behind_the_end_are_told_apart(name: str) -> None:
    end, _ = look(whole(name) + "UPDATE notes SET body = 'a; b';\n")
    assert (end.failure, end.unknown) == (None, "")
    assert end.deviation.startswith(
        "1 statement follows the end of the dump and was not written by its tool, of which 1"
    )


@pytest.mark.parametrize("name", [*FOLLOWED])
@pytest.mark.parametrize("more", ["INSERT INTO notes VALUES (3, 'x');\n", TABLE, "GRANT USAGE ON *.* TO a;\nCOMMIT;\n"])
def test_what_may_be_a_part_of_more_is_never_taken_for_all_of_it(name: str, more: str) -> None:
    end, _ = look(whole(name) + more)
    assert end.failure is None
    assert end.unknown


@pytest.mark.parametrize("name", ["Adminer 4", "mysqldump-php", "mysqlpump", "BackWPup", "mariadb-dump"])
@pytest.mark.parametrize(
    "more",
    ["Backup of x; done\n", "COMMIT;\nwarning: the disk is nearly full", TAKES + TABLE, "COMMIT;\nUPDATE notes SET b"],
)
def test_what_is_no_statement_or_begins_another_dump_behind_the_end_is_no_part_of_it(name: str, more: str) -> None:
    end, _ = look(whole(name) + more)
    assert end.failure is not None
    assert end.failure.code == "dump-trailing-garbage"


@pytest.mark.parametrize("more", ["Backup of x; done\n", "COMMIT;\nwarning: the disk is nearly full", TAKES + TABLE])
def test_what_is_no_statement_behind_the_settings_is_no_part_of_a_whole_dump(more: str) -> None:
    end, _ = look(whole("HeidiSQL") + more)
    assert end.failure or end.unknown


_KEPT = {
    "plain": (
        "SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0;\n"
        "SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0;\n",
        "SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS;\nSET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS;\n",
    ),
    "conditional": (
        "/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;\n"
        "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='' */;\n",
        "/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;\n/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;\n",
    ),
    "one": ("SET @OLD_SQL_MODE=@@SQL_MODE;\n", "SET SQL_MODE = IFNULL(@OLD_SQL_MODE, '');\n"),
}


@pytest.mark.parametrize("how", _KEPT)
@pytest.mark.parametrize("begins", ["", "SET AUTOCOMMIT=0;\nSTART TRANSACTION;\n", "BEGIN;\n", "SET autocommit = 0;\n"])
def test_a_dump_of_no_known_tool_is_whole_by_any_settings_that_it_gives_back_behind_all(how: str, begins: str) -> None:
    takes, gives = _KEPT[how]
    body, end = f"{begins}{takes}{TABLE}{ROWS}", f"{'COMMIT;' if begins else ''}\n-- END BACKUP\n"
    whole, _ = look(body + gives + end)
    assert (whole.failure, whole.unknown, whole.deviation) == (None, "", "")
    fewer = gives.rstrip("\n").rpartition("\n")[0]
    for cut in (body, body + fewer, body + fewer + end, body + end):
        assert look(cut)[0].unknown, cut


def test_what_is_kept_aside_around_each_table_tells_nothing_of_the_others() -> None:
    rows = f"SET @OLD_AUTOCOMMIT=@@AUTOCOMMIT, @@AUTOCOMMIT=0;\n{ROWS}COMMIT;\nSET AUTOCOMMIT=@OLD_AUTOCOMMIT;\n"
    mode = f"SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='';\n{ROWS}SET SQL_MODE=@OLD_SQL_MODE;\n"
    for text in (rows, TABLE + rows, TABLE + mode):
        assert look(text)[0].unknown, text


@pytest.mark.parametrize("name", ["Adminer 4", "mysqldump-php", "HeidiSQL", "phpMyAdmin"])
def test_of_several_dumps_in_one_file_each_has_its_end(name: str) -> None:
    whole, cut = WHOLE[name], WHOLE[name].partition("INSERT INTO")[0]
    assert look(whole + whole)[0].failure is None
    end, _ = look(cut + whole)
    assert end.failure is not None
    assert end.failure.what.startswith("There are 2 dumps in this file, and 1 of them do not end with")


@pytest.mark.parametrize(
    ("name", "when"),
    [
        ("Adminer 4", datetime(2026, 11, 29, 10, tzinfo=UTC)),
        ("Adminer 5", datetime(2026, 11, 29, 10, tzinfo=UTC)),
        ("mysqldump-php", datetime(2026, 11, 29, 10, 0, 1, tzinfo=UTC)),
        ("mysqlpump", datetime(2026, 11, 29, 10)),  # noqa: DTZ001 (it says none)
        ("BackWPup", datetime(2026, 11, 29, 10, 0, 9)),  # noqa: DTZ001 (it says none)
    ],
)
def test_a_closing_comment_says_when_a_dump_was_done(name: str, when: datetime) -> None:
    _, outcome = look(WHOLE[name])
    assert closed_at(outcome, recognise(io.BytesIO(WHOLE[name].encode()))) == [when]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"# WordPress MySQL database migration\n#\n\n{TABLE}", "WP Migrate writes nothing at its end"),
        (f"{NAVICAT}SET FOREIGN_KEY_CHECKS=0;\n\n{TABLE}", "Navicat ends a dump with"),
        (PHPMYADMIN.format("", "").replace("COMMIT;\n", ""), "phpMyAdmin ends a dump with"),
        (f"#\n# phpBB Backup Script\n# Dump of tables for phpbb_\n#\n{TABLE}", "phpBB writes nothing at its end"),
        (f"#\n# TABLE STRUCTURE FOR: notes\n#\n\n{TABLE}", "CodeIgniter ends a dump with"),
        (
            f"-- Status:1:2:MP_2:notes:php:1.24.4::10.4.21-MariaDB:1:::utf8:EXTINFO\n{TABLE}{ROWS}-- EOB\n",
            "MySQLDumper (in parts) writes nothing at its end",
        ),
        (TABLE + ROWS, "it ends with nothing that tells whether it is whole"),
    ],
)
def test_where_an_end_tells_nothing_it_is_said_why(text: str, why: str) -> None:
    end, _ = look(text)
    assert end.failure is None
    assert end.unknown.startswith(why)


def test_grants_are_whole_where_the_last_account_has_its_own() -> None:
    grants = "-- Grants dumped by pt-show-grants\n-- Grants for 'app'@'%'\nGRANT USAGE ON *.* TO `app`@`%`;\n"
    end, _ = look(grants)
    assert (end.failure, end.unknown) == (None, "")
    assert "no further account" in end.assumption
    for cut in (grants + "-- Grants for 'web'@'%'\n", grants + "-- Grants for 'web'@'%'\nGRANT USAGE ON", grants[:60]):
        assert look(cut, sink=int(cut.endswith("ON")))[0].failure


def test_a_dump_without_comments_whose_routines_keep_settings_aside_is_whole() -> None:
    routine = "/*!50003 SET @saved_cs_client = @@character_set_client */ ;\n"
    routine += "/*!50003 SET character_set_client = @saved_cs_client */ ;\n"
    end, outcome = look(TAKES + TABLE + routine * 3 + GIVES)
    assert (end.failure, end.unknown, outcome.end) == (None, "", "complete")


def test_an_error_that_sequel_writes_into_its_dump_is_counted() -> None:
    header = "# Sequel Ace SQL dump\n# Version 20067\n#\n"
    _, outcome = look(f"{header}{TAKES}# Error: SELECT command denied to user\n\n{TABLE}{GIVES}")
    assert outcome.promised.complaints == 1
    assert look(f"# Error: none\n{TABLE}")[1].promised.complaints == 0


def test_a_dump_of_no_known_tool_has_no_end_that_it_could_lack() -> None:
    _, outcome = look(TABLE)
    assert trailer_failure(outcome, recognise(io.BytesIO(TABLE.encode()))) is None
