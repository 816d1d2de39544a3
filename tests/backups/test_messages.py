"""What programs say in a backup's place, or before it, is told as that and by who says it."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable

import pytest

from drtool.backups.recognise import Format, recognise
from drtool.errors import DrtoolError, RestoreFailed

SANDBOX_LINE = "/*M!999999\\- enable the sandbox mode */ \n"
DUMP = (
    SANDBOX_LINE
    + "-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)\n--\n-- Host: h  Database: shop\n"
)
PHPMYADMIN = "-- phpMyAdmin SQL Dump\n-- version 5.2.1\n\nSET SQL_MODE = '';\n"


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def refusal(content: bytes) -> DrtoolError:
    with pytest.raises(DrtoolError) as refused:
        recognise(io.BytesIO(content))
    return refused.value


@pytest.mark.parametrize(
    ("message", "who"),
    [
        ('Defaulted container "mariadb" out of: mariadb, exporter, init (init)', "kubectl"),
        ("Unable to use a TTY - input is not a terminal or the right kind of file", "kubectl"),
        ("the input device is not a TTY", "docker"),
        ('time="2026-11-30T03:00:00Z" level=warning msg="the attribute `version` is obsolete"', "docker"),
        ("perl: warning: Setting locale failed.\nperl: warning: Please check that your locale settings:", "locale"),
        ("bash: warning: setlocale: LC_ALL: cannot change locale (en_US.UTF-8)", "locale"),
        ("stty: standard input: Inappropriate ioctl for device", "login shell"),
        ("tput: No value for $TERM and no -T specified", "login shell"), ("mesg: ttyname failed: not a tty",
        "login shell"),
        ("Welcome to Ubuntu 24.04 LTS", "login on the other host"), ("Last login: Mon Nov 30 from 10.0.0.1",
        "login on the other host"),
        ("*** Authorized access only ***\n", "ssh"),
        ("Warning: Permanently added 'db' (ED25519) to the list of known hosts.", "ssh"),
        ("+ mariadb-dump --single-transaction shop", "set -x"), ("Use of this system is monitored",
        "a program or a login"),
        ("mysqldump: [Warning] Using a password on the command line interface can be insecure.", "dump tool"),
        ("mbind: Operation not permitted", "dump tool"), ("Set up by cron", "a program or a login"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("pack", [bytes, packed])
def test_a_message_before_a_dump_is_told_by_who_says_it(message: str, who: str, pack: Callable[[bytes], bytes]) -> None:
    error = refusal(pack(f"{message}\n{DUMP}".encode()))
    assert isinstance(error, RestoreFailed)
    assert (error.code, who in error.what) == ("dump-behind-a-message", True), error
    assert "cut off what stands before it" in error.mend


@pytest.mark.parametrize(
    "message",
    ["<br />\n<b>Warning</b>:  Undefined variable $db in <b>/var/www/export.php</b> on line <b>12</b><br />\n",
     "PHP Warning:  Module \"curl\" is already loaded in Unknown on line 0\n"],
)  # fmt: skip
def test_a_warning_of_php_before_phpmyadmins_dump_is_told(message: str) -> None:
    error = refusal(f"{message}{PHPMYADMIN}".encode())
    assert (error.code, "PHP" in error.what, "display_errors" in error.mend) == ("dump-behind-a-message", True, True)


@pytest.mark.parametrize(
    "before",
    ["CREATE DATABASE IF NOT EXISTS shop;\nUSE shop;\n", "-- made by cron on db1\n",
     "-- /usr/bin/mysqldump: Deprecated program name.\n", "-- Warning: column statistics are not supported\n",
     "# made by cron\n\n",
     "/* nightly\n run */\n",
     "SET foreign_key_checks = 0;\n", "/*!40101 SET NAMES utf8 */;\n", "\ufeff", "\n\n", "use shop\n"],
)  # fmt: skip
@pytest.mark.parametrize("dump", [DUMP, PHPMYADMIN])
def test_what_belongs_before_a_dump_is_no_message(before: str, dump: str) -> None:
    assert recognise(io.BytesIO(f"{before}{dump}".encode())).format is Format.DUMP


def archive() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar:
        info = tarfile.TarInfo("a.txt")
        info.size = 1
        tar.addfile(info, io.BytesIO(b"a"))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("message", "stream", "of"),
    [
        (b"[00] 2026-11-29 10:00:00 Connecting to MariaDB server host: localhost\n[00] 2026-11-29 10:00:00 Using it\n",
         b"XBSTCK01\0P\0\0\0\0" + bytes(60), "physical backup"),
        (b"xtrabackup: [Warning] option --compress is deprecated\n", b"XBSTCK01\0P\0\0\0\0" + bytes(60),
        "physical backup"),
        (b'Defaulted container "db" out of: db, x\n', packed(DUMP.encode()), "stream"),
        (b"tar: Removing leading `/' from member names\n", archive(), "archive"),
    ],
)  # fmt: skip
def test_a_message_before_a_stream_is_told(message: bytes, stream: bytes, of: str) -> None:
    error = refusal(message + stream)
    assert (error.code, f"before the {of}" in error.what) == ("dump-behind-a-message", True), error
    assert recognise(io.BytesIO(stream)).format


@pytest.mark.parametrize(
    "message",
    [" [success] Database dump saved to /tmp/shop.sql\n", "Success: Exported to 'shop.sql'.\n",
     "mariadb-dump from 11.8.3-MariaDB, client 10.19 for debian-linux-gnu (x86_64)\n",
     "mysqldump  Ver 10.19 Distrib 10.11.19-MariaDB\n", "[00] 2026-11-29 10:00:00 Connecting to MariaDB server\n",
     "PHP Fatal error:  Allowed memory size exhausted\n"],
)  # fmt: skip
def test_what_a_tool_says_in_place_of_a_dump_is_told(message: str) -> None:
    error = refusal(message.encode())
    assert isinstance(error, RestoreFailed)
    assert error.code == "backup-is-an-error-message", error


_STATEMENTS = (
    "SET FOREIGN_KEY_CHECKS=0;\n-- a table\nCREATE TABLE `t` (`a` int);\nINSERT INTO `t` VALUES (1,'x;\n;y');\n"
)


@pytest.mark.parametrize(
    ("message", "who", "mend"),
    [
        ("-ne ", "option of echo", "printf"), ("-e ", "option of echo", "printf"), ("-n\n", "option of echo", "printf"),
        ("$ mysqldump shop\n", "terminal", "--result-file"),
        ("root@db:~# mysqldump shop\n", "terminal", "--result-file"),
        ("MariaDB [shop]> ", "terminal", "--result-file"), ("Enter password: ", "dump tool", "2>&1"),
        ("Enter password: \n", "dump tool", "2>&1"), ("Warning: Using a password is insecure.\n", "dump tool", "2>&1"),
        ("mysqldump: [Warning] Using a password.\n\n", "dump tool", "2>&1"),
        ("\ufeff\ufeff", "byte-order mark", "UTF-8"),
        ("\u00ef\u00bb\u00bf", "byte-order mark", "UTF-8"), ("Nightly, by cron\n", "a program or a login", "2>&1"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("pack", [bytes, packed])
def test_what_stands_before_statements_of_no_tools_header_is_told(
    message: str, who: str, mend: str, pack: Callable[[bytes], bytes]
) -> None:
    error = refusal(pack(f"{message}{_STATEMENTS}".encode()))
    assert (error.code, who in error.what, mend in error.mend) == ("dump-behind-a-message", True, True), error


def test_comments_behind_the_last_statement_are_of_the_dump() -> None:
    assert refusal(b"-ne CREATE TABLE t (a int);\n-- END\n").code == "dump-behind-a-message"


@pytest.mark.parametrize(
    "text",
    [
        "To make a table:\n\nCREATE TABLE t (a int);\n\nAnd then fill it.\n\nINSERT INTO t VALUES (1);\n",
        "#!/bin/sh\nmysql shop <<EOF\nCREATE TABLE t (a int);\nEOF\n", "Notes\nSET a = 1;\n",
        "<?php\n$q = 'x';\nCREATE TABLE t (a int);\n$db->query($q);\nINSERT INTO t VALUES (1);\n",
    ],
)  # fmt: skip
def test_a_text_with_sql_in_it_is_no_dump_with_something_before_it(text: str) -> None:
    assert refusal(text.encode()).code in {"not-a-backup", "format-unsupported"}
