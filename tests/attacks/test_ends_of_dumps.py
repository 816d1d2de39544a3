"""Dumps that end before their end: swallowed by the client, forged, cut between statements, or one of several."""

from __future__ import annotations

from tests.attacks.attack import Attack, Drilled, Input, each, judge, verify
from tests.attacks.dumps import HEADER, TABLES, TRAILER, dump, dumped

_LAST = "CREATE TABLE `last` (`id` int PRIMARY KEY);\nINSERT INTO `last` VALUES (1);\n"
_CUT = HEADER + TABLES
_SWALLOWED = ("dump-end-swallowed", "dump-truncated", "dump-does-not-load")
_UNFINISHED = ("dump-trailer-missing",)
_WHOLE = dumped(_LAST)
_UNKNOWN = ("backup is complete",)
_TAKES = (
    "-- phpMyAdmin SQL Dump\n-- Server version: 10.11.6-MariaDB\nSET foreign_key_checks = 0;\nSTART TRANSACTION;\n"
    "/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n"
)
_GIVES = "COMMIT;\n\n/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;\n"
_PREPARED = "XA START 'rows';\nINSERT INTO `people` VALUES (9,'Di',NULL);\nXA END 'rows';\nXA PREPARE 'rows';"


def _joined(*dumps: str) -> Input:
    return verify("all.sql", files={"all.sql": "".join(dumps)})


def _plain(text: str) -> Input:
    return verify("db.sql", files={"db.sql": text})


def _of(database: str, *, trailer: str = TRAILER) -> str:
    made = f"CREATE DATABASE /*!32312 IF NOT EXISTS*/ `{database}`;\nUSE `{database}`;\n"
    return dump(before=made, trailer=trailer).replace("Database: app", f"Database: {database}")


def _swallowed(name: str, opens: str, closes: str, *, worst: bool = False) -> Attack:
    bad, twin = dumped(f"{opens}\n{_LAST}"), dumped(f"{opens}{closes}\n{_LAST}")
    return Attack(name=name, bad=bad, twin=twin, told=_SWALLOWED, worst=worst)


ATTACKS = (
    _swallowed("comment-left-open-before-the-last-table", "/* ", " */", worst=True),
    _swallowed("comment-left-open-in-a-statement", "SELECT 1 /* one", "*/;"),
    _swallowed("comment-with-conditions-left-open", "/*!40101 SET @a = 1 ", "*/;"),
    _swallowed("comment-of-mariadb-alone-left-open", "/*M!100100 SET @a = 1 ", "*/;"),
    _swallowed("string-left-open-before-the-last-table", "SELECT 'left open", "';"),
    _swallowed("name-left-open-before-the-last-table", "SELECT 1 AS `left open", "`;"),
    _swallowed("double-quotes-left-open", 'SELECT "left open', '";'),
    Attack(
        name="transaction-that-nobody-commits",
        bad=dumped("START TRANSACTION;\nDELETE FROM `people`;"),
        twin=dumped("START TRANSACTION;\nDELETE FROM `people` WHERE `id` > 9;\nCOMMIT;"),
        told=("dump-uncommitted",),
        worst=True,
    ),
    Attack(
        name="rows-without-autocommit-and-no-commit",
        bad=dumped("SET autocommit = 0;\nINSERT INTO `people` VALUES (9,'Di',NULL);"),
        twin=dumped("SET autocommit = 0;\nINSERT INTO `people` VALUES (9,'Di',NULL);\nCOMMIT;"),
        told=("dump-uncommitted",),
    ),
    Attack(
        name="rows-prepared-and-not-committed",
        bad=dumped(_PREPARED),
        twin=dumped(f"{_PREPARED}\nXA COMMIT 'rows';"),
        told=("dump-uncommitted",),
    ),
    *(
        Attack(
            name=f"client-command-{name}", bad=dumped(f"{command}\n{_LAST}"), twin=_WHOLE, told=("dump-does-not-load",)
        )
        for name, command in {
            "quit": "quit",
            "exit": "exit",
            "backslash-q": "\\q",
            "source": "source /etc/passwd",
            "backslash-dot": "\\. /etc/passwd",
            "system": "system touch /tmp/x",
            "pager": "pager cat",
            "reconnect": "connect mysql",
        }.items()
    ),
    *(
        Attack(
            name=f"without-comments-{name}",
            bad=_plain(bad),
            twin=_plain(_TAKES + TABLES + _GIVES),
            told=told,
            code=code,
        )
        for name, (bad, told, code) in {
            "cut-between-statements": (_TAKES + TABLES, _UNKNOWN, 3),
            "the-first-of-two-cut": (_TAKES + TABLES + _TAKES + _LAST + _GIVES, _UNKNOWN, 3),
            "with-an-error-among-those": (
                f"{_TAKES}{TABLES}-- Error reading data for table app.z: #1932 - Table does not exist\n{_GIVES}",
                ("dump-tool-failed",),
                1,
            ),
        }.items()
    ),
    Attack(
        name="trailer-forged-in-the-middle-and-then-cut",
        bad=verify("db.sql", files={"db.sql": _CUT + TRAILER + _LAST}),
        twin=_WHOLE,
        told=("dump-trailing-garbage", "dump-trailer-missing"),
    ),
    Attack(
        name="trailer-only-within-a-string",
        bad=dumped("INSERT INTO `people` VALUES (9,'\n-- Dump completed\n',NULL);", trailer=""),
        twin=dumped("INSERT INTO `people` VALUES (9,'\n-- Dump completed\n',NULL);"),
        told=("dump-trailer-missing", "dump-trailing-garbage"),
    ),
    Attack(
        name="trailer-forged-as-the-last-line-of-an-open-string",
        bad=dumped("INSERT INTO `people` VALUES (9,'\n"),
        twin=dumped("INSERT INTO `people` VALUES (9,'',NULL);"),
        told=("dump-truncated", "dump-does-not-load", "dump-end-swallowed"),
    ),
    Attack(
        name="trailer-with-more-on-its-line",
        bad=dumped(trailer=TRAILER.rstrip() + " but not all of it\n"),
        twin=_WHOLE,
        told=("dump-trailing-garbage", "dump-trailer-missing"),
    ),
    Attack(
        name="several-dumps-the-first-cut-between-statements",
        bad=_joined(_of("a", trailer=""), _of("b")),
        twin=_joined(_of("a"), _of("b")),
        told=_UNFINISHED,
        worst=True,
    ),
    Attack(
        name="several-dumps-the-last-cut-between-statements",
        bad=_joined(_of("a"), _of("b", trailer="")),
        twin=_joined(_of("a"), _of("b")),
        told=_UNFINISHED,
    ),
    Attack(
        name="several-dumps-the-middle-one-an-error-message",
        bad=_joined(_of("a"), "mariadb-dump: Got error: 1045: Access denied\n", _of("b")),
        twin=_joined(_of("a"), _of("b")),
        told=("dump-does-not-load", "dump-tool-failed"),
    ),
    Attack(
        name="several-dumps-one-cut-and-another-with-its-trailer-twice",
        bad=_joined(_of("a", trailer=""), _of("b", trailer=TRAILER * 2)),
        twin=_joined(_of("a"), _of("b")),
        told=(*_UNFINISHED, "dump-trailing-garbage"),
    ),
    Attack(
        name="several-dumps-that-nothing-tells-apart",
        bad=_joined(
            dump(),
            dump()
            .replace("Database: app", "Database: blog")
            .replace("CREATE TABLE", "-- again\nDROP TABLE IF EXISTS `people`;\nCREATE TABLE", 1)
            .replace("CREATE TABLE `orders`", "DROP TABLE IF EXISTS `orders`;\nCREATE TABLE `orders`"),
        ),
        twin=_joined(_of("app"), _of("blog")),
        told=("dumps-mixed",),
        code=3,
    ),
    Attack(name="header-alone-with-a-trailer", bad=dumped(tables=""), twin=dumped(), told=("tables are present",)),
)


@each(ATTACKS)
def test_a_dump_that_ends_before_its_end_does_not_pass(attack: Attack, drilled: Drilled) -> None:
    judge(attack, drilled)
