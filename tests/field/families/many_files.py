"""Folders of many files, which share a client: what one leaves behind in its session is not there for the next."""

from __future__ import annotations

import gzip

from tests.field.case import Case, fails, passes, verify
from tests.field.dumps import CUSTOMERS, dump, table

_DUMPED = "Started dump at: 2026-01-02 03:00:13\n\nFinished dump at: 2026-01-02 03:04:05\n"
_HEAD = "/*!40101 SET NAMES binary*/;\n/*!40014 SET FOREIGN_KEY_CHECKS=0*/;\n/*!40103 SET TIME_ZONE='+00:00' */;\n"
_HURRIED = "mydumper/mydumper#349; mydumper/mydumper#1265"


def _rows(number: int) -> str:
    rows = f"({number},'row {number}; it\\'s \"-- /* one'),\n(-{number},NULL)"
    return f"{_HEAD}INSERT INTO `t{number % 4}` VALUES\n{rows};\n"


def _mydumper(*, packed: bool = False, **changed: str) -> dict[str, str | bytes]:
    """Return what mydumper writes of four tables, in 120 files; with some of them, by their numbers, changed."""
    files = {"shop-schema-create.sql": "CREATE DATABASE `shop`;\n"}
    for number in range(4):
        created = (
            f"{_HEAD}CREATE TABLE `t{number}` (\n  `id` int(11) NOT NULL,\n  `v` text,\n  PRIMARY KEY (`id`)\n);\n"
        )
        files[f"shop.t{number}-schema.sql"] = created
    for number in range(1, 121):
        files[f"shop.t{number % 4}.{(number - 1) // 4:05}.sql"] = changed.get(f"n{number}", _rows(number))
    ended: dict[str, str | bytes] = {
        f"dump/{name}.gz" if packed else f"dump/{name}": gzip.compress(text.encode(), mtime=0) if packed else text
        for name, text in files.items()
    }
    return ended | {"dump/metadata": _DUMPED}


def _leaves(text: str) -> dict[str, str | bytes]:
    """Return a folder of dumps of which the first leaves something behind in its session."""
    second = table("second", "`id` int(11) NOT NULL,\n  `says` varchar(9)", ("1,'a\\'b'", "2,'c\"d'"))
    return {
        "dumps/a.sql": dump(CUSTOMERS + text),
        "dumps/b.sql": dump(second),
        "dumps/c.sql": dump(table("third", "a int")),
    }


CASES = (
    Case(
        number="n01",
        seen=_HURRIED,
        tried=passes("120 files of mydumper", verify("dump/", _mydumper())),
        twin=fails(
            "the same, one of them cut inside a string",
            verify("dump/", _mydumper(n77=_rows(77)[:-30])),
            "dump-does-not-load",
            says=["shop.t1.00019.sql", "at line 4 of the dump"],
        ),
    ),
    Case(
        number="n01b",
        seen=_HURRIED,
        tried=passes("the same, each packed for itself", verify("dump/", _mydumper(packed=True))),
        twin=fails(
            "the same, one of them refused",
            verify("dump/", _mydumper(packed=True, n78=_rows(78).replace("`t2`", "`t9`"))),
            "dump-does-not-load",
            says=["shop.t2.00019.sql.gz", "at line 4 of the dump"],
        ),
    ),
    Case(
        number="n01c",
        seen=_HURRIED,
        tried=passes(
            "one of them locks its table, sets what it likes and has another delimiter at its end",
            verify("dump/", _mydumper(
                n50="LOCK TABLES `t2` WRITE;\n" + _rows(50),
                n51="SET SESSION sql_mode='ANSI_QUOTES,NO_BACKSLASH_ESCAPES', autocommit=0, max_statement_time=1;\n"
                "CREATE TEMPORARY TABLE `t0` (a INT);\nINSERT INTO `t3` VALUES (51,'\\');\nCOMMIT;\n",
                n54=_rows(54) + "DELIMITER $$\n",
                n55=_rows(55) + "USE mysql;\n",
            )),
        ),
        twin=fails(
            "one of them leaves a transaction open",
            verify("dump/", _mydumper(n50="BEGIN;\n" + _rows(50))),
            "dump-uncommitted",
            says=["shop.t2.00012.sql"],
        ),
    ),
    Case(
        number="n02",
        seen=_HURRIED,
        tried=passes(
            "a dump among others that leaves a mode behind in which backslashes are none",
            verify("dumps/", _leaves(
                "SET sql_mode='ANSI_QUOTES,NO_BACKSLASH_ESCAPES';\nUSE mysql;\nBEGIN;\nROLLBACK;\nUSE shop;\n"
            )),
        ),
        twin=fails(
            "one that leaves a comment open, in which its own end is",
            verify("dumps/", _leaves("/* what follows is for later\n")),
            "dump-does-not-load",
            says=["a.sql"],
            unsaid=["b.sql"],
        ),
    ),
)  # fmt: skip
